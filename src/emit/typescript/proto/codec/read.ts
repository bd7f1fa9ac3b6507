import type { Doc } from "../../../layout/doc.ts";
import { stringLiteral } from "../../../layout/literal.ts";
import {
  type Arm,
  assign,
  block,
  call,
  compare,
  functionOf,
  ifBlock,
  letOptional,
  objectLiteral,
  orElse,
  returns,
  run,
  switchOn,
} from "../../../layout/statements.ts";
import {
  DELIMITED,
  type FieldPlan,
  isPackable,
  type MessagePlan,
  scalar,
  tagOf,
  type ValuePlan,
} from "./fields.ts";

/** The functions that read a message: its empty object, entries of its maps, its fields. */
export function readFunctions(message: MessagePlan): Doc[] {
  return [
    emptyMessage(message),
    ...message.fields
      .filter(({ shape }) => shape === "map")
      .map((field) => readEntry(message, field)),
    readMessage(message),
  ];
}

/** `$.Draft<$types.X>` */
function draftOf({ name }: MessagePlan): string {
  return `$.Draft<$types.${name}>`;
}

/** What a reader always fills in is there from the start. */
function emptyMessage(message: MessagePlan): Doc {
  const entries = message.fields.flatMap(
    ({ property, presence, shape, value, oneof }): [string, Doc][] => {
      if (presence !== "implicit" || oneof !== undefined) return [];
      if (shape === "list") return [[property, "[]"]];
      return [[property, shape === "map" ? "{}" : zeroOf(value)]];
    },
  );
  return functionOf({
    name: `empty$${message.name}`,
    parameters: [],
    result: draftOf(message),
    statements: [
      returns([objectLiteral(entries), ` as object as ${draftOf(message)}`]),
    ],
  });
}

function zeroOf(value: ValuePlan): string {
  if (value.kind === "scalar") return value.zero;
  return value.kind === "enum" ? String(value.first) : "undefined";
}

function readMessage(message: MessagePlan): Doc {
  const { name, fields, isGroup } = message;
  const lacking = fields
    .filter(({ presence }) => presence === "required")
    .map((field) => lacksRequired(message, field));
  const end = [...lacking, returns("message")];
  const other: Arm = {
    labels: [],
    statements: isGroup
      ? [ifBlock("reader.unknownOrEnd(message, tag, group)", end)]
      : [run("reader.unknown(message, tag)")],
  };
  return functionOf({
    name: `read$${name}`,
    parameters: [
      "reader: $.Reader",
      `message: ${draftOf(message)} = empty$${name}()`,
      ...(isGroup ? ["group = 0"] : []),
    ],
    result: `$types.${name}`,
    statements: [
      eachField([...fields.flatMap((field) => arms(message, field)), other]),
      ...(isGroup ? [run("reader.closed(group)")] : []),
      ...end,
    ],
  });
}

function eachField(all: readonly Arm[]): Doc {
  return block("while (reader.position < reader.end)", [
    assign("const tag", "reader.tag()", false),
    switchOn("tag", all),
  ]);
}

function lacksRequired({ typeName }: MessagePlan, field: FieldPlan): Doc {
  return ifBlock(compare(field.target, "===", "undefined"), [
    run(
      call("reader.lacks", [
        "message",
        stringLiteral(field.property),
        stringLiteral(`${typeName}.${field.name}`),
      ]),
    ),
  ]);
}

const BREAK: Doc = "break;";

/** The arms of a field: lists of numbers may come packed or not. */
function arms(message: MessagePlan, field: FieldPlan): Arm[] {
  const { value, shape } = field;
  if (shape === "map") return [mapArm(message, field)];
  const single = singleArm(field);
  if (shape !== "list" || !isPackable(value)) return [single];
  return [single, packedArm(field, value)];
}

function singleArm(field: FieldPlan): Arm {
  const { number, value } = field;
  const labels = [String(tagOf(number, value.wireType))];
  if (value.kind !== "enum" || !value.closed)
    return { labels, statements: [store(field, readValue(field)), BREAK] };
  return {
    labels,
    declares: true,
    statements: [
      assign("const value", "reader.int32()", false),
      ifBlock(
        call(`is$${value.name}`, ["value"]),
        [store(field, { text: "value", breaks: false })],
        [run("reader.kept(message, reader.start)")],
      ),
      BREAK,
    ],
  };
}

function packedArm({ number, target }: FieldPlan, value: ValuePlan): Arm {
  const each =
    value.kind === "enum" && value.closed
      ? [
          assign("const value", "reader.int32()", false),
          ifBlock(
            call(`is$${value.name}`, ["value"]),
            [run(call(`${target}.push`, ["value"]))],
            [run(`reader.keptValue(message, ${number}, value)`)],
          ),
        ]
      : [run(call(`${target}.push`, [readPlain(value)]))];
  return {
    labels: [String(tagOf(number, DELIMITED))],
    declares: true,
    statements: [
      assign("const end", "reader.open()", false),
      block("while (reader.position < reader.end)", each),
      run("reader.close(end)"),
      BREAK,
    ],
  };
}

