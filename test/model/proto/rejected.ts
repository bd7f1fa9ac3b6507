// What protoc rejects: the code that we tell, and the file.
const proto2 = (code: string, text: string): Rejected => ({
  code,
  text: `syntax = "proto2";\n${text}\n`,
});
const proto3 = (code: string, text: string): Rejected => ({
  code,
  text: `syntax = "proto3";\n${text}\n`,
});
const edition = (code: string, text: string): Rejected => ({
  code,
  text: `edition = "2023";\n${text}\n`,
});
const options = (code: string, text: string): Rejected =>
  proto2(code, `import "google/protobuf/descriptor.proto";\n${text}`);

export interface Rejected {
  readonly code: string;
  readonly text: string;
}

const files: readonly Rejected[] = [
  { code: "proto/unknown-syntax", text: 'syntax = "proto4";' },
  { code: "proto/unknown-syntax", text: 'edition = "2022";' },
  { code: "proto/misplaced-syntax", text: 'package a; syntax = "proto2";' },
  proto2("proto/misplaced-syntax", 'syntax = "proto2";'),
  proto2("proto/duplicate-package", "package a; package b;"),
  proto2("proto/import-not-found", 'import "no/such/file.proto";'),
  options(
    "proto/duplicate-import",
    'import "google/protobuf/descriptor.proto";',
  ),
  proto2(
    "proto/import-kind",
    'import option "google/protobuf/descriptor.proto";',
  ),
];

const names: readonly Rejected[] = [
  proto2("proto/duplicate-name", "message A {} message A {}"),
  proto2("proto/duplicate-name", "message A {} enum A { V = 0; }"),
  proto2("proto/duplicate-name", "message A {} service A {}"),
  proto2("proto/duplicate-name", "enum A { V = 0; } enum B { V = 0; }"),
  proto2("proto/duplicate-name", "enum A { V = 0; } message V {}"),
  proto2("proto/duplicate-name", "enum A { A = 0; }"),
  proto2("proto/duplicate-name", "enum A { V = 0; V = 1; }"),
  proto2(
    "proto/duplicate-name",
    "message A { optional int32 x = 1; optional int32 x = 2; }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { optional int32 x = 1; oneof x { int32 y = 2; } }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { optional int32 B = 1; message B {} }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { oneof o { int32 x = 1; int32 x = 2; } }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { map<string, string> x = 1; message XEntry {} }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { map<string, string> x_y = 1; map<string, string> xY = 2; }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { optional group B = 1 {} optional int32 b = 2; }",
  ),
  proto2(
    "proto/duplicate-name",
    "message A { extensions 1 to 9; } extend A { optional int32 A = 1; }",
  ),
  proto2(
    "proto/duplicate-name",
    "message M {} service S { rpc A (M) returns (M); rpc A (M) returns (M); }",
  ),
  proto2(
    "proto/duplicate-name",
    'package google; import "google/protobuf/any.proto"; message protobuf {}',
  ),
  proto2("proto/undefined-name", "message A { optional B b = 1; }"),
  proto2("proto/undefined-name", "message A { optional .a.B b = 1; }"),
  proto2("proto/undefined-name", "message A { map<string, B> b = 1; }"),
  proto2("proto/undefined-name", "extend A { optional int32 x = 1; }"),
  proto2("proto/undefined-name", "service S { rpc A (M) returns (M); }"),
  proto2(
    "proto/undefined-name",
    "message A { optional google.protobuf.Any a = 1; }",
  ),
  proto2(
    "proto/not-imported",
    'import "google/protobuf/type.proto"; message A { optional google.protobuf.Any a = 1; }',
  ),
  proto2(
    "proto/shadowed-name",
    "package a.b; message a {} message C { optional a.b.C c = 1; }",
  ),
  proto2(
    "proto/shadowed-name",
    "message A { message B {} } message C { message A {} optional A.B b = 1; }",
  ),
  proto2("proto/wrong-kind", "message A { optional S s = 1; } service S {}"),
  proto2("proto/wrong-kind", "package p; message A { optional .p x = 1; }"),
  proto2(
    "proto/wrong-kind",
    "enum E { V = 0; } extend E { optional int32 x = 1; }",
  ),
  proto2(
    "proto/wrong-kind",
    "enum E { V = 0; } service S { rpc A (E) returns (E); }",
  ),
  proto2(
    "proto/wrong-kind",
    "message A {} service S { rpc A (A) returns (A); }",
  ),
  proto2(
    "proto/wrong-kind",
    "message A { map<string, string> x = 1; optional XEntry y = 2; }",
  ),
  proto3(
    "proto/json-name-conflict",
    "message A { int32 a_b = 1; int32 aB = 2; }",
  ),
  proto3(
    "proto/json-name-conflict",
    'message A { int32 a = 1 [json_name = "b"]; int32 b = 2; }',
  ),
  proto2(
    "proto/json-name-conflict",
    'message A { optional int32 a = 1 [json_name = "x"]; optional int32 b = 2 [json_name = "x"]; }',
  ),
  proto2("proto/json-name-conflict", "enum Foo { FOO_A = 0; a = 1; }"),
  proto3(
    "proto/json-name-conflict",
    "enum Foo { option deprecated_legacy_json_field_conflicts = true; FOO_A = 0; a = 1; }",
  ),
  proto2(
    "proto/json-name",
    String.raw`message A { optional int32 a = 1 [json_name = "a\0b"]; }`,
  ),
  proto2(
    "proto/json-name",
    'message A { optional int32 a = 1 [json_name = "[a]"]; }',
  ),
  proto2(
    "proto/json-name",
    'message A { extensions 1; } extend A { optional int32 a = 1 [json_name = "b"]; }',
  ),
  proto2(
    "proto/json-name",
    "message A { optional int32 a = 1 [json_name = x]; }",
  ),
];

