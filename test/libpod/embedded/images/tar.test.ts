import fc from "fast-check";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../../../src/libpod/engines/embedded/images/limits.ts";
import {
  tarArchive,
  writeArchive,
  type TarFile,
} from "../../../../src/libpod/engines/embedded/images/tar.ts";
import { readTar } from "../../../../src/libpod/engines/embedded/images/untar.ts";

interface Read {
  readonly name: string;
  readonly type: string;
  readonly linkName: string;
  readonly data: string;
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size)
    yield bytes.subarray(at, at + size);
}

async function read(
  bytes: Buffer,
  size = 10_000,
  limits = defaultLimits,
): Promise<readonly Read[]> {
  const found: Read[] = [];
  for await (const entry of readTar(inPieces(bytes, size), "x.tar", limits)) {
    const pieces: Buffer[] = [];
    for await (const piece of entry.body) pieces.push(piece);
    const data = Buffer.concat(pieces).toString("latin1");
    expect(data).toHaveLength(entry.size);
    const { name, type, linkName } = entry;
    found.push({ name, type, linkName, data });
  }
  return found;
}

function tar(files: Iterable<TarFile>): Buffer {
  return Buffer.concat([...tarArchive(files)]);
}

/** A header block with some of its bytes replaced, its checksum right again. */
function withHeader(
  archive: Buffer,
  changes: Readonly<Record<number, string>>,
): Buffer {
  const changed = Buffer.from(archive);
  for (const [at, text] of Object.entries(changes))
    changed.write(text, Number(at), "latin1");
  changed.write("        ", 148, "latin1");
  const sum = changed.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return changed;
}

const segment = fc
  .string({ minLength: 1, maxLength: 60, unit: "grapheme" })
  .map((text) => text.replaceAll(/[/\0]/g, "_"))
  .filter((text) => text !== "." && text !== "..");
