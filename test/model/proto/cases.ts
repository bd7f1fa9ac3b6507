// How the tables of files that protoc rejects or accepts are written.
export const proto2 = (code: string, text: string): Rejected => ({
  code,
  text: `syntax = "proto2";\n${text}\n`,
});
export const proto3 = (code: string, text: string): Rejected => ({
  code,
  text: `syntax = "proto3";\n${text}\n`,
});
export const edition = (code: string, text: string): Rejected => ({
  code,
  text: `edition = "2023";\n${text}\n`,
});
export const options = (code: string, text: string): Rejected =>
  proto2(code, `import "google/protobuf/descriptor.proto";\n${text}`);

/** A file, and the code that we tell of it. */
export interface Rejected {
  readonly code: string;
  readonly text: string;
}

/** Extensions of options of every type, for values. */
export const declared = `
enum E { V = 0; W = 1; }
message M { optional int32 a = 1; repeated int32 l = 2; optional M m = 3; repeated M n = 4;
  optional group G = 5 { optional int32 x = 1; } oneof o { int32 p = 6; int32 q = 7; }
  map<string, int32> map = 8; extensions 100 to 200; optional bool b = 9; optional E e = 10;
  optional string s = 11; optional float f = 12; optional uint32 u = 13; reserved "old"; }
message R { required int32 r = 1; }
extend M { optional int32 ext = 100; }
extend google.protobuf.MessageOptions {
  optional int32 i = 50000; optional uint32 u = 50001; optional bool b = 50002; optional string s = 50003;
  optional bytes y = 50004; optional float f = 50005; optional E e = 50006; optional M m = 50007;
  repeated int32 l = 50008; repeated M n = 50009; optional int64 j = 50010; optional uint64 v = 50011;
  optional R r = 50012; optional double d = 50013; optional group Gr = 50014 { optional int32 x = 1; }
}
`;