function mapArm(message: MessagePlan, field: FieldPlan): Arm {
  return {
    labels: [String(tagOf(field.number, DELIMITED))],
    statements: [
      run(call(entryReader(message, field), ["reader", "message"])),
      BREAK,
    ],
  };
}

/** An expression, and whether it may be broken over lines. */
interface Expression {
  readonly text: Doc;
  readonly breaks: boolean;
}

/** A value that needs nothing of what was there before. */
function readPlain(value: ValuePlan): string {
  return value.kind === "scalar" ? `reader.${value.read}()` : "reader.int32()";
}

function readValue(field: FieldPlan): Expression {
  const { value, number, shape, oneof, target, name } = field;
  if (value.kind === "scalar" || value.kind === "enum")
    return { text: readPlain(value), breaks: false };
  // A message that comes again is merged into the one before.
  const before =
    shape === "list"
      ? []
      : [
          oneof === undefined
            ? target
            : call("$.valueOf", [target, stringLiteral(name)]),
        ];
  const read = `read$${value.name}`;
  const text =
    value.kind === "group"
      ? call("reader.group", [read, String(number), ...before])
      : call("reader.message", [read, ...before]);
  return { text, breaks: true };
}

/** Puts a value where it belongs: into the list, the `oneof`, the property. */
function store(field: FieldPlan, { text, breaks }: Expression): Doc {
  const { shape, oneof, target, name } = field;
  if (shape === "list") return run(call(`${target}.push`, [text]));
  if (oneof === undefined) return assign(target, text, breaks);
  const choice = objectLiteral([
    ["case", stringLiteral(name)],
    ["value", text],
  ]);
  return assign(target, choice, true);
}

// Maps

function entryReader({ name }: MessagePlan, field: FieldPlan): string {
  return `readEntry$${name}$${field.name}`;
}

/** Reads an entry of a map: a message of a key and a value, either of which may be absent. */
function readEntry(message: MessagePlan, field: FieldPlan): Doc {
  const { value, target, key: keyType = "string" } = field;
  const key = scalar(keyType, field.utf8, "bigint");
  const closed = value.kind === "enum" && value.closed;
  const put = run(call("$.putEntry", [target, "key", valueOrEmpty(value)]));
  return functionOf({
    name: entryReader(message, field),
    parameters: ["reader: $.Reader", `message: ${draftOf(message)}`],
    result: "void",
    statements: [
      ...(closed ? ["const { start } = reader;"] : []),
      assign("const end", "reader.open()", false),
      assign(
        "let key",
        key.type === "string" ? '""' : `"${key.zero.replace("n", "")}"`,
        false,
      ),
      entryValue(value),
      ...(closed ? ["let isKnown = true;"] : []),
      eachField([
        {
          labels: [String(tagOf(1, key.wireType))],
          statements: [
            key.type === "string"
              ? assign("key", `reader.${key.read}()`, false)
              : `key = $.keyText(reader.${key.read}());`,
            BREAK,
          ],
        },
        entryValueArm(value),
        { labels: [], statements: [run("reader.skip(tag)")] },
      ]),
      run("reader.close(end)"),
      closed
        ? ifBlock("isKnown", [put], [run("reader.kept(message, start)")])
        : put,
    ],
  });
}

function valueOrEmpty(value: ValuePlan): Doc {
  return value.kind === "message" || value.kind === "group"
    ? orElse("value", call("reader.absent", [`read$${value.name}`]))
    : "value";
}

/** The variable of an entry's value, with what an absent one means. */
function entryValue(value: ValuePlan): Doc {
  switch (value.kind) {
    case "scalar":
      return assign("let value", value.zero, true);
    case "enum":
      return value.closed
        ? `let value: $types.${value.name} = ${value.first};`
        : `let value = ${value.first};`;
    default:
      return run(letOptional("value", `$types.${value.name}`));
  }
}

function entryValueArm(value: ValuePlan): Arm {
  const labels = [String(tagOf(2, value.wireType))];
  if (value.kind === "message" || value.kind === "group") {
    const read = call("reader.message", [`read$${value.name}`, "value"]);
    return { labels, statements: [assign("value", read, true), BREAK] };
  }
  if (value.kind !== "enum" || !value.closed)
    return {
      labels,
      statements: [assign("value", readPlain(value), false), BREAK],
    };
  return {
    labels,
    declares: true,
    statements: [
      assign("const number", "reader.int32()", false),
      ifBlock(
        call(`is$${value.name}`, ["number"]),
        ["value = number;", "isKnown = true;"],
        ["isKnown = false;"],
      ),
      BREAK,
    ],
  };
}
