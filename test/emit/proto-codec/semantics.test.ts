import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Codecs, hex, loadCodecs, serviceOf, toHex } from "./support.ts";

/** What Protocol Buffers says of messages, rule by rule, on bytes written by hand. */

const fixture = (name: string): string =>
  readFileSync(new URL(name, import.meta.url), "utf8");

let two: Codecs;
let three: Codecs;
let numbers: Codecs;
let strings: Codecs;

beforeAll(async () => {
  const service = serviceOf(fixture("all.proto"));
  two = await loadCodecs(service);
  numbers = await loadCodecs(service, "number");
  strings = await loadCodecs(service, "string");
  three = await loadCodecs(serviceOf(fixture("three.proto")));
});

describe("presence", () => {
  test("absent is absent, and zero and empty text are there", () => {
    const codec = two("Scalars");
    expect(Object.keys(codec.decode(hex("")))).toEqual([]);
    const zeros = { a_int32: 0, a_bool: false, a_string: "" };
    expect(toHex(codec.encode(zeros))).toBe("180068007200");
    expect(codec.decode(hex("180068007200"))).toStrictEqual(zeros);
    expect(toHex(codec.encode({ a_int32: undefined }))).toBe("");
  });

  test("lists and maps are always there when read, and may be left out", () => {
    expect(two("Groups").decode(hex(""))).toStrictEqual({ many: [] });
    expect(toHex(two("Maps").encode({}))).toBe("");
    expect(Object.keys(two("Maps").decode(hex("")))).toHaveLength(12);
  });

  test("without presence, zeros are not written but always read", () => {
    const codec = three("Implicit");
    const empty = codec.decode(hex(""));
    expect(empty).toMatchObject({
      a_double: 0,
      a_int64: 0n,
      a_bool: false,
      a_string: "",
      a_bytes: new Uint8Array(0),
      an_enum: 0,
    });
    expect("a_message" in empty).toBe(false);
    expect(toHex(codec.encode(empty))).toBe("");
    expect(toHex(codec.encode({ explicit: 0 }))).toBe("900100");
    expect(toHex(codec.encode({ a_double: -0 }))).toBe("090000000000000080");
  });

  test("defaults can be read", () => {
    expect(two("Defaults").defaults).toStrictEqual({
      a_double: -1.5e30,
      a_float: Infinity,
      b_float: -Infinity,
      c_float: NaN,
      d_float: -0,
      a_int32: -2147483648,
      a_int64: -9223372036854775808n,
      a_uint32: 4294967295,
      a_uint64: 18446744073709551615n,
      a_bool: true,
      a_string: "a \"quoted\" 'text'\n\\ \u2028 </script>",
      a_bytes: hex("00ff2278"),
      a_kind: 70000,
      a_late: 7,
    });
    expect(strings("Defaults").defaults).toMatchObject({
      a_uint64: "18446744073709551615",
    });
  });
});

describe("repeated occurrences", () => {
  test("of a scalar: the last one counts", () => {
    expect(two("Scalars").decode(hex("1801 1802"))).toStrictEqual({
      a_int32: 2,
    });
  });

  test("of a message: they are merged, and lists appended", () => {
    const codec = two("Lists");
    const merged = two("Scalars").decode(
      // a_self { a_int32: 1 a_self { a_bool: true } }, then a_self { a_string: "x" a_self { a_int32: 5 } }
      hex("828001 08 1801 828001 02 6801  828001 09 720178 828001 02 1805"),
    );
    expect(merged).toStrictEqual({
      a_self: {
        a_int32: 1,
        a_string: "x",
        a_self: { a_bool: true, a_int32: 5 },
      },
    });
    expect(codec.decode(hex("1801 1802"))).toMatchObject({ a_int32: [1, 2] });
  });

  test("of a group: they are merged too", () => {
    expect(
      two("Groups").decode(hex("0b 0a0161 0c  0b 1202 1805 0c")),
    ).toStrictEqual({
      single: { text: "a", deeper: { many: [], after: 5 } },
      many: [],
    });
  });

  test("in a oneof: the last one counts, the same message is merged", () => {
    const codec = two("Choice");
    expect(codec.decode(hex("0a0161 4807"))).toStrictEqual({
      choice: { case: "number", value: 7n },
    });
    expect(codec.decode(hex("1a021801 1a026801"))).toStrictEqual({
      choice: { case: "message", value: { a_int32: 1, a_bool: true } },
    });
    expect(codec.decode(hex("1a021801 4807 1a026801"))).toStrictEqual({
      choice: { case: "message", value: { a_bool: true } },
    });
    expect(codec.decode(hex("4000"))).toStrictEqual({
      other: { case: "flag", value: false },
    });
  });

  test("packed and unpacked are read alike, and appended", () => {
    const bytes = hex("1a020102 1803 1a00 1a0104");
    expect(two("Lists").decode(bytes)).toMatchObject({
      a_int32: [1, 2, 3, 4],
    });
    expect(two("Packed").decode(bytes)).toMatchObject({
      a_int32: [1, 2, 3, 4],
    });
    expect(toHex(two("Lists").encode({ a_int32: [1, 2] }))).toBe("18011802");
    expect(toHex(two("Packed").encode({ a_int32: [1, 2] }))).toBe("1a020102");
  });
});