const numbers: readonly Rejected[] = [
  proto2("proto/field-number", "message A { optional int32 x = 0; }"),
  proto2("proto/field-number", "message A { optional int32 x = 536870912; }"),
  proto2("proto/field-number", "message A { optional int32 x = 4294967297; }"),
  proto2("proto/field-number", "message A { optional int32 x = 19000; }"),
  proto2("proto/field-number", "message A { optional int32 x = 19999; }"),
  proto2(
    "proto/field-number",
    "message A { extensions 18000 to max; } extend A { optional int32 x = 19500; }",
  ),
  proto2(
    "proto/duplicate-number",
    "message A { optional int32 x = 1; optional int32 y = 1; }",
  ),
  proto2(
    "proto/duplicate-number",
    "message A { optional int32 x = 1; oneof o { int32 y = 1; } }",
  ),
  proto2(
    "proto/duplicate-number",
    "message A { extensions 1 to 9; } extend A { optional int32 x = 1; } message B { extend A { optional int32 y = 1; } }",
  ),
  proto2("proto/number-range", "message A { extensions 0 to 5; }"),
  proto2("proto/number-range", "message A { extensions 5 to 4; }"),
  proto2("proto/number-range", "message A { extensions 5 to 536870912; }"),
  proto2("proto/number-range", "message A { extensions 2147483647 to max; }"),
  proto2("proto/number-range", "message A { reserved 0; }"),
  proto2("proto/number-range", "message A { reserved 5 to 4; }"),
  proto2("proto/number-range", "enum A { V = 0; reserved 5 to 4; }"),
  proto2("proto/number-range", "enum A { V = 0; reserved 2147483648; }"),
  proto2("proto/overlapping-range", "message A { reserved 1 to 5, 5; }"),
  proto2("proto/overlapping-range", "message A { extensions 1 to 5, 3 to 4; }"),
  proto2(
    "proto/overlapping-range",
    "message A { extensions 1 to 5; reserved 5; }",
  ),
  proto2("proto/overlapping-range", "enum A { V = 0; reserved -5 to -2, -2; }"),
  proto2(
    "proto/reserved-number",
    "message A { reserved 1 to 5; optional int32 x = 3; }",
  ),
  proto2(
    "proto/reserved-number",
    "message A { extensions 1 to 5; optional int32 x = 5; }",
  ),
  proto2("proto/reserved-number", "enum A { reserved -5 to 5; V = 5; }"),
  proto2(
    "proto/reserved-name",
    'message A { reserved "x"; optional int32 x = 3; }',
  ),
  proto2("proto/reserved-name", 'message A { reserved "x", "x"; }'),
  proto2("proto/reserved-name", 'enum A { V = 0; reserved "V"; }'),
  proto2("proto/reserved-name", 'enum A { V = 0; reserved "x", "x"; }'),
];