const name = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join("/"));
const file: fc.Arbitrary<TarFile> = fc.oneof(
  fc.record({
    name,
    data: fc.uint8Array({ maxLength: 1300 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    time: fc.integer({ min: -1e14, max: 1e14 }),
  }),
  fc.record({ name, type: fc.constant("directory" as const) }),
  fc.record({ name, type: fc.constant("symlink" as const), linkName: name }),
);

describe("a tar archive", () => {
  it("is read as it was written, however it is cut into pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 6 }),
        fc.integer({ min: 1, max: 2000 }),
        async (files, size) => {
          const found = await read(tar(files), size);
          expect(found).toEqual(
            files.map(
              ({ name: own, type = "file", data = "", linkName = "" }) => ({
                name: own,
                type,
                linkName,
                data: Buffer.from(data).toString("latin1"),
              }),
            ),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it("has blocks of 512 bytes and two empty ones at its end", () => {
    const bytes = tar([{ name: "a", data: "x".repeat(513) }]);
    expect(bytes).toHaveLength(512 + 1024 + 1024);
    expect(bytes.subarray(-1024).every((byte) => byte === 0)).toBe(true);
    expect(bytes.toString("latin1", 257, 265)).toBe("ustar\u000000");
    expect(bytes.toString("latin1", 124, 136)).toBe("00000001001\0");
  });

  it("refuses names that no file can have", () => {
    expect(() => tar([{ name: "" }])).toThrow("cannot be a name");
    expect(() => tar([{ name: "a\0b" }])).toThrow("cannot be a name");
  });

  it("cleans names and skips what was not read", async () => {
    const bytes = tar([
      { name: "./", type: "directory" },
      { name: "./a//b/./c", data: "1".repeat(600) },
      { name: "d", data: "2" },
    ]);
    const names: string[] = [];
    for await (const entry of readTar(inPieces(bytes, 100), "x", defaultLimits))
      names.push(entry.name);
    expect(names).toEqual([".", "a/b/c", "d"]);
  });

  it("may be cut off nowhere", async () => {
    const bytes = tar([{ name: "a", data: "x".repeat(700) }, { name: "b" }]);
    for (let length = 0; length < bytes.length; length += 64) {
      await expect(read(bytes.subarray(0, length))).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(
          length === 0
            ? /^x\.tar: it is empty$/
            : /^x\.tar: it is cut off at byte/,
        ) as string,
      });
    }
  });

  it("may have anything behind its end", async () => {
    const bytes = Buffer.concat([tar([{ name: "a" }]), Buffer.from("junk")]);
    expect(await read(bytes)).toHaveLength(1);
  });

  it("of other kinds is refused with a reason", async () => {
    const one = tar([{ name: "a", data: "x" }]);
    const cases: [Buffer, RegExp][] = [
      [Buffer.alloc(2048, "text "), /it is no tar archive/],
      [Buffer.from("PK\u0003\u0004".padEnd(600, "z")), /it is no tar archive/],
      [Buffer.concat([one.subarray(0, 1024), Buffer.alloc(512, 7)]), /damaged/],
      [
        Buffer.concat([one.subarray(0, 1024), Buffer.alloc(512), one]),
        /empty block in the midst/,
      ],
      [withHeader(one, { 124: "9999999999z" }), /size that is no number/],
      [withHeader(one, { 124: "\xff".repeat(12) }), /size that is no number/],
      [withHeader(one, { 124: "77777777777\0" }), /cut off/],
      [withHeader(one, { 0: "../../etc/passwd\0" }), /leads out/],
      [withHeader(one, { 0: "/etc/passwd\0" }), /leads out/],
      [withHeader(one, { 0: "a/../../b\0" }), /leads out/],
      [
        withHeader(one, { 156: "x", 124: "77777777777\0" }),
        /header of \d+ bytes/,
      ],
      [
        withHeader(one, { 156: "L", 124: "77777777777\0" }),
        /header of \d+ bytes/,
      ],
      [withHeader(one, { 156: "x" }), /pax header is damaged/],
    ];
    for (const [bytes, message] of cases) {
      await expect(read(bytes)).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(message) as string,
      });
    }
  });

  /** A pax or GNU header that comes before another one. */
  function extended(type: string, content: string, next: Buffer): Buffer {
    const before = withHeader(tar([{ name: "h", data: content }]), {
      156: type,
    });
    return Buffer.concat([before.subarray(0, -1024), next]);
  }

  function pax(...records: readonly (readonly [string, string])[]): string {
    return records
      .map(([key, value]) => {
        const rest = ` ${key}=${value}\n`;
        let length = rest.length;
        while (`${length}${rest}`.length !== length) length += 1;
        return `${length}${rest}`;
      })
      .join("");
  }

  it("is read with what pax and GNU add", async () => {
    const one = tar([{ name: "a", data: "xyz" }]);
    const long = "n/".repeat(200);
    const cases: [Buffer, Partial<Read>][] = [
      [extended("L", `${long}f\0`, one), { name: `${long}f` }],
      [extended("K", `${long}t\0`, one), { linkName: `${long}t` }],
      [
        extended("x", pax(["path", "p"], ["comment", "=\n"]), one),
        { name: "p" },
      ],
      [extended("x", pax(["size", "2"]), one), { data: "xy" }],
      [extended("g", pax(["path", "p"]), one), { name: "p" }],
      [
        extended(
          "g",
          pax(["path", "p"]),
          extended("x", pax(["path", "q"]), one),
        ),
        { name: "q" },
      ],
      [
        extended(
          "x",
          pax(["GNU.sparse.name", "s"], ["GNU.sparse.major", "1"]),
          one,
        ),
        { name: "s", type: "other" },
      ],
      [
        withHeader(one, { 124: "\x80\0\0\0\0\0\0\0\0\0\0\x03" }),
        { data: "xyz" },
      ],
      [withHeader(one, { 124: "  3 \0\0" }), { data: "xyz" }],
      [withHeader(one, { 156: "\0" }), { type: "file" }],
      [withHeader(one, { 156: "7" }), { type: "file" }],
      [withHeader(one, { 345: "some/where\0" }), { name: "some/where/a" }],
      // GNU's magic: no prefix there, but times.
      [withHeader(one, { 257: "ustar  \0", 345: "12345670\0" }), { name: "a" }],
    ];
    for (const [bytes, expected] of cases) {
      expect(await read(bytes)).toMatchObject([expected]);
    }
  });

  it("gives links and devices no content, whatever size they say", async () => {
    const header = tar([{ name: "a", data: "" }]).subarray(0, 512);
    const rest = tar([{ name: "b" }]);
    for (const type of "123456") {
      const bytes = Buffer.concat([
        withHeader(header, { 156: type, 124: "00000001000\0" }),
        rest,
      ]);
      expect(await read(bytes)).toMatchObject([
        { name: "a", data: "" },
        { name: "b" },
      ]);
    }
  });

  it("skips the maps of GNU's sparse files", async () => {
    const one = tar([{ name: "a", data: "xyz" }]);
    const header = withHeader(one.subarray(0, 512), { 156: "S", 482: "\x01" });
    const map = Buffer.alloc(1024, 1);
    map[504] = 1;
    map[512 + 504] = 0;
    const bytes = Buffer.concat([header, map, one.subarray(512)]);
    expect(await read(bytes)).toMatchObject([{ type: "other", data: "xyz" }]);
  });

  it("is never read into a crash or a hang", async () => {
    const valid = tar([
      { name: "a".repeat(150), data: "x".repeat(600) },
      { name: "b", type: "symlink", linkName: "c" },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), {
          minLength: 1,
          maxLength: 8,
        }),
        async (changes) => {
          const bytes = Buffer.from(valid);
          for (const [at, byte] of changes) bytes[at] = byte;
          const result = await read(bytes).then(
            () => "read",
            (error: { code?: string }) => error.code,
          );
          expect(["read", "INVALID_ARGUMENT"]).toContain(result);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("writeArchive", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "portolan-tar-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("replaces a file as a whole, through links, and leaves nothing else", async () => {
    const target = path.join(folder, "x.tar");
    await writeFile(target, "before");
    await symlink(target, path.join(folder, "link"));
    await writeArchive(path.join(folder, "link"), [{ name: "a", data: "b" }]);
    expect(await readFile(target)).toEqual(tar([{ name: "a", data: "b" }]));
    expect((await readdir(folder)).sort()).toEqual(["link", "x.tar"]);
  });

  it("leaves what was there if it fails", async () => {
    const target = path.join(folder, "kept.tar");
    await writeFile(target, "before");
    await expect(writeArchive(target, [{ name: "" }])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(await readFile(target, "utf8")).toBe("before");
    expect(
      (await readdir(folder)).filter((each) => each.endsWith("tmp")),
    ).toEqual([]);
  });

  it("does not take the place of what is no file, nor go where nothing is", async () => {
    const there = path.join(folder, "folder");
    await mkdir(there);
    await expect(writeArchive(there, [])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    await expect(writeArchive("/dev/null", [])).rejects.toThrow("no file");
    await expect(
      writeArchive(path.join(folder, "no", "where.tar"), []),
    ).rejects.toMatchObject({ code: "ENGINE_ERROR" });
  });
});
