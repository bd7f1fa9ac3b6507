import type {
  Envelope,
  EnvelopeFailure,
  EnvelopeMethod,
  EnumValue,
  Method,
  PushEnd,
} from "../../../model/api.ts";
import type {
  CommentedData,
  Data,
  DataObject,
  Reference,
} from "../../layout/forms.ts";
import { type ProtoNames, propertyName } from "./names.ts";

/** Entries that may be left out. */
type Entries = readonly (readonly [
  key: string,
  value: Data | CommentedData | undefined,
])[];

/** The runtime's `EnvelopeDescriptor`, as data to lay out. */
export function describeEnvelope(
  envelope: Envelope,
  methods: readonly Method[],
  names: ProtoNames,
): DataObject {
  const codes = names.type(envelope.error.enum);
  const { priority = [], failures = {} } = envelope;
  return object([
    ["name", envelope.label],
    ["address", envelope.address],
    ["request", codec(names, envelope.request)],
    ["response", codec(names, envelope.response)],
    ["error", propertyName(envelope.error.field)],
    ["errorMessage", property(envelope.errorMessage)],
    ["timestamp", property(envelope.timestamp)],
    ["codes", { reference: codes }],
    ["success", code(envelope.success)],
    ["absent", code(envelope.absent)],
    [
      "methods",
      object(
        methods.flatMap((method): Entries =>
          method.envelope === undefined
            ? []
            : [
                [
                  propertyName(method.name),
                  describeMethod(method.envelope, names),
                ],
              ],
        ),
      ),
    ],
    ["priority", priority.length === 0 ? undefined : way(priority)],
    [
      "failures",
      unlessEmpty(
        object([
          ["method", failure(failures.method)],
          ["subscription", failure(failures.subscription)],
          ["internal", failure(failures.internal)],
        ]),
      ),
    ],
  ]);
}

/**
 * The number of a value, its name above it. `Codes.Name` would read better, but
 * bundlers do not know that reading it does nothing, and would keep all of it.
 */
function code({ name, number = 0 }: EnumValue): CommentedData {
  return { comment: [`// ${name}`], value: number };
}

function failure(of: EnvelopeFailure | undefined): DataObject | undefined {
  return (
    of &&
    object([
      ["code", code(of.code)],
      ["text", of.text],
    ])
  );
}

function describeMethod(method: EnvelopeMethod, names: ProtoNames): DataObject {
  const { output, push, bound, unbound, ownTime } = method;
  return object([
    ["input", codec(names, method.input)],
    ["output", output && codec(names, output)],
    [
      "push",
      push &&
        object([
          ["stop", property(push.stop)],
          ["ends", push.ends?.map(describeEnd)],
        ]),
    ],
    [
      "bound",
      bound &&
        object([
          ["name", way(bound.name)],
          ["when", bound.when && way(bound.when)],
        ]),
    ],
    [
      "unbound",
      unbound &&
        object([
          ["name", way(unbound.name)],
          ["where", unlessEmpty(describeWhere(unbound.where))],
        ]),
    ],
    ["extraTime", method.extraTime],
    [
      "ownTime",
      ownTime &&
        object([
          ["field", way(ownTime.field)],
          ["absent", ownTime.absent],
        ]),
    ],
    ["bare", method.bare === true ? true : undefined],
    ["idempotent", method.idempotent ? true : undefined],
  ]);
}

function describeEnd(end: PushEnd): DataObject {
  return new Map(
    [...end].map(([name, value]): [string, Data] => [
      propertyName(name),
      typeof value === "object"
        ? object([["input", propertyName(value.input)]])
        : value,
    ]),
  );
}

/** Ways are dotted here. */
function describeWhere(
  where: ReadonlyMap<string, boolean | number | string>,
): DataObject {
  return new Map(
    [...where].map(([dotted, value]) => [
      way(dotted.split(".")).join("."),
      value,
    ]),
  );
}

function unlessEmpty(data: DataObject): DataObject | undefined {
  return data.size === 0 ? undefined : data;
}

/** The way to a field, by the names that its properties have. */
function way(names: readonly string[]): readonly string[] {
  return names.map(propertyName);
}

function object(entries: Entries): DataObject {
  const there = entries.flatMap(
    ([key, value]): [string, Data | CommentedData][] =>
      value === undefined ? [] : [[key, value]],
  );
  return new Map(there);
}

/** The codec of a message has the message's name. */
function codec(names: ProtoNames, path: readonly string[]): Reference {
  return { reference: names.type(path) };
}

function property(field: string | undefined): string | undefined {
  return field === undefined ? undefined : propertyName(field);
}

/** The codecs and enums that the descriptor mentions, each once. */
export function descriptorImports(
  envelope: Envelope,
  methods: readonly Method[],
  names: ProtoNames,
): { readonly codecs: readonly string[]; readonly types: readonly string[] } {
  const codecs = new Set([
    names.type(envelope.request),
    names.type(envelope.response),
  ]);
  for (const { envelope: method } of methods) {
    if (method === undefined) continue;
    codecs.add(names.type(method.input));
    if (method.output !== undefined) codecs.add(names.type(method.output));
  }
  return { codecs: [...codecs], types: [names.type(envelope.error.enum)] };
}
