import * as fc from "fast-check";
import { format } from "prettier";
import { expect, test } from "vitest";
import type { Field, Service, WireValue } from "../../../src/model/api.ts";
import { serviceOf } from "../../model/proto-envelope/support.ts";
import { hostileText, plainDocs } from "../markdown/arbitraries.ts";
import { checkDocument } from "./document.ts";
import {
  documentOf,
  libraryService,
  miniService,
  withDocs,
} from "./support.ts";

/** Raised by hand after a change of the parsers or printers. */
const RUNS = Number(process.env["PORTOLAN_FUZZ_RUNS"] ?? "4");

/** Each run reads a document of a hundred docs back. */
const LONG = 120_000;

/** One with an envelope, and one with services and extensions. */
const examples = [miniService(), libraryService()];
const small = serviceOf(`syntax = "proto2";
  message Values { optional string text = 1; optional bytes bytes = 2; }`);

test(
  "no docs break out of their place, and everything the model has is in the document",
  () => {
    // Every run has a hundred docs.
    const docs = fc.array(hostileText, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(docs, (texts) => {
        for (const example of examples) {
          const service = documented(example, texts);
          checkDocument(service, documentOf(service));
        }
      }),
      { numRuns: RUNS },
    );
  },
  LONG,
);

/** A service with these docs, over and over. */
function documented(service: Service, texts: readonly string[]): Service {
  let at = 0;
  return withDocs(service, () => texts[at++ % texts.length] ?? "");
}

function withDefault(field: Field | undefined, value: WireValue): Field {
  if (field?.wire === undefined) throw new Error("there is no such field");
  return { ...field, wire: { ...field.wire, default: value } };
}

test(
  "defaults break out of their place as little",
  () => {
    fc.assert(
      fc.property(hostileText, fc.uint8Array(), (text, bytes) => {
        const types = small.types.map((type) => {
          if (type.kind !== "struct") return type;
          const [first, second] = type.fields;
          const fields = [withDefault(first, text), withDefault(second, bytes)];
          return { ...type, fields };
        });
        const service = { ...small, types };
        checkDocument(service, documentOf(service));
      }),
      { numRuns: 10 * RUNS },
    );
  },
  LONG,
);

test(
  "a document with plain docs is laid out as Prettier would",
  async () => {
    const docs = fc.array(plainDocs, { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(docs, async (texts) => {
        for (const example of examples) {
          const text = documentOf(documented(example, texts));
          expect(await format(text, { parser: "markdown" })).toBe(text);
        }
      }),
      { numRuns: RUNS },
    );
  },
  LONG,
);
