import { parseVarlink } from "../../../src/model/varlink.ts";

/** Members of the model that tell of documentation, or where something stands. */
const asides = new Set(["docs", "span", "forms", "deprecated"]);

/** What an interface declares, by our parser: all but documentation. */
export function declarations(text: string): unknown {
  const { service, diagnostics } = parseVarlink(text, { path: "peer.varlink" });
  if (service === undefined)
    throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return JSON.parse(
    JSON.stringify(service.members, (key, value: unknown) =>
      asides.has(key) ? undefined : value,
    ),
  );
}
