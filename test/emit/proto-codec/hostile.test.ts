import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Service, StructDeclaration } from "../../../src/model/api.ts";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { ProtobufError } from "../../../src/runtime/protobuf/error.ts";
import { RandomMessages } from "./random.ts";
import {
  type Codecs,
  type Data,
  errorOf,
  hex,
  loadCodecs,
  serviceOf,
} from "./support.ts";

/** Bytes that are no messages. */

let service: Service;
let codecs: Codecs;

beforeAll(async () => {
  service = serviceOf(
    readFileSync(new URL("all.proto", import.meta.url), "utf8"),
  );
  codecs = await loadCodecs(service);
});

const decodeError = (
  name: string,
  bytes: string,
  options = {},
): ProtobufError =>
  errorOf(() => codecs(name).decode(hex(bytes), options)) as ProtobufError;

describe("malformed bytes", () => {
  test.for([
    ["a value that is not there", "18", "it is cut off, in field 3 at byte 0"],
    [
      "a varint that does not end",
      "1805 1880",
      "it is cut off, in field 3 at byte 2",
    ],
    ["a tag that does not end", "80", "it is cut off, in field ? at byte 0"],
    [
      "eight bytes of which seven are there",
      "0901020304050607",
      "it is cut off, in field 1 at byte 0",
    ],
    [
      "four bytes of which three are there",
      "15010203",
      "it is cut off, in field 2 at byte 0",
    ],
    [
      "text longer than the bytes",
      "720561",
      "it is cut off, in field 14 at byte 0",
    ],
    [
      "a length of more than 31 bits",
      "72ffffffff0f",
      "it is cut off, in field 14 at byte 0",
    ],
    [
      "unknown text longer than the bytes",
      "c23e0561",
      "it is cut off, in field 1000 at byte 0",
    ],
    [
      "a message longer than the bytes",
      "82800105 1801",
      "it is cut off, in field 2048 at byte 0",
    ],
    [
      "a field beyond its message's end",
      "82800101 1801",
      "it is cut off, in field 2048.3 at byte 4",
    ],
    [
      "an integer of eleven bytes",
      "18ffffffffffffffffffff01",
      "an integer has more than ten bytes, in field 3 at byte 0",
    ],
    [
      "a field number of 0",
      "0001",
      "a field has the number 0, in field 0 at byte 0",
    ],
    ["wire type 6", "1e", "a field has the wire type 6, in field 3 at byte 0"],
    ["wire type 7", "1f", "a field has the wire type 7, in field 3 at byte 0"],
    [
      "a tag of more than 32 bits",
      "888080801000",
      "a tag has more than 32 bits, in field 536870913 at byte 0",
    ],
    [
      "a tag of six bytes",
      "98808080800001",
      "a tag has more than 32 bits, in field ? at byte 0",
    ],
    [
      "the end of a group that did not begin",
      "1c",
      "a group of field 3 ends that did not begin, in field 3 at byte 0",
    ],
    [
      "an unknown group without an end",
      "c33e1801",
      "a group of field 1000 has no end, in field 1000 at byte 0",
    ],
    [
      "an unknown group without an end after one that has",
      "c33e cb3ecc3e",
      "a group of field 1000 has no end, in field 1000 at byte 0",
    ],
    [
      "an unknown group without an end in another",
      "1801 c33e cb3e",
      "a group of field 1001 has no end, in field 1000.1001 at byte 4",
    ],
    [
      "an unknown group with another's end",
      "c33ecc3e",
      "a group of field 1001 ends that did not begin, in field 1000.1001 at byte 2",
    ],
  ] as const)("%s", ([, bytes, message]) => {
    const error = decodeError("Scalars", bytes);
    expect(error).toBeInstanceOf(ProtobufError);
    expect(ProtobufError.is(error)).toBe(true);
    expect(error.name).toBe("ProtobufError");
    expect(error.code).toBe("MALFORMED_MESSAGE");
    expect(error.message).toBe(`demo.Scalars: ${message}`);
    expect(error.offset).toBe(Number(/byte (\d+)$/.exec(message)?.[1]));
  });

  test.for([
    [
      "a group without an end",
      "0b0a0161",
      "a group of field 1 has no end, in field 1 at byte 0",
    ],
    [
      "a group that ends with its tag",
      "1801 0b",
      "a group of field 1 has no end, in field 1 at byte 2",
    ],
    [
      "a group without an end after a message in it",
      "0b12021801",
      "a group of field 1 has no end, in field 1 at byte 0",
    ],
    [
      "a group with another's end",
      "0b14",
      "a group of field 2 ends that did not begin, in field 1.2 at byte 1",
    ],
    [
      "a group that its message ends before",
      "0b1202 0b0a 0c",
      "it is cut off, in field 1.2.1.1 at byte 4",
    ],
    [
      "an end tag in a message within the group",
      "0b12010c",
      "a group of field 1 ends that did not begin, in field 1.2.1 at byte 3",
    ],
  ] as const)("%s", ([, bytes, message]) => {
    const error = decodeError("Groups", bytes);
    expect(error.message).toBe(`demo.Groups: ${message}`);
    expect(error.offset).toBe(Number(/byte (\d+)$/.exec(message)?.[1]));
  });

  test("packed lists and entries that end within a value", () => {
    expect(decodeError("Packed", "1a0180").message).toContain("it is cut off");
    expect(decodeError("Packed", "0a0701020304050607").message).toContain(
      "cut off",
    );
    expect(decodeError("Maps", "0a020a05").message).toContain("cut off");
  });

  test("what is no Uint8Array is an invalid input", () => {
    for (const wrong of [undefined, null, "", [], new ArrayBuffer(1)])
      expect(
        errorOf(() => codecs("Empty").decode(wrong as unknown as Uint8Array))
          .code,
      ).toBe("INVALID_INPUT");
  });
});