describe("maps", () => {
  test("key and value are always written, absent ones are zero", () => {
    const codec = two("Maps");
    expect(toHex(codec.encode({ by_string: { "": "" } }))).toBe("0a040a001200");
    expect(codec.decode(hex("0a00 1200 4a00"))).toMatchObject({
      by_string: { "": "" },
      by_int32: { "0": 0n },
      by_fixed64: { "0": {} },
    });
    expect(codec.decode(hex("6200"), { partial: true })).toMatchObject({
      by_bool: { false: { number: [] } },
    });
  });

  test("the last entry of a key counts, and its fields may come in any order", () => {
    expect(
      two("Maps").decode(hex("0a060a016112 0162 0a061201630a0161")),
    ).toMatchObject({ by_string: { a: "c" } });
  });

  test("fields that an entry has not are passed over", () => {
    expect(two("Maps").decode(hex("0a08 0a0161 1805 120162"))).toMatchObject({
      by_string: { a: "b" },
    });
  });

  test("__proto__ is a key like any other", () => {
    const key = toHex(Buffer.from("__proto__"));
    const bytes = hex(`0a0e0a09${key}120178`);
    const message = two("Maps").decode(bytes);
    const map = message["by_string"] as object;
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
    expect(Object.entries(map)).toEqual([["__proto__", "x"]]);
    expect(two("Maps").encode(message)).toStrictEqual(bytes);
  });

  test("a value that a closed enum has not takes the whole entry to the unknown fields", () => {
    const message = two("Maps").decode(
      hex("4207 0d05000000 1063 4207 0d05000000 1001"),
    );
    expect(message["by_fixed32"]).toStrictEqual({ "5": 1 });
    expect(toHex(message["$unknown"] as Uint8Array)).toBe("42070d050000001063");
    expect(three("Implicit").decode(hex("ba0105 0a0161 1063"))).toMatchObject({
      open_map: { a: 99 },
    });
  });
});

describe("enums", () => {
  test("what a closed one has not goes to the unknown fields", () => {
    const message = two("Scalars").decode(hex("800163 800101"));
    expect(message["a_kind"]).toBe(1);
    expect(toHex(message["$unknown"] as Uint8Array)).toBe("800163");
    expect(
      two("Scalars").decode(hex("8001fdffffffffffffffff01")),
    ).toStrictEqual({ a_kind: -3 });
  });

  test("in lists and packed lists each value does", () => {
    for (const bytes of ["800101 800163 800100", "820103016300"]) {
      const message = two("Lists").decode(hex(bytes));
      expect(message["a_kind"]).toStrictEqual([1, 0]);
      expect(toHex(message["$unknown"] as Uint8Array)).toBe("800163");
    }
    const negative = two("Packed").decode(hex("82010a feffffffffffffffff01"));
    expect(toHex(negative["$unknown"] as Uint8Array)).toBe(
      "8001feffffffffffffffff01",
    );
  });

  test("in a oneof it leaves what was set", () => {
    expect(two("Choice").decode(hex("0a0161 3063"))).toMatchObject({
      choice: { case: "text", value: "a" },
    });
  });

  test("an open one keeps it", () => {
    const codec = three("Implicit");
    const message = codec.decode(hex("800163 aa0102 0163"));
    expect(message).toMatchObject({ an_enum: 99, enums: [1, 99] });
    expect(toHex(codec.encode(message))).toBe("800163aa01020163");
  });
});

