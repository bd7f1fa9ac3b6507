import type { Info } from "../contract.ts";

/** What Go's certification service says of itself: all servers that are compared say the same. */
export const info: Info = {
  vendor: "Varlink",
  product: "Certification",
  version: "1",
  url: "https://github.com/varlink/go",
  interfaces: ["org.varlink.service", "org.varlink.certification"],
};