describe("limits", () => {
  const nested = (levels: number): Uint8Array => {
    let bytes = Buffer.alloc(0);
    for (let level = 0; level < levels; level += 1) {
      const length = bytes.length;
      const prefix =
        length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
      bytes = Buffer.concat([
        Buffer.from([0x82, 0x80, 0x01, ...prefix]),
        bytes,
      ]);
    }
    return bytes;
  };
  const nestedData = (levels: number): Data =>
    levels === 0 ? {} : { a_self: nestedData(levels - 1) };

  test("a hundred levels are read and written, one more is not", () => {
    const codec = codecs("Scalars");
    expect(codec.decode(nested(100))).toStrictEqual(nestedData(100));
    expect(codec.encode(nestedData(100))).toStrictEqual(
      new Uint8Array(nested(100)),
    );
    expect(errorOf(() => codec.decode(nested(101))).message).toContain(
      "nested deeper than 100 levels",
    );
    expect(errorOf(() => codec.encode(nestedData(101)))).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(
        "nested deeper than 100 levels",
      ) as string,
    });
  });

  test("of a long way are shown where it begins and where it ends", () => {
    const codec = codecs("Scalars");
    expect(errorOf(() => codec.decode(nested(101))).message).toBe(
      "demo.Scalars: messages are nested deeper than 100 levels, in field 2048.2048.2048.….2048.2048.2048 at byte 469",
    );
    const self = (count: number): string =>
      Array.from({ length: count }, () => "a_self").join(".");
    expect(errorOf(() => codec.encode(nestedData(101))).message).toBe(
      `demo.Scalars: ${self(3)}.….${self(3)}: messages are nested deeper than 100 levels`,
    );
    let list: Data = { a_kind: [0, 7] };
    for (let level = 0; level < 10; level += 1) list = { a_self: [list] };
    expect(errorOf(() => codecs("Lists").encode(list)).message).toBe(
      "demo.Lists: a_self[0].a_self.…[0].a_kind[1]: expected a value of the enum, got 7",
    );
  });

  test("the depth is an option", () => {
    const codec = codecs("Scalars");
    expect(codec.decode(nested(1), { maxDepth: 1 })).toEqual(nestedData(1));
    expect(() => codec.decode(nested(2), { maxDepth: 1 })).toThrow(
      ProtobufError,
    );
    expect(() => codec.encode(nestedData(1), { maxDepth: 0 })).toThrow(
      PortolanError,
    );
    expect(codec.decode(nested(200), { maxDepth: 200 })).toEqual(
      nestedData(200),
    );
  });

  test("a message that holds itself is an error, no overflow", () => {
    const cycle: { a_self?: object } = {};
    cycle.a_self = cycle;
    expect(() => codecs("Scalars").encode({ a_self: cycle })).toThrow(
      "nested deeper than",
    );
  });

  test("groups are levels too, unknown ones as well", () => {
    const open = "c33e".repeat(101);
    const close = "c43e".repeat(101);
    expect(decodeError("Scalars", open + close).message).toContain(
      "nested deeper",
    );
    const known = hex(open.slice(4) + close.slice(4));
    expect(codecs("Scalars").decode(known)).toEqual({ $unknown: known });
    expect(decodeError("Groups", "0b12".repeat(3000)).code).toBe(
      "MALFORMED_MESSAGE",
    );
  });

  test("the size is an option", () => {
    expect(codecs("Scalars").decode(hex("1801"), { maxSize: 2 })).toEqual({
      a_int32: 1,
    });
    expect(decodeError("Scalars", "1801", { maxSize: 1 })).toMatchObject({
      code: "MALFORMED_MESSAGE",
      offset: 1,
      message: "demo.Scalars: 2 bytes are more than the limit of 1",
    });
  });

  test("options that are none are invalid inputs", () => {
    for (const options of [
      { maxDepth: -1 },
      { maxDepth: NaN },
      { unknown: "other" },
    ] as object[]) {
      expect(errorOf(() => codecs("Empty").decode(hex(""), options)).code).toBe(
        "INVALID_INPUT",
      );
      expect(errorOf(() => codecs("Empty").encode({}, options)).code).toBe(
        "INVALID_INPUT",
      );
    }
  });
});

