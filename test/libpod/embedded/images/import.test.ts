import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  detailsOf,
  historyOf,
} from "../../../../src/libpod/engines/embedded/images/stored.ts";
import {
  configText,
  dockerFiles,
  hex,
  ociFiles,
  ociImage,
  sha,
  tar,
  type Files,
} from "./archives.ts";
import {
  expectRefused,
  folder,
  importBytes,
  importPath,
  now,
} from "./importing.ts";

describe("a root file system", () => {
  const files: Files = { "bin/sh": "#!", "etc/x.json": "{}", "m.txt": "" };

  it("becomes an image with one layer, as it is", async () => {
    const bytes = tar(files);
    for (const packed of [bytes, gzipSync(bytes)]) {
      const { isRoot, images } = await importBytes(packed, {
        message: "hello",
        changes: ["CMD=/bin/sh", "LABEL a=b"],
      });
      expect(isRoot).toBe(true);
      const [image] = images;
      expect(image?.layers).toEqual([
        { diffId: sha(bytes), size: bytes.length },
      ]);
      expect(image?.id).toBe(hex(image?.config ?? ""));
      expect(detailsOf(image as never)).toMatchObject({
        command: ["/bin/sh", "-c", "/bin/sh"],
        labels: { a: "b" },
        comment: "hello",
        createdAt: new Date(now),
        os: "linux",
      });
    }
  });

  it("may have more files than an image archive", async () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ name: `f${at}` }));
    const { isRoot } = await importBytes(tar(many), {}, { files: 10 });
    expect(isRoot).toBe(true);
    await expectRefused(
      tar([{ name: "manifest.json", data: "[]" }, ...many]),
      /at most 10 files/,
      { files: 10 },
    );
  });

  it("is refused with bad changes", async () => {
    await expect(
      importBytes(tar(files), { changes: ["RUN x"] }),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("what changes and messages make of an image in an archive", () => {
  it("is another image", async () => {
    const { images } = await importBytes(tar(dockerFiles()), {
      changes: ["CMD=[]"],
      message: "why",
    });
    const [image] = images;
    expect(image?.id).not.toBe(hex(configText()));
    expect(detailsOf(image as never)).toMatchObject({
      command: [],
      entrypoint: ["/bin/sh"],
      comment: "why",
    });
    expect(JSON.parse(image?.config ?? "")).toMatchObject({
      "some.vendor": { kept: true },
    });
    expect(historyOf(image as never)).toHaveLength(4);
  });
});

describe("a path", () => {
  it("without anything an image could be read from is refused", async () => {
    await mkdir(path.join(folder, "empty"));
    await symlink("/dev/zero", path.join(folder, "zero"));
    const cases: [string, RegExp][] = [
      ["gone.tar", /there is no such file/],
      ["empty", /there is no image in it/],
      // Endless, were it read.
      ["zero", /it is no file/],
    ];
    for (const [name, message] of cases) {
      const file = path.join(folder, name);
      await expect(importPath(file)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(message) as string,
      });
      await expect(importPath(file)).rejects.toThrow(file);
    }
  });

  it("to what is no archive, or cut off, is refused", async () => {
    const whole = tar(dockerFiles());
    const packed = gzipSync(whole);
    const cases: [Buffer, RegExp][] = [
      [Buffer.alloc(0), /it is empty/],
      [Buffer.from("hello"), /cut off/],
      [whole.subarray(0, -600), /cut off/],
      [packed.subarray(0, -20), /gzip data is damaged/],
      [
        Buffer.concat([packed.subarray(0, 200), Buffer.alloc(50, 1)]),
        /gzip data is damaged/,
      ],
      [gzipSync(whole.subarray(0, 2000)), /cut off/],
      [Buffer.from("fd377a585a0000", "hex"), /compressed with xz/],
      [Buffer.from("28b52ffd00", "hex"), /compressed with zstd/],
      [
        tar([{ name: "../../etc/passwd", data: "x" }]),
        /leads out of the archive/,
      ],
      [tar([{ name: "/etc/passwd", data: "x" }]), /leads out of the archive/],
    ];
    for (const [bytes, message] of cases) await expectRefused(bytes, message);
  });

  it("is not read beyond the limits", async () => {
    const bomb = gzipSync(tar({ zeros: Buffer.alloc(4_000_000) }));
    expect(bomb.length).toBeLessThan(10_000);
    await expectRefused(bomb, /more than 1000000 bytes/, {
      unpacked: 1_000_000,
    });
    const big = Buffer.alloc(4_000_000);
    const image = ociImage(configText({}, [big]), { of: [big] });
    await expectRefused(ociFiles(image), /more than 1000000 bytes/, {
      unpacked: 1_000_000,
    });
    await expectRefused(dockerFiles(), /of at most 100/, { document: 100 });
    await expectRefused(dockerFiles(), /too many of them/, { documents: 500 });
  });

  it("is not read for each of very many images anew", async () => {
    const files = dockerFiles();
    const [entry] = JSON.parse(String(files["manifest.json"])) as unknown[];
    const manifest = JSON.stringify(Array<unknown>(1000).fill(entry));
    await expectRefused(
      { ...files, "manifest.json": manifest },
      /the documents of all images have more than/,
      { documents: manifest.length + 100_000 },
    );
  });

  it("with names that are more than a document's worth is refused", async () => {
    const files = Array.from({ length: 50 }, (_, index) => ({
      name: `${index}/${"n".repeat(200_000)}`,
    }));
    const bytes = tar(files);
    await expectRefused(bytes, /names of its files/, { documents: 1_000_000 });
  });

  it("to documents that are nested without end is refused", async () => {
    const depth = 200_000;
    const nested = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const config = configText().replace("{", `{"deep":${nested},`);
    await expectRefused(dockerFiles(config), /more than 100 deep/);
  });

  it("is let go of when the signal is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const reading = importBytes(tar({ a: Buffer.alloc(1_000_000) }), {
      signal: controller.signal,
    });
    controller.abort(reason);
    await expect(reading).rejects.toThrow("enough");
  });
});
