import type { EnumDeclaration, Service } from "../../../model/api.ts";
import { docComment, lineComment } from "../../layout/comment.ts";
import { type Doc, hardline, indent } from "../../layout/doc.ts";
import { breakAfter, importNamespace, typeAlias } from "../../layout/forms.ts";
import { stringLiteral } from "../../layout/literal.ts";
import {
  block,
  call,
  exportedObject,
  functionOf,
  returns,
  switchOn,
  text,
} from "../../layout/statements.ts";
import type { Templates } from "../../templates/render.ts";
import { typeKey } from "../names.ts";
import { defaultsObject } from "./codec/defaults.ts";
import { type Int64, type MessagePlan, planMessages } from "./codec/fields.ts";
import { readFunctions } from "./codec/read.ts";
import { type DemandedFields, writeFunctions } from "./codec/write.ts";
import type { ProtoNames } from "./names.ts";

export interface CodecOptions {
  /** The header's text, without comment marks: see `headerText` in `src/emit/header.ts`. */
  readonly header: string;
  /** Where the runtime is imported from: `portolan/codegen/v1`. */
  readonly runtime: string;
  /** Where the types are imported from: `./types.js`. */
  readonly typesModule: string;
  readonly int64: Int64;
  readonly templates: Templates;
}

/** What `templates/typescript/codec.hbs` is filled with. */
export interface CodecView {
  /** As in every file. */
  readonly header: string;
  /** Import statements, one each. */
  readonly imports: readonly string[];
  /** Whether there are messages; the module is empty without. */
  readonly hasMessages: boolean;
  /** Functions that tell the values of closed enums. */
  readonly guards: readonly string[];
  /** The messages, a codec each. */
  readonly messages: readonly MessageView[];
}

/** A message's codec. */
export interface MessageView {
  /** Its comment. */
  readonly docs: string;
  /** The codec. */
  readonly constant: string;
  /** The type of the same name. */
  readonly alias: string;
  /** Those that read and write it. */
  readonly functions: readonly string[];
}

/**
 * The text of `codec.ts`: for each message a constant with its codec, and the
 * functions that read and write it. They are code for each field, and nothing in
 * the module runs until a codec is used.
 */
export function planCodec(
  service: Service,
  names: ProtoNames,
  options: CodecOptions,
): string {
  const messages = planMessages(service, names, options.int64);
  const required =
    service.envelope?.required ?? new Map<string, DemandedFields>();
  const view: CodecView = {
    header: lineComment(options.header),
    imports: [
      importNamespace({ alias: "$", from: options.runtime, typeOnly: false }),
      importNamespace({
        alias: "$types",
        from: options.typesModule,
        typeOnly: true,
      }),
    ],
    hasMessages: messages.length > 0,
    guards: closedEnumsIn(service, messages, names),
    messages: messages.map((message) =>
      messageView(message, required.get(message.typeName) ?? new Map()),
    ),
  };
  return options.templates.render("typescript/codec", view);
}

function messageView(
  message: MessagePlan,
  demanded: DemandedFields,
): MessageView {
  const { name, typeName } = message;
  return {
    docs: docComment([[`Reads and writes \`${typeName}\`.`]], 0),
    constant: text(codecObject(message)),
    alias: typeAlias(name, { kind: "reference", name: `$types.${name}` }),
    functions: [
      ...readFunctions(message),
      ...writeFunctions(message, demanded),
    ].map(text),
  };
}

function codecObject({ name, input, typeName, fields }: MessagePlan): Doc {
  const literal = stringLiteral(typeName);
  const method = (
    verb: "encode" | "decode",
    value: string,
    part: string,
  ): Doc =>
    block(`${verb}(${value}, options)`, [
      returns(
        call(`$.${verb}`, [literal, `${part}$${name}`, value, "options"]),
      ),
    ]);
  const members: Doc[] = [
    breakAfter("typeName", ":", literal),
    ["defaults: ", defaultsObject(fields)],
    method("encode", "message", "write"),
    method("decode", "bytes", "read"),
  ];
  return exportedObject({
    name,
    type: "$.Codec",
    arguments: [`$types.${name}`, `$types.${input}`],
    value: [
      "{",
      indent(members.map((member) => [hardline, member, ","])),
      hardline,
      "}",
    ],
  });
}

/** A function for each closed enum that a message has. */
function closedEnumsIn(
  service: Service,
  messages: readonly MessagePlan[],
  names: ProtoNames,
): string[] {
  const used = new Set(
    messages.flatMap(({ fields }) =>
      fields.flatMap(({ value }) =>
        value.kind === "enum" && value.closed ? [value.name] : [],
      ),
    ),
  );
  return service.types.flatMap((type) =>
    type.kind === "enum" && used.has(names.type(type.path))
      ? [text(guard(names.type(type.path), type))]
      : [],
  );
}

function guard(name: string, { path, values }: EnumDeclaration): Doc {
  const numbers = new Set(values.map(({ number }) => number));
  return functionOf({
    name: `is$${name}`,
    parameters: ["value: number"],
    result: `value is $types.${name}`,
    statements: [
      switchOn("value", [
        {
          // Aliases share a number.
          labels: [...numbers].map((number) => numberIn(path, number)),
          statements: [returns("true")],
        },
        { labels: [], statements: [returns("false")] },
      ]),
    ],
  });
}

function numberIn(path: readonly string[], number: number | undefined): string {
  if (number === undefined) throw new Error(`${typeKey(path)} has no numbers`);
  return String(number);
}
