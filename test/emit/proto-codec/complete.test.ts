import { beforeAll, describe, expect, test } from "vitest";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import { rawFields } from "../../../src/runtime/protobuf/raw-fields.ts";
import { type Codecs, hex, loadCodecs, serviceOf, toHex } from "./support.ts";

/** Fields that a peer demands although the interface calls them optional. */

const text = `
syntax = "proto2";
package demo;
enum Code { Fine = 0; Lost = 1; }
message Request { optional Ask Ask = 1; }
message Response { optional Code error = 1; optional Ask Ask = 2; }
message Ask {
  optional string name = 1;
  optional bool merge = 2;
  optional uint64 size = 3;
  required string must = 4;
  repeated Ask inner = 5;
}
`;

let codecs: Codecs;

beforeAll(async () => {
  const service = bindEnvelope(serviceOf(text), {
    request: "demo.Request",
    response: "demo.Response",
    error: { field: "error", success: "Fine", absent: "Lost" },
    required: {
      "demo.Ask": { name: "***", merge: false, size: "7", must: "" },
    },
  });
  codecs = await loadCodecs(service);
});

describe("complete", () => {
  test("writes what is absent, at any depth, and leaves what is there", () => {
    expect(
      toHex(
        codecs("Request").encode(
          { Ask: { inner: [{ name: "a" }] } },
          { complete: true },
        ),
      ),
    ).toBe(
      "0a16 0a032a2a2a 1000 1807 2200 2a09 0a0161 1000 1807 2200".replaceAll(
        " ",
        "",
      ),
    );
    expect(
      toHex(
        codecs("Ask").encode(
          { name: "", merge: true, size: 0n, must: "x" },
          { complete: true },
        ),
      ),
    ).toBe("0a0010011800220178");
  });

  test("does not stand for what would be lost", () => {
    for (const wrong of [Promise.resolve({ name: "a" }), new Date(0)])
      expect(() =>
        codecs("Request").encode({ Ask: wrong }, { complete: true }),
      ).toThrow("demo.Request: Ask: expected an object, got a ");
  });

  test("is not the default", () => {
    expect(toHex(codecs("Ask").encode({ must: "" }))).toBe("2200");
    expect(() => codecs("Ask").encode({})).toThrow(
      "demo.Ask: must: it is required",
    );
  });
});

describe("raw fields", () => {
  test("are written after the known ones, and read as unknown", () => {
    const $unknown = rawFields([{ number: 11, type: "fixed64", value: 0n }]);
    expect(toHex($unknown)).toBe("590000000000000000");
    const bytes = codecs("Ask").encode({ must: "", $unknown });
    expect(toHex(bytes)).toBe("2200590000000000000000");
    expect(codecs("Ask").decode(bytes)).toMatchObject({ $unknown });
  });

  test("of every type", () => {
    const message = rawFields([{ number: 1, type: "string", value: "x" }]);
    const bytes = rawFields([
      { number: 1, type: "double", value: 1 },
      { number: 2, type: "float", value: 1 },
      { number: 3, type: "int32", value: -1 },
      { number: 4, type: "int64", value: -1n },
      { number: 5, type: "uint32", value: 1 },
      { number: 6, type: "uint64", value: 1n },
      { number: 7, type: "sint32", value: -1 },
      { number: 8, type: "sint64", value: -1n },
      { number: 9, type: "fixed32", value: 1 },
      { number: 10, type: "fixed64", value: 1n },
      { number: 11, type: "sfixed32", value: -1 },
      { number: 12, type: "sfixed64", value: -1n },
      { number: 13, type: "bool", value: true },
      { number: 14, type: "enum", value: 5 },
      { number: 15, type: "bytes", value: hex("ff") },
      { number: 16, type: "message", value: message },
      { number: 536870911, type: "group", value: message },
    ]);
    expect(toHex(bytes)).toBe(
      `09000000000000f03f 150000803f 18ffffffffffffffffff01 20ffffffffffffffffff01
       2801 3001 3801 4001 4d01000000 510100000000000000 5dffffffff
       61ffffffffffffffff 6801 7005 7a01ff 820103 0a0178
       fbffffff0f 0a0178 fcffffff0f`.replaceAll(/\s/g, ""),
    );
  });

  test("that do not fit are invalid inputs", () => {
    for (const field of [
      { number: 0, type: "bool", value: true },
      { number: 536870912, type: "bool", value: true },
      { number: 1.5, type: "bool", value: true },
      { number: 1, type: "toString", value: 1 },
      { number: 1, type: "fixed64", value: 1 },
      { number: 1, type: "group", value: "x" },
    ])
      expect(() => rawFields([field as never])).toThrow(
        expect.objectContaining({
          code: "INVALID_INPUT",
          message: expect.stringMatching(
            /^rawFields: \[0\]: expected /,
          ) as string,
        }),
      );
  });
});
