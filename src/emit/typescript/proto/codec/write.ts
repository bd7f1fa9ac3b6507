import type { WireValue } from "../../../../model/api.ts";
import type { Doc } from "../../../layout/doc.ts";
import { stringLiteral } from "../../../layout/literal.ts";
import {
  both,
  call,
  compare,
  forOf,
  functionOf,
  ifElse,
  member,
  run,
  switchOn,
} from "../../../layout/statements.ts";
import { bytesLiteral, literal } from "./defaults.ts";
import {
  DELIMITED,
  type FieldPlan,
  type MessagePlan,
  type OneofPlan,
  scalar,
  tagOf,
  type ValuePlan,
} from "./fields.ts";

/** By field, what is written where it is absent because the peer demands it. */
export type DemandedFields = ReadonlyMap<string, WireValue>;

/** The functions that write a message: its fields, entries of maps and values of packed lists. */
export function writeFunctions(
  message: MessagePlan,
  demanded: DemandedFields,
): Doc[] {
  const parts = message.fields.flatMap((field) => {
    if (field.shape === "map") return [writeEntry(message, field)];
    return isPacked(field) ? [writeItem(message, field)] : [];
  });
  return [...parts, writeMessage(message, demanded)];
}

function isPacked({ shape, packed }: FieldPlan): boolean {
  return shape === "list" && packed;
}

function writeMessage(message: MessagePlan, demanded: DemandedFields): Doc {
  const { name, input, fields, oneofs } = message;
  return functionOf({
    name: `write$${name}`,
    parameters: ["writer: $.Writer", `message: $types.${input}`],
    result: "void",
    statements: [
      ...oneofs.map(checkCase),
      ...runsOf(fields).flatMap((neighbours) =>
        neighbours.length > 1
          ? [writeCases(neighbours)]
          : neighbours.map((field) =>
              writeField(message, field, demanded.get(field.name)),
            ),
      ),
      run("writer.unknown(message.$unknown)"),
    ],
  });
}

/**
 * Fields in their order, those of one oneof that stand beside each other together:
 * the compiler narrows a union of hundreds of cases far faster in a `switch` than
 * in as many conditions.
 */
function runsOf(fields: readonly FieldPlan[]): FieldPlan[][] {
  const runs: FieldPlan[][] = [];
  for (const field of fields) {
    const last = runs.at(-1);
    if (field.oneof !== undefined && last?.[0]?.oneof === field.oneof)
      last.push(field);
    else runs.push([field]);
  }
  return runs;
}

/** Writes the one of some neighbouring cases that is there. */
function writeCases(fields: readonly FieldPlan[]): Doc {
  const [{ property } = { property: "" }] = fields;
  return switchOn(
    member("message", `.${property}`, "?.case"),
    fields.map((field) => ({
      labels: [stringLiteral(field.name)],
      statements: [writeCase(field), "break;"],
    })),
  );
}

function writeCase({ value, number, property }: FieldPlan): Doc {
  const tag = String(tagOf(number, value.wireType));
  return writeValue(value, tag, member("message", `.${property}`, ".value"));
}

/** A case that is no field would be lost without a word. */
function checkCase({ property, cases }: OneofPlan): Doc {
  const target = member("message", `.${property}`);
  return switchOn(call("writer.caseOf", [target]), [
    {
      labels: ["undefined", ...cases.map(stringLiteral)],
      statements: ["break;"],
    },
    {
      labels: [],
      statements: [
        run(
          call("writer.noCase", [member("message", `.${property}`, "?.case")]),
        ),
      ],
    },
  ]);
}

function writeField(
  message: MessagePlan,
  field: FieldPlan,
  demanded: WireValue | undefined,
): Doc {
  const { value, number, target, shape, presence } = field;
  if (shape === "map") {
    const tag = String(tagOf(number, DELIMITED));
    return run(call("writer.map", [tag, entryWriter(message, field), target]));
  }
  if (isPacked(field)) {
    const tag = String(tagOf(number, DELIMITED));
    return run(
      call("writer.packed", [tag, itemWriter(message, field), target]),
    );
  }
  const tag = String(tagOf(number, value.wireType));
  if (shape === "list") {
    return forOf("item", call("writer.list", [target]), [
      writeValue(value, tag, "item"),
    ]);
  }
  if (field.oneof !== undefined) {
    return ifElse([
      [
        compare(
          member("message", `.${field.property}`, "?.case"),
          "===",
          stringLiteral(field.name),
        ),
        writeCase(field),
      ],
    ]);
  }
  const write = writeValue(value, tag, target);
  const isThere = compare(target, "!==", "undefined");
  if (presence === "implicit") return writeImplicit(field, tag, write);
  const fallback: [Doc, Doc][] =
    demanded === undefined
      ? []
      : [["writer.complete", writeDemanded(field, tag, demanded)]];
  return ifElse(
    [[isThere, write], ...fallback],
    presence === "required" ? run("writer.missing()") : undefined,
  );
}

