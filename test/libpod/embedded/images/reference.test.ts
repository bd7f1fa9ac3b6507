import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findImage } from "../../../../src/libpod/engines/embedded/images/lookup.ts";
import {
  localName,
  parseReference,
  remoteName,
} from "../../../../src/libpod/engines/embedded/images/reference.ts";
import type { StoredImage } from "../../../../src/libpod/engines/embedded/images/stored.ts";

const digest = `sha256:${"d".repeat(64)}`;

describe("an image reference", () => {
  it("has a registry where its first part looks like one", () => {
    const cases: [string, string, string][] = [
      [
        "busybox",
        "docker.io/library/busybox:latest",
        "localhost/busybox:latest",
      ],
      ["a/b:1", "docker.io/a/b:1", "localhost/a/b:1"],
      [
        "docker.io/busybox",
        "docker.io/library/busybox:latest",
        "docker.io/library/busybox:latest",
      ],
      ["index.docker.io/a/b", "docker.io/a/b:latest", "docker.io/a/b:latest"],
      [
        "localhost/busybox:test",
        "localhost/busybox:test",
        "localhost/busybox:test",
      ],
      [
        "localhost:5000/x",
        "localhost:5000/x:latest",
        "localhost:5000/x:latest",
      ],
      [
        "quay.io/a/b/c:v1.2_3-x",
        "quay.io/a/b/c:v1.2_3-x",
        "quay.io/a/b/c:v1.2_3-x",
      ],
      ["[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest"],
      [
        "a__b/c-d.e",
        "docker.io/a__b/c-d.e:latest",
        "localhost/a__b/c-d.e:latest",
      ],
    ];
    for (const [text, remote, local] of cases) {
      const reference = parseReference(text);
      expect([remoteName(reference), localName(reference)]).toEqual([
        remote,
        local,
      ]);
    }
    expect(parseReference(`quay.io/x:1@${digest}`)).toEqual({
      registry: "quay.io",
      path: "x",
      tag: "1",
      digest,
    });
  });

  it("is refused where no registry would take it", () => {
    const long = "a".repeat(300);
    for (const text of [
      "",
      ":",
      ":x",
      "x:",
      "/x",
      "x/",
      "a//b",
      "A",
      "a/B",
      "x y",
      "x:y z",
      "-x",
      "x_",
      "a...b",
      "../x",
      "x@",
      "x@sha256:12",
      "x@y@z",
      "x:a:b",
      long,
      `x:${"t".repeat(129)}`,
      "bad..host/x",
      "-a.b/x",
      "x\0",
      "x\n",
      "é",
      "f".repeat(64),
    ])
      expect(() => parseReference(text), JSON.stringify(text)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }) as Error,
      );
  });

  it("keeps its full name when that is read again", () => {
    const part = fc
      .stringMatching(/^[a-z0-9]+(?:[._-][a-z0-9]+)?$/)
      .filter((text) => text.length < 30);
    fc.assert(
      fc.property(
        fc.option(
          fc.constantFrom("quay.io", "localhost", "r:5000", "docker.io"),
        ),
        fc.array(part, { minLength: 1, maxLength: 3 }),
        fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
        (registry, parts, tag) => {
          const rest = `${parts.join("/")}${tag === null ? "" : `:${tag}`}`;
          const text = registry === null ? rest : `${registry}/${rest}`;
          for (const full of [remoteName, localName]) {
            const name = full(parseReference(text));
            expect(remoteName(parseReference(name))).toBe(name);
            expect(localName(parseReference(name))).toBe(name);
            expect(name.endsWith(`:${tag ?? "latest"}`)).toBe(true);
          }
        },
      ),
    );
  });

  it("is refused fast, however long", () => {
    const start = "a-".repeat(100_000);
    for (const text of [
      start,
      `${start}:x`,
      `${start}/x`,
      "a.".repeat(100_000),
    ])
      expect(() => parseReference(text)).toThrow("too long");
  });
});

function image(hex: string, ...names: readonly string[]): StoredImage {
  return {
    id: hex.padEnd(64, "0"),
    names,
    config: "{}",
    format: "oci",
    digest: `sha256:${hex.padEnd(64, "e")}`,
    layers: [],
  };
}

describe("finding an image", () => {
  const hub = image(
    "aa1",
    "docker.io/library/busybox:latest",
    "quay.io/x/tool:1",
  );
  const local = image("aa2", "localhost/busybox:test", "localhost/tool:1");
  const other = image("bbb", "quay.io/team/web:latest", "localhost/aa:latest");
  const third = image("ccc", "ghcr.io/team/web:latest");
  const images = [hub, local, other, third];
  const find = (text: string): string =>
    findImage(images, text).id.replace(/0+$/, "");

  it("goes by id, name, short name, digest, and the beginning of an id", () => {
    const cases: [string, StoredImage][] = [
      [hub.id, hub],
      [`sha256:${hub.id}`, hub],
      [hub.digest, hub],
      ["busybox", hub],
      ["busybox:latest", hub],
      ["library/busybox", hub],
      ["docker.io/busybox", hub],
      ["docker://docker.io/library/busybox:latest", hub],
      ["busybox:test", local],
      ["localhost/busybox:test", local],
      // localhost's before others that end so.
      ["tool:1", local],
      ["x/tool:1", hub],
      ["quay.io/team/web", other],
      [`quay.io/team/web@${other.digest}`, other],
      [`web@${other.digest}`, other],
      // A name before the beginning of ids.
      ["aa", other],
      ["aa1", hub],
      ["sha256:aa2", local],
      ["b", other],
    ];
    for (const [text, expected] of cases)
      expect([text, find(text)]).toEqual([
        text,
        expected.id.replace(/0+$/, ""),
      ]);
  });

  it("refuses what may mean several", () => {
    for (const text of ["a", "team/web", "web"])
      expect(() => find(text)).toThrow(
        expect.objectContaining({ code: "AMBIGUOUS_ID" }) as Error,
      );
  });

  it("does not find the rest", () => {
    for (const text of [
      "",
      "nope",
      "busybox:1",
      "sybox",
      "localhost/web",
      "quay.io/busybox",
      `other@${other.digest}`,
      `web@${digest}`,
      "ddd",
      "AA1",
      "../x",
      "team",
    ])
      expect(() => find(text), text).toThrow(
        expect.objectContaining({ code: "NO_SUCH_IMAGE" }) as Error,
      );
  });
});
