import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { emitMarkdown } from "../../../src/emit/markdown/emit.ts";
import type { Service } from "../../../src/model/api.ts";
import { parseVarlink } from "../../../src/model/varlink.ts";
import {
  corpus,
  describeCorpus,
  hasCorpus,
  seed,
} from "../../support/corpus.ts";
import { hostileText } from "./arbitraries.ts";
import { checkDocument, signatureOf } from "./document.ts";

const ours = filesBelow(
  fileURLToPath(new URL("../../../interfaces/", import.meta.url)),
);
const real = hasCorpus ? [...filesBelow(seed()), ...filesBelow(corpus())] : [];

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".varlink"))
    .map((file) => path.join(folder, file))
    .toSorted();
}

/** The service of a file; undefined where the file is one that has to be refused. */
function readService(file: string): Service | undefined {
  return parseVarlink(readFileSync(file, "utf8"), { path: path.basename(file) })
    .service;
}

async function checkFile(file: string): Promise<void> {
  const service = readService(file);
  if (service === undefined) return;
  const { text } = emitMarkdown(service, { path: "API.md" });
  checkDocument(service, text);
  // The document was compared with the model; so the model is compared with the file.
  const source = readFileSync(file, "utf8").replaceAll(/#.*|\s+/g, "");
  for (const member of service.members) {
    expect(source).toContain(
      member.name + signatureOf(member, service).replaceAll(" ", ""),
    );
  }
  expect(await format(text, { parser: "markdown" })).toBe(text);
}

describe("our own interfaces", () => {
  test.each(ours.map((file) => [path.basename(file), file]))(
    "%s",
    async (_, file) => {
      expect(readService(file)).toBeDefined();
      await checkFile(file);
    },
  );
});

describeCorpus("real interfaces", () => {
  test("are there and can be read", () => {
    expect(
      real.filter((file) => readService(file) !== undefined).length,
    ).toBeGreaterThan(40);
  });

  test.each(
    real.map((file) => [path.relative(path.join(corpus(), ".."), file), file]),
  )("%s", async (_, file) => {
    await checkFile(file);
  });

  test("keep their place when their docs are damaged", () => {
    const services = real
      .map(readService)
      .filter((service) => service !== undefined)
      .filter(({ members }) => members.length > 0 && members.length < 60);
    const damage = fc.record({
      at: fc.nat(),
      cut: fc.nat(40),
      insert: hostileText,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...services),
        fc.array(damage, { maxLength: 4 }),
        (whole, marks) => {
          let at = 0;
          const broken = (docs: string): string => {
            const mark = marks[at % Math.max(1, marks.length)];
            at += 1;
            if (mark === undefined) return docs;
            const start = mark.at % (docs.length + 1);
            return (
              docs.slice(0, start) + mark.insert + docs.slice(start + mark.cut)
            );
          };
          const members = whole.members.map((member) => ({
            ...member,
            docs: broken(member.docs),
          }));
          const service = { ...whole, docs: broken(whole.docs), members };
          checkDocument(
            service,
            emitMarkdown(service, { path: "API.md" }).text,
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
