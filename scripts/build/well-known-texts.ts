import { fileURLToPath } from "node:url";
import { wellKnownTexts } from "../../src/model/proto/well-known-texts.ts";

const source = fileURLToPath(
  new URL("../../src/model/proto/well-known-texts.ts", import.meta.url),
);

/** The module that stands in for `src/model/proto/well-known-texts.ts` in a build. */
export function inlinedWellKnownTexts(): string {
  return `const texts = new Map(${JSON.stringify([...wellKnownTexts()], null, 2)});
export function wellKnownTexts() {
  return texts;
}
`;
}

/** Puts the texts of the files that come with Protocol Buffers in the place of the module that reads them. */
export function wellKnownPlugin(): {
  readonly name: string;
  load(id: string): { code: string; moduleType: "js" } | undefined;
} {
  return {
    name: "portolan:well-known-texts",
    load(id) {
      return id === source
        ? { code: inlinedWellKnownTexts(), moduleType: "js" }
        : undefined;
    },
  };
}
