import { describe, expect, it } from "vitest";
import {
  type LoadFile,
  parseProto,
  parseProtoFiles,
} from "../../../src/model/proto.ts";

/** Files in memory, and how often each was asked for. */
function files(texts: Readonly<Record<string, string>>) {
  const loads: string[] = [];
  const load: LoadFile = (name) => {
    loads.push(name);
    const text = texts[name];
    return text === undefined ? undefined : { path: name, text };
  };
  return { load, loads };
}

const head = 'syntax = "proto2";\n';

const codesOf = (
  parsed: { diagnostics: readonly { code: string; severity: string }[] },
  severity = "error",
): string[] =>
  parsed.diagnostics
    .filter((one) => one.severity === severity)
    .map(({ code }) => code);

describe("files that import each other", () => {
  it("are read once each", () => {
    const { load, loads } = files({
      "a.proto": `${head}import "b.proto"; import "c.proto"; message A { optional B b = 1; optional C c = 2; }`,
      "b.proto": `${head}import "c.proto"; message B { optional C c = 1; }`,
      "c.proto": `${head}message C {}`,
    });
    const [a, b, c, d] = parseProtoFiles(
      ["a.proto", "b.proto", "c.proto", "d.proto"],
      { load },
    );
    expect(loads.toSorted()).toEqual([
      "a.proto",
      "b.proto",
      "c.proto",
      "d.proto",
    ]);
    expect(d).toBeUndefined();
    expect(a?.file?.imports.map(({ file }) => file)).toEqual([
      b?.file,
      c?.file,
    ]);
    expect(a?.file?.messages[0]?.fields[1]?.message).toBe(c?.file?.messages[0]);
    expect(a?.imports.map(({ name }) => name).toSorted()).toEqual([
      "b.proto",
      "c.proto",
    ]);
    expect(a?.service?.types.map(({ path }) => path.join("."))).toEqual([
      "A",
      "B",
      "C",
    ]);
  });

  it("may declare the same names if nothing builds on both", () => {
    const { load } = files({
      "a.proto": `${head}message Same { optional Same s = 1; } extend Base { optional int32 x = 1; } message Base { extensions 1; }`,
      "b.proto": `${head}message Same { optional Same t = 1; }`,
      "both.proto": `${head}import public "a.proto"; import public "b.proto";`,
      "more.proto": `${head}import public "both.proto";`,
    });
    const [a, b, both, more] = parseProtoFiles(
      ["a.proto", "b.proto", "both.proto", "more.proto"],
      { load },
    );
    expect(a?.file?.messages[0]?.fields[0]?.message).toBe(a?.file?.messages[0]);
    expect(b?.file?.messages[0]?.fields[0]?.message).toBe(b?.file?.messages[0]);
    expect(both && codesOf(both)).toEqual(["proto/duplicate-name"]);
    // Told of once, where they come together.
    expect(more && codesOf(more)).toEqual(["proto/import-with-errors"]);
  });

  it("see what is imported publicly, and no more", () => {
    const texts = {
      "base.proto": `${head}package p; message Base {}`,
      "public.proto": `${head}import public "base.proto";`,
      "plain.proto": `${head}import "base.proto"; message Uses { optional p.Base b = 1; }`,
      "public2.proto": `${head}import public "public.proto";`,
    };
    const using = (path: string) =>
      parseProto(
        `${head}import "${path}"; message A { optional p.Base b = 1; }`,
        { path: "a.proto", load: files(texts).load },
      );
    expect(codesOf(using("public.proto"))).toEqual([]);
    expect(codesOf(using("public2.proto"))).toEqual([]);
    expect(codesOf(using("plain.proto"))).toEqual(["proto/not-imported"]);
    expect(codesOf(using("public.proto"), "warning")).toEqual([]);
    expect(codesOf(using("plain.proto"), "warning")).toEqual([
      "proto/unused-import",
    ]);
  });

  it("are not made when one of them is wrong", () => {
    const { load } = files({
      "a.proto": `${head}import "b.proto"; message A {}`,
      "b.proto": `${head}import "c.proto"; message B {}`,
      "c.proto": `${head}message C { optional D d = 1; }`,
    });
    const parsed = parseProtoFiles(["a.proto", "b.proto", "c.proto"], { load });
    expect(parsed.map((one) => one && codesOf(one))).toEqual([
      ["proto/import-with-errors"],
      ["proto/import-with-errors"],
      ["proto/undefined-name"],
    ]);
    for (const one of parsed)
      expect([one?.file, one?.service]).toEqual([undefined, undefined]);
    expect(parsed[0]?.imports.map(codesOfAny)).toEqual(
      expect.arrayContaining([["proto/undefined-name"]]),
    );
  });

  it("that go round are told of, whatever is asked for", () => {
    const texts = {
      "a.proto": `${head}import "b.proto";`,
      "b.proto": `${head}import "c.proto";`,
      "c.proto": `${head}import "a.proto";`,
      "self.proto": `${head}import "self.proto";`,
    };
    for (const name of Object.keys(texts)) {
      const [parsed] = parseProtoFiles([name], { load: files(texts).load });
      const all = [parsed, ...(parsed?.imports ?? [])].flatMap((one) =>
        one === undefined ? [] : codesOf(one),
      );
      expect(all).toContain("proto/import-cycle");
      expect(parsed?.file).toBeUndefined();
    }
  });

  it("are known by their paths: a file is not read again under another name", () => {
    const text = `${head}import "folder/a.proto";`;
    const parsed = parseProto(text, {
      path: "/root/folder/a.proto",
      load: () => ({ path: "/root/folder/a.proto", text }),
    });
    expect(codesOf(parsed)).toEqual(["proto/import-cycle"]);
  });

  it("can be a chain of any length", () => {
    const length = 5000;
    const load: LoadFile = (name) => {
      const number = Number(/^f(\d+)\.proto$/.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(number)) return undefined;
      const next = number + 1 < length ? `import "f${number + 1}.proto";` : "";
      return { path: name, text: `${head}${next} message M${number} {}` };
    };
    const [first] = parseProtoFiles(["f0.proto"], { load });
    expect(first && codesOf(first)).toEqual([]);
    expect(first?.imports).toHaveLength(length - 1);
  });
});

