// What protoc rejects: the code that we tell, and the file.
import { options, proto2, proto3, edition, type Rejected } from "./cases.ts";
import { rejectedValues } from "./rejected-values.ts";

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
  proto2("proto/extension", "message A { extensions 2; } extend A { }"),
  proto2("proto/extension", "message A { extensions 2; extend A { } }"),
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
  ...rejectedValues,
];
