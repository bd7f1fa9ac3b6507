import type { Service } from "../../../src/model/api.ts";
import { parseProto } from "../../../src/model/proto.ts";

/** The API model of a text of Protocol Buffers, with files that it imports. */
export function serviceOf(
  text: string,
  imported: ReadonlyMap<string, string> = new Map(),
): Service {
  const { service, diagnostics } = parseProto(text, {
    path: "mini.proto",
    load: (path) => {
      const found = imported.get(path);
      return found === undefined ? undefined : { path, text: found };
    },
  });
  if (service !== undefined) return service;
  throw new Error(diagnostics.map(({ message }) => message).join("\n"));
}

/** An envelope RPC with everything that a configuration can speak of. */
export const MINI = `
syntax = "proto2";
package example.mini;

enum Code { FINE = 0; BAD = 1; LOST = 2; }
enum Mode { SLOW = 3; FAST = 7; }

message Request {
  // Makes a thing.
  optional MakeRequest make = 1;
  optional WatchRequest watch = 2;
  optional WatchRequest unwatch = 12;
  // Deprecated: nobody needs it.
  optional Nothing constructor = 3;
  // Not a command: text, a list and a map.
  optional string comment = 4;
  repeated Nothing many = 5;
  map<string, Nothing> mapped = 6;
  required Nothing always = 7;
  oneof choice { string first = 8; uint32 second = 9; }
}

message Response {
  optional Code code = 1;
  optional string text = 2;
  optional uint64 now = 3;
  repeated Code codes = 4;
  optional MakeResult make = 20;
  optional WatchResult watch = 2000;
  optional Nothing unknown = 21;
}

message Nothing {}
message MakeRequest {
  optional Thing thing = 1;
  optional uint32 wait = 2;
  optional bool soft = 3;
  optional string label = 4;
}
message Thing {
  optional string name = 1;
  optional bool bound = 2;
  repeated Thing parts = 3;
  optional Thing inner = 4;
  optional Values values = 5;
}
message MakeResult { optional string name = 1; }
message WatchRequest { repeated string name = 1; optional string target = 2; optional Mode mode = 3; }
message WatchResult { optional string state = 1; optional Mode mode = 2; optional int64 at = 3; optional bytes raw = 4; }
message Values {
  optional double a_double = 1;
  optional float a_float = 2;
  optional int32 an_int32 = 3;
  optional int64 an_int64 = 4;
  optional uint32 a_uint32 = 5;
  optional uint64 a_uint64 = 6;
  optional sint32 a_sint32 = 7;
  optional sint64 a_sint64 = 8;
  optional fixed32 a_fixed32 = 9;
  optional fixed64 a_fixed64 = 10;
  optional sfixed32 a_sfixed32 = 11;
  optional sfixed64 a_sfixed64 = 12;
  optional bool a_bool = 13;
  optional string a_string = 14;
  optional bytes a_bytes = 536870911;
  optional Mode an_enum = 16;
  oneof one { string a = 17; string b = 18; }
  optional group Group = 19 { optional string text = 1; }
}
message Strict { required string must = 1; optional Thing thing = 2; }
message HasStrict { optional Strict strict = 1; }
`;

/** The least configuration of {@link MINI}. */
export const MINI_CONFIG = {
  request: "example.mini.Request",
  response: "example.mini.Response",
  error: { field: "code", success: "FINE", absent: "LOST" },
} as const;