describe("unknown fields", () => {
  const unknown =
    "f83f05 fa3f0161 f93f0102030405060708 fd3f01020304 fb3f 0801 fc3f";

  test("are kept byte for byte, in order, and written after the known ones", () => {
    const codec = two("Scalars");
    const bytes = `${unknown} 1805 a02001`.replaceAll(" ", "");
    const message = codec.decode(hex(bytes));
    expect(message["a_int32"]).toBe(5);
    const kept = `${unknown}a02001`.replaceAll(" ", "");
    expect(toHex(message["$unknown"] as Uint8Array)).toBe(kept);
    expect(toHex(codec.encode(message))).toBe(`1805${kept}`);
  });

  test("are dropped on request, either way", () => {
    const codec = two("Scalars");
    expect(
      codec.decode(hex(`${unknown}1805`), { unknown: "drop" }),
    ).toStrictEqual({ a_int32: 5 });
    const message = codec.decode(hex(`${unknown}1805`));
    expect(toHex(codec.encode(message, { unknown: "drop" }))).toBe("1805");
  });

  test("a known number with another wire type is one", () => {
    const message = two("Scalars").decode(hex("1d01000000"));
    expect(Object.keys(message)).toEqual(["$unknown"]);
    expect(toHex(message["$unknown"] as Uint8Array)).toBe("1d01000000");
  });

  test("of a merged message are gathered, and they are a copy", () => {
    const bytes = hex("82800103c83e01 82800103d03e02");
    const message = two("Scalars").decode(bytes);
    bytes.fill(0);
    const self = message["a_self"] as { readonly $unknown: Uint8Array };
    expect(toHex(self.$unknown)).toBe("c83e01d03e02");
  });
});

describe("required fields", () => {
  test("are demanded of what is written, with the way to them", () => {
    expect(() => two("Demand").encode({ name: "a" })).toThrow(
      expect.objectContaining({
        code: "INVALID_INPUT",
        message: "demo.Demand: kind: it is required",
      }),
    );
    expect(() =>
      two("Maps").encode({
        by_bool: { true: { name: "a", kind: 0, inner: {} } },
      }),
    ).toThrow("demo.Maps: by_bool.true.inner.name: it is required");
    expect(toHex(two("Demand").encode({}, { partial: true }))).toBe("");
  });

  test("are demanded of what is read", () => {
    expect(() => two("Demand").decode(hex("0a0161"))).toThrow(
      expect.objectContaining({
        code: "MALFORMED_MESSAGE",
        offset: 3,
        message:
          "demo.Demand: the required field demo.Demand.kind is missing at byte 3",
      }),
    );
    expect(
      two("Demand").decode(hex("0a0161"), { partial: true }),
    ).toStrictEqual({ name: "a", number: [] });
  });

  test("may come with a later occurrence of their message", () => {
    expect(
      two("Demand").decode(hex("0a0161 2000  1203 0a0162 1202 2001")),
    ).toMatchObject({ inner: { name: "b", kind: 1 } });
    // An entry that another one of its key replaces lacks nothing.
    expect(
      two("Maps").decode(hex("62020801 6209 0801 1205 0a0161 2000")),
    ).toMatchObject({ by_bool: { true: { name: "a", kind: 0 } } });
    expect(() => two("Maps").decode(hex("62020801"))).toThrow(
      "demo.Demand.name",
    );
  });
});

