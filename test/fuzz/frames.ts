import { readdirSync } from "node:fs";
import { corpus, hasCorpus } from "../support/corpus.ts";
import { readTranscript, type RecordedCall } from "../support/transcript.ts";
import { type Dictionary, dictionary } from "./mutate.ts";

/** What breaks JSON, and what is right but strange. */
export const jsonWords: Dictionary = dictionary(
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  '"',
  " ",
  "\n",
  "null",
  "true",
  "false",
  "{}",
  "[]",
  "[[",
  '{"a":',
  "0",
  "-",
  "-0",
  "1e999",
  "1E-7",
  "0.1",
  "9007199254740993",
  "18446744073709551615",
  "-9223372036854775808",
  "18446744073709551616",
  "99999999999999999999999",
  '"9007199254740993"',
  "9007199254740993.0",
  "NaN",
  "\\u0000",
  "\\ud800",
  "\\udfff",
  "\\",
  "\\u",
  "é",
  "\u{1f389}",
  '"__proto__":',
  '"__proto__":{"polluted":true},',
  '"constructor":{"prototype":{"polluted":true}},',
  '"toString":1,',
  '"hasOwnProperty":null,',
  '"then":{},',
  '"toJSON":"x",',
);

/** What the header of a call may have. */
export const callWords: Dictionary = [
  ...jsonWords,
  ...dictionary(
    '"more":true,',
    '"more":1,',
    '"oneway":true,',
    '"oneway":"true",',
    '"upgrade":true,',
    '"upgrade":[],',
    '"more":null,',
    '"parameters":null,',
    '"parameters":[],',
    '"parameters":{},',
    '"method":null,',
    '"unknown":0,',
    '"com.example.extra":{"a":[1]},',
    '"\\u006dore":true,',
    "org.example.fuzz.",
    "__proto__",
    "constructor",
  ),
];

/** What the header of a reply may have. */
export const replyWords: Dictionary = [
  ...jsonWords,
  ...dictionary(
    '"continues":true,',
    '"continues":false,',
    '"continues":0,',
    '"parameters":null,',
    '"parameters":[],',
    '"error":"org.example.fuzz.Broken",',
    '"error":"org.varlink.service.MethodNotFound",',
    '"error":"",',
    '"error":"__proto__",',
    '"error":null,',
    '{"continues":true}\0',
    "{}\0",
  ),
];

/** Members that reach a prototype where what was read is copied without care. */
export const reaching: object = JSON.parse(
  '{"__proto__":{"polluted":true,"toString":1},"constructor":{"prototype":{"polluted":true}},"toString":1}',
) as object;

/** A message as bytes. */
export function framed(message: object): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\0`);
}

/** Recorded messages longer than this would leave no time for others. */
const MAX_RECORDED = 3000;

/** What programs sent to Podman, where the corpus is at hand. */
export function recordedCalls(): Buffer[] {
  return recorded(({ sent }) => [sent]);
}

/** What Podman sent back. */
export function recordedReplies(): Buffer[] {
  return recorded(({ chunks }) => [Buffer.concat(chunks)]);
}

function recorded(of: (call: RecordedCall) => readonly Buffer[]): Buffer[] {
  if (!hasCorpus) return [];
  const names = readdirSync(corpus("podman", "transcripts")).filter((name) =>
    name.endsWith(".jsonl"),
  );
  const messages = names
    .sort()
    .flatMap((name) => readTranscript(name).flatMap(of))
    .filter(({ length }) => length > 0 && length <= MAX_RECORDED);
  // Many are the same but for an id.
  const byStart = new Map(
    messages.map((message) => [
      `${message.length}${message.toString("latin1", 0, 60)}`,
      message,
    ]),
  );
  return [...byStart.values()];
}