const fields: readonly Rejected[] = [
  proto2("proto/field-label", "message A { int32 x = 1; }"),
  proto2(
    "proto/field-label",
    "message A { extensions 1; } extend A { int32 x = 1; }",
  ),
  proto3("proto/field-label", "message A { required int32 x = 1; }"),
  edition("proto/field-label", "message A { required int32 x = 1; }"),
  edition("proto/field-label", "message A { optional int32 x = 1; }"),
  proto2("proto/group", "message A { optional group b = 1 {} }"),
  proto3("proto/group", "message A { optional group B = 1 {} }"),
  edition("proto/group", "message A { repeated group B = 1 {} }"),
  proto2("proto/map", "message A { map<float, string> x = 1; }"),
  proto2("proto/map", "message A { map<double, string> x = 1; }"),
  proto2("proto/map", "message A { map<bytes, string> x = 1; }"),
  proto2("proto/map", "message A { map<A, string> x = 1; }"),
  proto2("proto/map", "enum E { V = 0; } message A { map<E, string> x = 1; }"),
  proto2("proto/map", "enum E { V = 1; } message A { map<string, E> x = 1; }"),
  proto2("proto/map", "message A { optional map<string, string> x = 1; }"),
  proto2("proto/map", "message A { repeated map<string, string> x = 1; }"),
  proto2("proto/map", "message A { oneof o { map<string, string> x = 1; } }"),
  proto2(
    "proto/map",
    "message A { extensions 1; } extend A { map<string, string> x = 1; }",
  ),
  proto2("proto/oneof", "message A { oneof o { } }"),
  proto2("proto/oneof", "message A { oneof o { optional int32 x = 1; } }"),
  proto2("proto/oneof", "message A { oneof o { repeated int32 x = 1; } }"),
  ...[
    'int32 x = 1 [default = "a"]',
    "int32 x = 1 [default = 2147483648]",
    "int32 x = 1 [default = -2147483649]",
    "int32 x = 1 [default = 1.5]",
    "uint32 x = 1 [default = -1]",
    "uint32 x = 1 [default = 4294967296]",
    "int64 x = 1 [default = 9223372036854775808]",
    "uint64 x = 1 [default = 18446744073709551616]",
    "fixed64 x = 1 [default = -1]",
    "bool x = 1 [default = 1]",
    "bool x = 1 [default = TRUE]",
    'float x = 1 [default = "1"]',
    "float x = 1 [default = infinity]",
    "string x = 1 [default = 1]",
    "string x = 1 [default = a]",
    "bytes x = 1 [default = 1]",
    "E x = 1 [default = W]",
    "E x = 1 [default = 0]",
    'E x = 1 [default = "V"]',
    "A x = 1 [default = V]",
    "int32 x = 1 [default = {}]",
    "group X = 1 [default = 1] {}",
  ].map((field) =>
    proto2(
      "proto/default-value",
      `enum E { V = 0; } message A { optional ${field}${field.endsWith("}") ? "" : ";"} }`,
    ),
  ),
  proto2(
    "proto/default-value",
    "message A { repeated int32 x = 1 [default = 1]; }",
  ),
  proto3("proto/default-value", "message A { int32 x = 1 [default = 1]; }"),
  proto2(
    "proto/duplicate-option",
    "message A { optional int32 x = 1 [default = 1, default = 1]; }",
  ),
  proto2(
    "proto/duplicate-option",
    'message A { optional int32 x = 1 [json_name = "a", json_name = "a"]; }',
  ),
];

const enums: readonly Rejected[] = [
  proto2("proto/empty-enum", "enum A {}"),
  proto2("proto/enum-number", "enum A { V = 2147483648; }"),
  proto2("proto/enum-number", "enum A { V = -2147483649; }"),
  proto3("proto/enum-first-value", "enum A { V = 1; }"),
  edition("proto/enum-first-value", "enum A { V = 1; }"),
  proto2("proto/enum-alias", "enum A { V = 0; W = 0; }"),
  proto2(
    "proto/enum-alias",
    "enum A { option allow_alias = false; V = 0; W = 0; }",
  ),
  proto2(
    "proto/enum-alias",
    "enum A { option allow_alias = true; V = 0; W = 1; }",
  ),
  proto2(
    "proto/enum-alias",
    "enum A { option allow_alias = false; V = 0; W = 1; }",
  ),
  proto3(
    "proto/closed-enum",
    'import "google/protobuf/descriptor.proto"; message A { google.protobuf.FieldOptions.CType x = 1; }',
  ),
];

