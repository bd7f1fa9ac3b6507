import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderFrame } from "../../../src/model/diagnostics.ts";
import { parseProto } from "../../../src/model/proto.ts";
import { accepted } from "./accepted.ts";
import { rejected } from "./rejected.ts";

/**
 * protoc stops at the first file it rejects, so each is given to it alone: the
 * executable itself, for its wrapper takes ten times as long.
 */
const packaged = fileURLToPath(
  new URL("../../../node_modules/protoc", import.meta.url),
);
interface Asset {
  readonly arch: string;
  readonly platform: string;
  readonly executable: string;
}
const assets = JSON.parse(
  readFileSync(path.join(packaged, "assets.json"), "utf8"),
) as readonly Asset[];
const asset = assets.find(
  ({ arch, platform }) =>
    arch === process.arch && platform === process.platform,
);
if (asset === undefined) throw new Error("protoc does not run here");
const executable = path.join(packaged, "bin", asset.executable);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "portolan-rejected-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What protoc has against a file; empty if nothing. */
function protocErrors(text: string): string {
  writeFileSync(path.join(folder, "case.proto"), text);
  const { status, stderr } = spawnSync(executable, [
    `-I${folder}`,
    `-I${path.join(packaged, "include")}`,
    `--descriptor_set_out=${path.join(folder, "case.bin")}`,
    "case.proto",
  ]);
  return status === 0 ? "" : stderr.toString();
}

const read = (text: string) => parseProto(text, { path: "case.proto" });

describe("rejects what protoc rejects", () => {
  for (const code of new Set(rejected.map((one) => one.code))) {
    it(code, () => {
      for (const { text } of rejected.filter((one) => one.code === code)) {
        expect([text, protocErrors(text)]).not.toEqual([text, ""]);
        const { file, service, diagnostics } = read(text);
        const codes = diagnostics
          .filter(({ severity }) => severity === "error")
          .map((one) => one.code);
        expect([text, codes]).toEqual([
          text,
          expect.arrayContaining([code]) as unknown,
        ]);
        // Nothing beside the point.
        expect([text, [...new Set(codes)]]).toEqual([text, [code]]);
        expect([file, service]).toEqual([undefined, undefined]);
      }
    });
  }
});

describe("accepts what protoc accepts", () => {
  const cases = accepted.map(
    (text) => [text.slice(text.lastIndexOf("\n") + 1), text] as const,
  );
  it.each(cases)("%s", (_, text) => {
    expect(protocErrors(text)).toBe("");
    const { file, service, diagnostics, source } = read(text);
    const errors = diagnostics
      .filter(({ severity }) => severity === "error")
      .map((one) => renderFrame(one, source));
    expect(errors).toEqual([]);
    expect(file).toBeDefined();
    expect(service).toBeDefined();
  });
});
