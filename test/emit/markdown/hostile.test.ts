import * as fc from "fast-check";
import { format } from "prettier";
import { expect, test } from "vitest";
import { emitMarkdown } from "../../../src/emit/markdown/emit.ts";
import {
  hostileText,
  membersWith,
  plainDocs,
  richDocs,
} from "./arbitraries.ts";
import { checkDocument } from "./document.ts";
import { serviceOf } from "./support.ts";

/** Raised by hand after a change of the parsers or printers. */
const RUNS = Number(process.env["PORTOLAN_FUZZ_RUNS"] ?? "80");

test("no docs break out of their place, and everything the model has is in the document", () => {
  fc.assert(
    fc.property(
      membersWith(hostileText),
      hostileText,
      fc.boolean(),
      (specs, docs, isSorted) => {
        const service = serviceOf(specs, { docs });
        const sections = isSorted ? "sorted" : "file";
        const { text } = emitMarkdown(service, { path: "API.md", sections });
        const members = isSorted
          ? service.members.toSorted((a, b) => (a.name < b.name ? -1 : 1))
          : service.members;
        checkDocument({ ...service, members }, text);
      },
    ),
    { numRuns: RUNS },
  );
});

test.each([
  ["plain docs", plainDocs, RUNS],
  ["docs that have lists and code", richDocs, Math.ceil(RUNS / 2)],
])(
  "a document with %s is laid out as Prettier would",
  async (_, docs, numRuns) => {
    await fc.assert(
      fc.asyncProperty(membersWith(docs), docs, async (members, own) => {
        const service = serviceOf(members, { docs: own });
        const { text } = emitMarkdown(service, { path: "API.md" });
        expect(await format(text, { parser: "markdown" })).toBe(text);
      }),
      { numRuns },
    );
  },
);