describe("any bytes", () => {
  const names = [
    "Scalars",
    "Lists",
    "Packed",
    "Maps",
    "Groups",
    "Choice",
    "Demand",
  ];

  test("are read, or are a typed error; what is read can be written and read again", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.uint8Array({ maxLength: 60 }),
        (name, bytes) => {
          const codec = codecs(name);
          let message: Data;
          try {
            message = codec.decode(bytes, { partial: true });
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError);
            expect((error as ProtobufError).offset).toBeGreaterThanOrEqual(0);
            expect((error as ProtobufError).offset).toBeLessThanOrEqual(
              bytes.length,
            );
            return;
          }
          const again = codec.decode(codec.encode(message, { partial: true }), {
            partial: true,
          });
          expect(again).toStrictEqual(message);
        },
      ),
      { numRuns: 3000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("of a message that is cut off anywhere are a typed error, or a message", () => {
    const random = new RandomMessages(service, 5, 3);
    for (const name of names) {
      const type = service.types.find(
        (one) => one.name === name,
      ) as StructDeclaration;
      for (let run = 0; run < 4; run += 1) {
        const bytes = codecs(name).encode(random.message(type, 2));
        for (let end = 0; end <= bytes.length; end += 1) {
          try {
            codecs(name).decode(bytes.subarray(0, end), { partial: true });
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError);
            expect((error as ProtobufError).offset).toBeLessThanOrEqual(end);
          }
        }
      }
    }
  });

  test("with a byte changed do no other harm either", () => {
    const random = new RandomMessages(service, 6, 3);
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (name, place, byte) => {
          const type = service.types.find(
            (one) => one.name === name,
          ) as StructDeclaration;
          const bytes = codecs(name).encode(random.message(type, 2));
          if (bytes.length === 0) return;
          bytes[place % bytes.length] = byte;
          try {
            codecs(name).decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("unknown fields by the thousand are kept in linear time and space", () => {
    // Each between two known ones, so that no two of them stand together.
    const bytes = hex("1801 c83e01".repeat(100_000));
    const message = codecs("Scalars").decode(bytes);
    expect(message["$unknown"]).toHaveLength(300_000);
  });
});