describe("integers", () => {
  test("negative ones have ten bytes", () => {
    expect(toHex(two("Scalars").encode({ a_int32: -1 }))).toBe(
      "18ffffffffffffffffff01",
    );
    expect(two("Scalars").decode(hex("18ffffffff0f"))).toStrictEqual({
      a_int32: -1,
    });
  });

  test("what does not fit is cut as protobuf cuts it", () => {
    const codec = two("Scalars");
    // 2^32 + 5, in varints that are longer than needed.
    expect(codec.decode(hex("188580808010"))).toStrictEqual({ a_int32: 5 });
    expect(codec.decode(hex("288580808090808000"))).toStrictEqual({
      a_uint32: 5,
    });
    expect(codec.decode(hex("68808080808020"))).toStrictEqual({
      a_bool: true,
    });
    expect(codec.decode(hex("30ffffffffffffffffff7f"))).toStrictEqual({
      a_uint64: 2n ** 64n - 1n,
    });
  });

  test("of 64 bits as numbers: those that are not exact are errors", () => {
    const codec = numbers("Scalars");
    const most = {
      a_int64: -(2 ** 53 - 1),
      a_uint64: 2 ** 53 - 1,
      a_fixed64: 5,
    };
    expect(codec.decode(codec.encode(most))).toStrictEqual(most);
    expect(two("Scalars").decode(codec.encode(most))).toStrictEqual({
      a_int64: -(2n ** 53n - 1n),
      a_uint64: 2n ** 53n - 1n,
      a_fixed64: 5n,
    });
    expect(() => codec.encode({ a_int64: 2 ** 53 })).toThrow(
      "demo.Scalars: a_int64: expected an integer that a number has exactly",
    );
    const bytes = two("Scalars").encode({ a_uint64: 2n ** 53n });
    expect(() => codec.decode(bytes)).toThrow(
      expect.objectContaining({ code: "MALFORMED_MESSAGE", offset: 0 }),
    );
  });

  test("of 64 bits as text", () => {
    const codec = strings("Scalars");
    const data = {
      a_int64: "-9223372036854775808",
      a_uint64: "18446744073709551615",
      a_sint64: "-1",
      a_fixed64: "0",
      a_sfixed64: "-5",
    };
    expect(codec.decode(codec.encode(data))).toStrictEqual(data);
    for (const wrong of [
      "",
      "1.5",
      "1e3",
      " 1",
      "0x1",
      "18446744073709551616",
      5,
    ])
      expect(() => codec.encode({ a_uint64: wrong })).toThrow(
        "demo.Scalars: a_uint64: expected",
      );
    const lists = { a_uint64: ["1", "18446744073709551615"] };
    expect(
      strings("Packed").decode(strings("Packed").encode(lists)),
    ).toMatchObject(lists);
  });
});

describe("text and bytes", () => {
  test("proto2 takes any bytes for text, proto3 UTF-8 alone", () => {
    expect(two("Scalars").decode(hex("7203 61ff62"))).toStrictEqual({
      a_string: "a\ufffdb",
    });
    for (const bad of ["ff", "c080", "eda080", "f8888080 80", "e282"]) {
      const content = hex(bad);
      const length = content.length.toString(16).padStart(2, "0");
      expect(() => three("Implicit").decode(hex(`72${length}${bad}`))).toThrow(
        "demo.three.Implicit: a string is not UTF-8, in field 14 at byte 0",
      );
    }
    // U+FFFD itself, and a byte order mark, are text.
    expect(three("Implicit").decode(hex("7206efbfbdefbbbf"))).toMatchObject({
      a_string: "\ufffd\ufeff",
    });
  });

  test("lone surrogates are written as U+FFFD", () => {
    for (const text of ["a\ud800", `${"x".repeat(40)}\udc00`]) {
      const read = two("Scalars").decode(
        two("Scalars").encode({ a_string: text }),
      );
      expect(read["a_string"]).toBe(`${text.slice(0, -1)}\ufffd`);
    }
  });

  test.for([
    0, 1, 7, 12, 13, 23, 24, 41, 42, 43, 63, 64, 127, 128, 129, 1365, 4095,
    4096, 4097, 5461, 16383, 16384, 70_000,
  ])("text of %i characters, in whatever script", (length) => {
    for (const character of ["a", "é", "€"]) {
      const data = {
        a_string: character.repeat(length),
        a_last: `${character.repeat(Math.max(0, length - 1))}z`,
      };
      const bytes = two("Scalars").encode(data);
      expect(two("Scalars").decode(bytes)).toStrictEqual(data);
      expect(bytes).toHaveLength(
        Object.values(data).reduce((sum, text) => {
          const size = Buffer.byteLength(text);
          const prefix =
            size < 128 ? 1 : size < 16384 ? 2 : size < 2097152 ? 3 : 4;
          return sum + size + prefix;
        }, 1 + 5),
      );
    }
  });

  test("bytes are a copy", () => {
    const bytes = hex("7a020102");
    const message = two("Scalars").decode(bytes);
    bytes.fill(9);
    expect(message["a_bytes"]).toStrictEqual(hex("0102"));
    const view = Buffer.from("xabcx").subarray(1, 4);
    expect(toHex(two("Scalars").encode({ a_bytes: view }))).toBe("7a03616263");
  });
});