/** A field without presence, which is not written where it is zero. */
function writeImplicit(field: FieldPlan, tag: string, write: Doc): Doc {
  const { target, value } = field;
  if (value.kind === "scalar") {
    // Zeros have signs, which comparing does not tell.
    if (value.write === "float")
      return run(call("writer.implicitFloat", [tag, target]));
    if (value.write === "double")
      return run(call("writer.implicitDouble", [tag, target]));
  }
  return ifElse([[both([target, "undefined"], notZero(field)), write]]);
}

/** What is compared with what to know that a field without presence is not its zero. */
function notZero({ target, property, value }: FieldPlan): [Doc, Doc] {
  // The first value of an open enum is 0; a closed one's absence means its first.
  if (value.kind === "enum") return [target, String(value.first)];
  if (value.kind !== "scalar") return [target, "undefined"];
  if (value.write === "binary")
    return [member("message", `.${property}`, "?.length"), "0"];
  return [target, value.zero];
}

function writeValue(value: ValuePlan, tag: string, source: Doc): Doc {
  switch (value.kind) {
    case "scalar":
      return run(call(`writer.${value.write}`, [tag, source]));
    case "enum":
      return run(
        value.closed
          ? call("writer.enum", [tag, source, `is$${value.name}`])
          : call("writer.int32", [tag, source]),
      );
    default:
      return run(
        call(`writer.${value.kind}`, [tag, `write$${value.name}`, source]),
      );
  }
}

function writeDemanded(
  { value }: FieldPlan,
  tag: string,
  demanded: WireValue,
): Doc {
  if (value.kind === "scalar")
    return writeValue(value, tag, literal(demanded, value));
  if (value.kind === "enum")
    return run(call("writer.int32", [tag, literal(demanded, value)]));
  // Its bytes: there may be fields in it that are demanded.
  const bytes = demanded instanceof Uint8Array ? demanded : new Uint8Array(0);
  return run(call("writer.binary", [tag, bytesLiteral(bytes)]));
}

// Maps and packed lists

function entryWriter({ name }: MessagePlan, field: FieldPlan): string {
  return `writeEntry$${name}$${field.name}`;
}

function itemWriter({ name }: MessagePlan, field: FieldPlan): string {
  return `writeItem$${name}$${field.name}`;
}

/** The type of a value as it may be given. */
function inputType(value: ValuePlan): string {
  switch (value.kind) {
    case "scalar":
      return value.type;
    case "enum":
      return value.closed ? `$types.${value.name}` : "number";
    default:
      return `$types.${value.input}`;
  }
}

/** Key and value of an entry are always written. */
function writeEntry(message: MessagePlan, field: FieldPlan): Doc {
  const { value, key: keyType = "string" } = field;
  const key = scalar(keyType, false, "bigint");
  const keyTag = String(tagOf(1, key.wireType));
  return functionOf({
    name: entryWriter(message, field),
    parameters: [
      "writer: $.Writer",
      "key: string",
      `value: ${inputType(value)}`,
    ],
    result: "void",
    statements: [
      writeValue(key, keyTag, keyValue(key.type)),
      writeValue(value, String(tagOf(2, value.wireType)), "value"),
    ],
  });
}

/** A key from its text. */
function keyValue(type: string): string {
  switch (type) {
    case "string":
      return "key";
    case "bigint":
      return "$.bigintKey(key)";
    case "boolean":
      return "$.booleanKey(key)";
    default:
      return "$.integerKey(key)";
  }
}

function writeItem(message: MessagePlan, field: FieldPlan): Doc {
  return functionOf({
    name: itemWriter(message, field),
    parameters: ["writer: $.Writer", `item: ${inputType(field.value)}`],
    result: "void",
    // In a packed list there are no tags.
    statements: [writeValue(field.value, "0", "item")],
  });
}
