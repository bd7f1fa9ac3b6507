import * as v from "valibot";
import { suggestion } from "../model/proto/envelope/problem.ts";
import { isObject } from "./object.ts";
import type {
  Config,
  DocsConfig,
  DocumentConfig,
  InterfaceConfig,
} from "./types.ts";

/**
 * Schemas whose messages are in our words; a message says what is allowed, and
 * `problems.ts` puts what was found before it.
 */

const text = v.string("must be a text");
const path = v.pipe(text, v.nonEmpty("must not be empty"));
const truth = v.boolean("must be true or false");

function oneOf<const T extends string>(
  ...words: readonly T[]
): v.GenericSchema<unknown, T> {
  const quoted = words.map((word) => JSON.stringify(word));
  const last = quoted.pop() ?? "";
  return v.picklist(words, ({ input }) => {
    const hint = typeof input === "string" ? suggestion(input, words) : "";
    return `must be ${quoted.join(", ")} or ${last}${hint}`;
  });
}

function listOf<T>(
  entry: v.GenericSchema<unknown, T>,
): v.GenericSchema<unknown, T[]> {
  return v.array(entry, "must be a list");
}

/** Keys that Valibot leaves out of records without a word. */
const DROPPED = ["__proto__", "constructor", "prototype"] as const;

function recordOf<T>(
  entry: v.GenericSchema<unknown, T>,
): v.GenericSchema<unknown, Record<string, T>> {
  const object = v.custom<object>(isObject, "must be an object");
  const named = v.check(
    (input: object) => !DROPPED.some((key) => Object.hasOwn(input, key)),
    `must not have any of ${DROPPED.join(", ")}`,
  );
  return v.pipe(object, named, v.record(v.string(), entry));
}

function objectOf<T extends v.ObjectEntries>(
  entries: T,
): v.GenericSchema<unknown, v.InferOutput<v.StrictObjectSchema<T, undefined>>> {
  const object = v.custom<object>(isObject, "must be an object");
  const strict = v.strictObject(entries, (issue) => {
    if (issue.expected !== "never") return "is missing";
    const key = String(issue.path?.at(-1)?.key);
    return `is no option${suggestion(key, Object.keys(entries))}`;
  });
  return v.pipe(object, strict);
}

const form = oneOf("unknown", "supported", "required");

const docsEntries = {
  sections: v.exactOptional(oneOf("file", "sorted")),
  diagrams: v.exactOptional(truth),
  frontMatter: v.exactOptional(recordOf(text)),
} as const;

const docs: v.GenericSchema<unknown, DocsConfig> = objectOf(docsEntries);

const fileEntries = {
  inputs: v.exactOptional(oneOf("exact", "partial")),
  int64: v.exactOptional(oneOf("bigint", "number", "string")),
  client: v.exactOptional(truth),
  server: v.exactOptional(truth),
  // Not a union: problems of the object are to be told one by one.
  docs: v.exactOptional(
    v.lazy((input): v.GenericSchema<unknown, boolean | DocsConfig> =>
      isObject(input) ? docs : booleanOrObject,
    ),
  ),
} as const;

const booleanOrObject = v.custom<boolean>(
  (input) => typeof input === "boolean",
  "must be true, false or an object",
);

const oneInterface: v.GenericSchema<unknown, InterfaceConfig> = objectOf({
  file: path,
  ...fileEntries,
  name: v.exactOptional(
    v.pipe(
      text,
      v.regex(
        /^[A-Za-z][A-Za-z0-9]*$/,
        "must be letters and digits, a letter first",
      ),
    ),
  ),
  envelope: v.exactOptional(path),
  forms: v.exactOptional(
    recordOf(
      objectOf({
        more: v.exactOptional(form),
        upgrade: v.exactOptional(form),
      }),
    ),
  ),
});

const oneDocument: v.GenericSchema<unknown, DocumentConfig> = objectOf({
  output: path,
  interfaces: v.exactOptional(
    v.pipe(listOf(path), v.nonEmpty("must not be empty")),
  ),
  style: v.exactOptional(oneOf("default", "podman")),
  index: v.exactOptional(path),
  ...docsEntries,
});

/** What a configuration may say; types are those of {@link Config}. */
export const configSchema: v.GenericSchema<unknown, Config> = objectOf({
  output: v.exactOptional(path),
  interfaces: v.exactOptional(
    listOf(
      v.lazy((input): v.GenericSchema<unknown, string | InterfaceConfig> =>
        isObject(input) ? oneInterface : pathOrObject,
      ),
    ),
  ),
  protoPath: v.exactOptional(listOf(path)),
  ...fileEntries,
  importExtension: v.exactOptional(oneOf(".js", ".ts")),
  templates: v.exactOptional(path),
  documents: v.exactOptional(listOf(oneDocument)),
});

const pathOrObject = v.custom<string>(
  (input) => typeof input === "string" && input !== "",
  "must be a path, a pattern or an object",
);