const extensions: readonly Rejected[] = [
  proto2(
    "proto/extension-number",
    "message A {} extend A { optional int32 x = 1; }",
  ),
  proto2(
    "proto/extension-number",
    "message A { extensions 2 to 5; } extend A { optional int32 x = 6; }",
  ),
  proto2(
    "proto/extension",
    "message A { extensions 2 to 5; } extend A { required int32 x = 2; }",
  ),
  proto3(
    "proto/extension",
    'import "google/protobuf/descriptor.proto"; extend google.protobuf.FileDescriptorSet { int32 x = 536000000; }',
  ),
  proto3("proto/extension-range", "message A { extensions 1; }"),
  proto2(
    "proto/message-set",
    "message A { option message_set_wire_format = true; optional int32 x = 1; extensions 4 to max; }",
  ),
  proto2(
    "proto/message-set",
    "message A { option message_set_wire_format = true; extensions 4 to max; } extend A { optional int32 x = 5; }",
  ),
  proto2(
    "proto/message-set",
    "message A { option message_set_wire_format = true; extensions 4 to max; } extend A { repeated A x = 5; }",
  ),
  proto3(
    "proto/message-set",
    "message A { option message_set_wire_format = true; }",
  ),
  proto2(
    "proto/extension-number",
    'message A { extensions 1 to 9 [declaration = { number: 1, full_name: ".x", type: "int32" }]; } extend A { optional int32 y = 2; }',
  ),
  proto2(
    "proto/extension-number",
    'message A { extensions 1 to 9 [declaration = { number: 1, full_name: ".x", type: "int32" }]; } extend A { optional int32 y = 1; }',
  ),
  proto2(
    "proto/extension-number",
    'message A { extensions 1 to 9 [declaration = { number: 1, full_name: ".x", type: "int32" }]; } extend A { optional int64 x = 1; }',
  ),
  proto2(
    "proto/extension-number",
    'message A { extensions 1 to 9 [declaration = { number: 1, full_name: ".x", type: "int32" }]; } extend A { repeated int32 x = 1; }',
  ),
  proto2(
    "proto/extension-number",
    "message A { extensions 1 to 9 [declaration = { number: 1, reserved: true }]; } extend A { optional int32 x = 1; }",
  ),
  proto2(
    "proto/extension-number",
    "message A { extensions 1 to 9 [verification = DECLARATION]; } extend A { optional int32 x = 1; }",
  ),
];

const misplaced: readonly Rejected[] = [
  proto2(
    "proto/misplaced-option",
    "message A { optional int32 x = 1 [packed = true]; }",
  ),
  proto2(
    "proto/misplaced-option",
    "message A { repeated string x = 1 [packed = true]; }",
  ),
  proto2(
    "proto/misplaced-option",
    "message A { repeated A x = 1 [packed = true]; }",
  ),
  proto2(
    "proto/misplaced-option",
    "message A { optional int32 x = 1 [lazy = true]; }",
  ),
  proto2(
    "proto/misplaced-option",
    "message A { optional int32 x = 1 [unverified_lazy = true]; }",
  ),
  proto2(
    "proto/misplaced-option",
    "message A { optional int32 x = 1 [jstype = JS_STRING]; }",
  ),
  proto2("proto/misplaced-option", "message A { option map_entry = true; }"),
  proto2(
    "proto/misplaced-option",
    "message A { option uninterpreted_option = {}; }",
  ),
  edition(
    "proto/misplaced-option",
    "message A { repeated int32 x = 1 [packed = true]; }",
  ),
  edition(
    "proto/misplaced-option",
    "message A { int32 x = 1 [features.enum_type = OPEN]; }",
  ),
  edition(
    "proto/misplaced-option",
    "message A { option features = { field_presence: EXPLICIT }; }",
  ),
  options(
    "proto/misplaced-option",
    "extend google.protobuf.FieldOptions { optional int32 o = 50000 [targets = TARGET_TYPE_FILE]; } message A { optional int32 x = 1 [(o) = 1]; }",
  ),
];

