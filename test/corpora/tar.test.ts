import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { filesOfTarball } from "../../scripts/corpora/tar.ts";

interface Entry {
  readonly name: string;
  readonly content?: string;
  readonly type?: string;
  readonly prefix?: string;
}

/** An archive in the POSIX format, as far as it is read. */
function tarball(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(
    ({ name, content = "", type = "0", prefix = "" }) => {
      const bytes = Buffer.from(content);
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write(`${bytes.length.toString(8).padStart(11, "0")} `, 124);
      header.write(type, 156);
      header.write(prefix, 345);
      const rest = Buffer.alloc((512 - (bytes.length % 512)) % 512);
      return [header, bytes, rest];
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function read(archive: Buffer): readonly (readonly [string, string])[] {
  return Array.from(filesOfTarball(gzipSync(archive)), (file) => [
    file.path,
    Buffer.from(file.content).toString(),
  ]);
}

describe("the reader of tarballs", () => {
  it("gives files without the folder that npm packs them in", () => {
    expect(
      read(
        tarball([
          { name: "package/", type: "5" },
          { name: "package/a.proto", content: "one" },
          { name: "b/c.proto", prefix: "package", content: "x".repeat(512) },
          { name: "package/empty.proto" },
          { name: "package/link", type: "2" },
        ]),
      ),
    ).toEqual([
      ["a.proto", "one"],
      ["b/c.proto", "x".repeat(512)],
      ["empty.proto", ""],
    ]);
  });

  it("takes long names from the header before a file, for that file alone", () => {
    const long = `package/${"deep/".repeat(40)}a.proto`;
    const record = ` path=${long}\n`;
    expect(
      read(
        tarball([
          {
            name: "PaxHeader/a",
            type: "x",
            content: `13 mtime=123\n${record.length + 3}${record}`,
          },
          { name: "package/cut", content: "one" },
          { name: "package/b.proto", content: "two" },
        ]),
      ),
    ).toEqual([
      [long.slice("package/".length), "one"],
      ["b.proto", "two"],
    ]);
  });

  it("refuses names that leave their folder", () => {
    for (const name of [
      "package/../../a.proto",
      "package/./a.proto",
      "package//etc/a.proto",
      "package\\..\\a.proto",
      "a.proto",
    ])
      expect(() => read(tarball([{ name }])), name).toThrow("unsafe name");
  });

  it("refuses an archive that ends within a file", () => {
    const whole = tarball([{ name: "package/a", content: "x".repeat(600) }]);
    expect(() => read(whole.subarray(0, 1024))).toThrow("ends within a file");
  });
});