const codesOfAny = (one: Parameters<typeof codesOf>[0]) => codesOf(one);

describe("files that come with Protocol Buffers", () => {
  const text = `${head}import "google/protobuf/timestamp.proto"; message A { optional google.protobuf.Timestamp t = 1; }`;

  it("need not be found", () => {
    const { file, service } = parseProto(text, { path: "a.proto" });
    expect(file?.messages[0]?.fields[0]?.message?.fullName).toBe(
      "google.protobuf.Timestamp",
    );
    expect(service?.types.map(({ path }) => path.join("."))).toEqual([
      "A",
      "google.protobuf.Timestamp",
    ]);
  });

  it("are the project's own where it has them", () => {
    const { load } = files({
      "google/protobuf/timestamp.proto": `${head}package google.protobuf; message Timestamp { optional int32 own = 5; }`,
    });
    const { file } = parseProto(text, { path: "a.proto", load });
    const { message } = file?.messages[0]?.fields[0] ?? {};
    expect(message?.fields.map(({ name }) => name)).toEqual(["own"]);
  });

  it("may have options that ours have not", () => {
    const { load } = files({
      "google/protobuf/descriptor.proto": `${head}package google.protobuf;
        message FileOptions { optional string java_package = 1; optional int32 brand_new = 99; }
        message MessageOptions {} message FieldOptions {} message EnumOptions {} message EnumValueOptions {}`,
    });
    const parsed = parseProto(`${head}option brand_new = 5;`, {
      path: "a.proto",
      load,
    });
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.file?.options.get("brand_new")).toEqual({
      kind: "scalar",
      value: 5,
    });
    const without = parseProto(`${head}option brand_new = 5;`, {
      path: "a.proto",
    });
    expect(codesOf(without)).toEqual(["proto/unknown-option"]);
  });
});

describe("the model's source", () => {
  it("is the text without a byte order mark and with one kind of line end", () => {
    const { service } = parseProto("\ufeffpackage a;\r\nmessage B {}\r", {
      path: "a.proto",
    });
    expect(service?.source).toEqual({
      path: "a.proto",
      text: "package a;\nmessage B {}\n",
    });
  });
});