const features: readonly Rejected[] = [
  proto2("proto/feature", "option features.field_presence = EXPLICIT;"),
  proto3(
    "proto/feature",
    "message A { string x = 1 [features.utf8_validation = NONE]; }",
  ),
  edition("proto/feature", "option features.field_presence = LEGACY_REQUIRED;"),
  edition(
    "proto/feature",
    "option features.field_presence = FIELD_PRESENCE_UNKNOWN;",
  ),
  edition(
    "proto/feature",
    "message A { repeated int32 x = 1 [features.field_presence = EXPLICIT]; }",
  ),
  edition(
    "proto/feature",
    "message A { oneof o { int32 x = 1 [features.field_presence = EXPLICIT]; } }",
  ),
  edition(
    "proto/feature",
    "message A { A x = 1 [features.field_presence = IMPLICIT]; }",
  ),
  edition(
    "proto/feature",
    "message A { int32 x = 1 [features.field_presence = IMPLICIT, default = 1]; }",
  ),
  edition(
    "proto/feature",
    "message A { int32 x = 1 [features.repeated_field_encoding = PACKED]; }",
  ),
  edition(
    "proto/feature",
    "message A { repeated string x = 1 [features.repeated_field_encoding = PACKED]; }",
  ),
  edition(
    "proto/feature",
    "message A { int32 x = 1 [features.utf8_validation = NONE]; }",
  ),
  edition(
    "proto/feature",
    "message A { int32 x = 1 [features.message_encoding = DELIMITED]; }",
  ),
  edition(
    "proto/feature",
    "message A { map<string, A> x = 1 [features.message_encoding = DELIMITED]; }",
  ),
  edition(
    "proto/feature",
    "enum E { option features.enum_type = CLOSED; V = 0; } message A { E x = 1 [features.field_presence = IMPLICIT]; }",
  ),
  edition(
    "proto/feature",
    "message A { extensions 1; } extend A { int32 x = 1 [features.field_presence = LEGACY_REQUIRED]; }",
  ),
];

