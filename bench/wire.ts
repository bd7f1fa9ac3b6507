// Fixtures as bytes: written by protoc, which is nobody's contender.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import path from "node:path";
import type { Fixture, MessageData, Value } from "./fixtures.ts";

const executable = createRequire(import.meta.url).resolve("protoc/protoc.cjs");

/** The interface whose messages are measured. */
export const interfaceFile: string = fileURLToPath(
  new URL("../interfaces/porto.proto", import.meta.url),
);

/** A fixture's bytes as protoc writes them: fields by number. */
export function wireBytes({ type, data }: Fixture): Uint8Array {
  return protoc(`--encode=${type}`, Buffer.from(textFormat(data)));
}

/** The same message as protoc writes it, whoever wrote it. */
export function canonicalBytes(type: string, bytes: Uint8Array): Uint8Array {
  return protoc(`--encode=${type}`, protoc(`--decode=${type}`, bytes));
}

function protoc(mode: string, input: Uint8Array): Uint8Array {
  const result = spawnSync(
    process.execPath,
    [
      executable,
      `-I${path.dirname(interfaceFile)}`,
      mode,
      path.basename(interfaceFile),
    ],
    { input, maxBuffer: 1 << 26 },
  );
  if (result.status !== 0)
    throw new Error(`protoc ${mode}: ${result.stderr.toString()}`);
  return result.stdout;
}

/** A message in protobuf's text format. */
export function textFormat(data: MessageData): string {
  const lines: string[] = [];
  for (const [name, field] of Object.entries(data)) {
    const values = Array.isArray(field) ? (field as Value[]) : [field as Value];
    for (const value of values) lines.push(`${name}${textValue(value)}`);
  }
  return lines.join("\n");
}

function textValue(value: Value): string {
  if (typeof value === "object") return ` {\n${textFormat(value)}\n}`;
  // What JSON escapes, the text format escapes alike, but for lone surrogates.
  return `: ${typeof value === "string" ? JSON.stringify(value) : value}`;
}