/** Extensions of options of every type, for values. */
const declared = `
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
const set = (code: string, option: string): Rejected =>
  options(code, `${declared}message T { ${option} }`);

const values: readonly Rejected[] = [
  proto2("proto/unknown-option", "option no_such = 1;"),
  proto2("proto/unknown-option", "option java_package_ = 1;"),
  proto2("proto/unknown-option", "option (no.such) = 1;"),
  proto2(
    "proto/unknown-option",
    "message A { optional int32 x = 1 [no_such = 1]; }",
  ),
  proto2("proto/option-value", "option java_package = 1;"),
  proto2("proto/option-value", "option java_package.x = 1;"),
  proto2("proto/option-value", "option optimize_for = FAST;"),
  proto2("proto/option-value", "option optimize_for = 1;"),
  proto2("proto/option-value", 'option deprecated = "yes";'),
  proto2("proto/option-value", "option deprecated = 1;"),
  proto2(
    "proto/duplicate-option",
    "option deprecated = true; option deprecated = true;",
  ),
  set("proto/unknown-option", "option (ext) = 1;"),
  set("proto/unknown-option", "option (M) = {};"),
  set("proto/unknown-option", "option (M.a) = 1;"),
  set("proto/unknown-option", "option (m).nope = 1;"),
  set("proto/option-value", "option (i) = 1.5;"),
  set("proto/option-value", 'option (i) = "1";'),
  set("proto/option-value", "option (i) = 2147483648;"),
  set("proto/option-value", "option (i) = -2147483649;"),
  set("proto/option-value", "option (u) = -1;"),
  set("proto/option-value", "option (u) = 4294967296;"),
  set("proto/option-value", "option (j) = 9223372036854775808;"),
  set("proto/option-value", "option (v) = -1;"),
  set("proto/option-value", "option (b) = 1;"),
  set("proto/option-value", "option (b) = True;"),
  set("proto/option-value", "option (s) = a;"),
  set("proto/option-value", "option (y) = 1;"),
  set("proto/option-value", 'option (f) = "1";'),
  set("proto/option-value", "option (f) = infinity;"),
  set("proto/option-value", "option (e) = X;"),
  set("proto/option-value", "option (e) = 1;"),
  set("proto/option-value", "option (m) = 1;"),
  set("proto/option-value", "option (i) = {};"),
  set("proto/option-value", "option (n).a = 1;"),
  set("proto/option-value", "option (i).a = 1;"),
  set("proto/option-value", "option (l) = { };"),
  set("proto/duplicate-option", "option (i) = 1; option (i) = 2;"),
  set("proto/duplicate-option", "option (m).a = 1; option (m).a = 2;"),
  set("proto/duplicate-option", "option (m).a = 1; option (m) = {};"),
  set("proto/duplicate-option", "option (m) = { a: 1 }; option (m).a = 2;"),
  set("proto/duplicate-option", "option (m) = { a: 1 a: 2 };"),
  set("proto/duplicate-option", "option (m) = { p: 1 q: 2 };"),
  set("proto/unknown-option", "option (m) = { nope: 1 };"),
  set("proto/unknown-option", "option (m) = { [nope]: 1 };"),
  set("proto/unknown-option", "option (m) = { [i]: 1 };"),
  set("proto/option-value", "option (m) = { a: [1] };"),
  set("proto/option-value", "option (m) = { a: 1.5 };"),
  set("proto/option-value", 'option (m) = { a: "1" };'),
  set("proto/option-value", "option (m) = { a: 2147483648 };"),
  set("proto/option-value", "option (m) = { u: -1 };"),
  set("proto/option-value", "option (m) = { b: 2 };"),
  set("proto/option-value", "option (m) = { b: yes };"),
  set("proto/option-value", "option (m) = { e: X };"),
  set("proto/option-value", "option (m) = { e: 7 };"),
  set("proto/option-value", "option (m) = { s: 1 };"),
  set("proto/option-value", "option (m) = { f: x };"),
  set("proto/option-value", "option (m) = { m: 1 };"),
  set("proto/option-value", "option (r) = {};"),
  set("proto/option-value", "option (m) = { [type.googleapis.com/M] {} };"),
];

/** All of them, by what they are about. */
export const rejected: readonly Rejected[] = [
  ...files,
  ...names,
  ...numbers,
  ...fields,
  ...enums,
  ...extensions,
  ...misplaced,
  ...features,
  ...values,
];

/** What is right, though it looks wrong. */
export const accepted: readonly string[] = [
  "",
  ";;;",
  'syntax = "proto2"; ; package a; ;',
  "message A { optional A a = 1; }",
  "message A { optional .A a = 1; }",
  "package a.b; message C { optional b.C c = 1; optional a.b.C d = 2; optional .a.b.C e = 3; }",
  "message A { message A { optional A a = 1; } optional A b = 2; }",
  "message A { optional int32 A = 1; }",
  "message A { optional B B = 1; } message B {}",
  "message A { optional int32 B = 1; optional B c = 2; } message B {}",
  "message A { enum E { V = 0; } } message B { enum E { V = 0; } }",
  "message M {} service A { rpc A (M) returns (stream M); rpc B (stream M) returns (M) { option deprecated = true; } }",
  "message A { optional int32 x = 536870911; }",
  "message A { optional int32 x = 18999; optional int32 y = 20000; }",
  "message A { optional int32 x = 0x10; optional int32 y = 017; }",
  "message A { extensions 19000 to 19999; reserved 1, 2, 5 to 9; }",
  "message A { extensions 1 to max; }",
  "message A { reserved 1; reserved 1000 to max; }",
  'message A { reserved "a", "b"; reserved 1 to max; }',
  "enum A { V = 0; reserved -2147483648 to -1, 5 to max; }",
  "enum A { V = 1; W = -1; }",
  "enum A { option allow_alias = true; V = 0; W = 0; }",
  "message A { optional group B = 1 { optional int32 x = 1; } }",
  "message A { oneof o { group B = 1 { } int32 c = 2; } }",
  "message A { repeated group B = 1 { optional group B = 1 { } } }",
  "message A { extensions 1 to 9; } extend A { repeated group B = 1 { } }",
  "message A { map<string, A> a = 1; map<int32, bytes> b = 2; map<bool, float> c = 3; }",
  "message A { map<sfixed64, int32> x_y = 1; map<string, int32> z = 2; }",
  "message A { optional map m = 1; } message map {}",
  "message A { optional int32 a_b = 1; optional int32 aB = 2; }",
  'message A { optional int32 a = 1 [json_name = "b"]; optional int32 b = 2; }',
  'syntax = "proto3"; message A { option deprecated_legacy_json_field_conflicts = true; int32 a_b = 1; int32 aB = 2; }',
  'message A { optional int32 a = 1 [json_name = ""]; }',
  'message A { optional int32 a = 1 [json_name = "[a"]; }',
  "enum Foo { option deprecated_legacy_json_field_conflicts = true; FOO_A = 0; a = 1; }",
  'message A { extensions 1; } extend A { optional int32 a = 1 [json_name = "a"]; }',
  'syntax = "proto3"; enum Foo { option allow_alias = true; FOO_A = 0; a = 0; }',
  "message A { optional float x = 1 [default = inf]; optional float y = 2 [default = -inf]; optional double z = 3 [default = nan]; optional double w = 4 [default = -nan]; }",
  "message A { optional int32 x = 1 [default = -2147483648]; optional int64 y = 2 [default = -9223372036854775808]; optional uint64 z = 3 [default = 18446744073709551615]; }",
  "message A { optional float x = 1 [default = 1]; optional double y = 2 [default = -0x10]; optional double z = 3 [default = 1e999]; }",
  'message A { optional bytes x = 1 [default = "\\xff\\0"]; optional string y = 2 [default = "a" "b"]; }',
  "message A { repeated int32 x = 1 [packed = true]; repeated int32 y = 2 [packed = false]; repeated string z = 3 [packed = false]; }",
  "message A { optional int64 x = 1 [jstype = JS_STRING]; optional int32 y = 2 [jstype = JS_NORMAL]; }",
  "message A { optional string x = 1 [ctype = CORD]; }",
  "message A { option message_set_wire_format = true; extensions 4 to max; } message B { extend A { optional B message_set_extension = 2147483646; } }",
  "message A { option message_set_wire_format = true; extensions 4 to 2147483646; }",
  'syntax = "proto3"; message A { optional int32 x = 1; optional A a = 2; repeated int32 y = 3; }',
  'syntax = "proto3"; message A { optional int32 x = 1; oneof _y { int32 z = 2; } }',
  'syntax = "proto3"; message A { reserved 1; enum E { Z = 0; } E e = 2; map<string, E> f = 3; }',
  'syntax = "proto3"; import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { optional string s = 50000; repeated int32 l = 50001; string t = 50002; }',
  'syntax = "proto3"; import "google/protobuf/any.proto"; message A { google.protobuf.Any a = 1; }',
  'edition = "2023"; message A { int32 x = 1 [features.field_presence = LEGACY_REQUIRED]; A a = 2 [features.message_encoding = DELIMITED]; repeated int32 l = 3 [features.repeated_field_encoding = EXPANDED]; string s = 4 [features.utf8_validation = NONE]; }',
  'edition = "2023"; option features = { field_presence: IMPLICIT enum_type: CLOSED }; enum E { V = 1; } message A { int32 x = 1; }',
  'edition = "2023"; message A { reserved a, b; reserved 1 to 5; }',
  'edition = "2024"; export message A { enum E { E_UNKNOWN = 0; } E e = 1; }',
  'import public "google/protobuf/any.proto"; import weak "google/protobuf/type.proto"; message A { optional google.protobuf.Any a = 1; optional google.protobuf.Type t = 2; }',
  ...[
    "option (i) = -1;",
    "option (f) = 1;",
    "option (f) = -inf;",
    "option (d) = nan;",
    "option (d) = 1e400;",
    'option (s) = "a" "b";',
    "option (e) = W;",
    "option (l) = 1; option (l) = 2;",
    "option (m).a = 1; option (m).m.a = 2;",
    'option (m) = { a: 1 }; option (m).s = "x";',
    "option (m).(ext) = 1;",
    "option (m) = { a: 1, l: [1, 2]; l: 3 m { a: 2 } n: [{}, { a: 1 }] n < a: 2 > };",
    'option (m) = { G { x: 1 } [ext]: 5 old: 7 map { key: "a" value: 1 } map: [{ key: "b" }] };',
    "option (m) = { b: 1 e: 1 f: 1 u: 0x10 };",
    "option (m) = { b: t e: W f: -inf a: -5 };",
    "option (m) = { b: True f: Infinity };",
    "option (m) = { f: NAN l: [] };",
    "option (r) = { r: 1 };",
    "option (n) = { a: 1 }; option (n) = { a: 2 };",
    "option (m) = { g { x: 1 } };",
    "option (gr).x = 1;",
    "option (.m).(.ext) = 1;",
  ].map(
    (option) =>
      `import "google/protobuf/descriptor.proto";\n${declared}message T { ${option} }`,
  ),
];
