import type {
  EnumDeclaration,
  EnumValue,
  Envelope,
  EnvelopeMethod,
  Field,
  Method,
  Service,
  StructDeclaration,
  WireValue,
} from "../api.ts";

/**
 * How an envelope RPC is told of: what its messages are, and what neither they
 * nor their file can say. A project keeps it as JSON beside the interface file.
 */
export interface EnvelopeConfig {
  /** What client and service are called by. Default: the package's last label. */
  readonly label?: string;
  /** Full names of the two messages: `Porto.TPortoRequest`. */
  readonly request: string;
  readonly response: string;
  readonly error: {
    /** The response's field with the error code: one of an enum. */
    readonly field: string;
    /** The response's field with the error's text. */
    readonly message?: string;
    /** The enum's value for no error. */
    readonly success: string;
    /** The enum's value that an absent code means. */
    readonly absent: string;
  };
  /** The response's field with the service's time. */
  readonly timestamp?: string;
  /** Where clients connect when nothing else is said. */
  readonly address?: string;
  /** By command: those that subscribe to pushes of the response's field of their name. */
  readonly push?: { readonly [command: string]: { readonly stop?: string } };
  /**
   * By command: those that make what lives as long as the connection. Ways to
   * fields are dotted: `container.name`.
   */
  readonly bound?: {
    readonly [command: string]: {
      readonly name: string;
      readonly when?: string;
    };
  };
  /**
   * By message full name: fields that the peer demands although the file says that
   * they are optional, with the value to write where none is given (integers of 64
   * bits as a string or number).
   */
  readonly required?: {
    readonly [message: string]: {
      readonly [field: string]: boolean | number | string;
    };
  };
  /** By command: milliseconds beyond the usual time. */
  readonly extraTime?: { readonly [command: string]: number };
  /**
   * By command: the field with the milliseconds that the service itself may take;
   * `absent` where none is given, left out for without end.
   */
  readonly ownTime?: {
    readonly [command: string]: {
      readonly field: string;
      readonly absent?: number;
    };
  };
  /** Commands that only read, so that they may be sent again. */
  readonly idempotent?: readonly string[];
}

/** A configuration does not fit its interface file. */
export class EnvelopeError extends Error {
  override readonly name: string = "EnvelopeError";
}

/**
 * Finds the methods of an envelope RPC: the request's message fields in order,
 * each with the response's field of the same name as its result.
 *
 * @throws EnvelopeError naming the setting that does not fit.
 */
export function bindEnvelope(
  service: Service,
  config: EnvelopeConfig,
): Service {
  const request = messageOf(service, config.request, "request");
  const response = messageOf(service, config.response, "response");
  const envelope = envelopeOf(service, config, request, response);
  const methods = request.fields.flatMap((field) => {
    const input = structOf(service, field);
    return input === undefined
      ? []
      : [methodOf(service, config, response, field, input)];
  });
  return {
    ...service,
    wire: "envelope",
    methods,
    members: [...methods, ...service.types],
    envelope,
  };
}

function messageOf(
  service: Service,
  fullName: string,
  setting: string,
): StructDeclaration {
  const found = service.types.find(
    (type) => type.kind === "struct" && type.path.join(".") === fullName,
  );
  if (found?.kind === "struct") return found;
  throw new EnvelopeError(
    `${setting}: ${service.source.path} has no message ${fullName}`,
  );
}

function structOf(
  service: Service,
  field: Field,
): StructDeclaration | undefined {
  if (field.type.kind !== "reference") return undefined;
  const key = field.type.path.join(".");
  const found = service.types.find(({ path }) => path.join(".") === key);
  return found?.kind === "struct" ? found : undefined;
}

function envelopeOf(
  service: Service,
  config: EnvelopeConfig,
  request: StructDeclaration,
  response: StructDeclaration,
): Envelope {
  const field = fieldOf(response, config.error.field, "error.field");
  const path = field.type.kind === "reference" ? field.type.path : [];
  const codes = service.types.find(
    (type): type is EnumDeclaration =>
      type.kind === "enum" && type.path.join(".") === path.join("."),
  );
  if (codes === undefined)
    throw new EnvelopeError(
      `error.field: ${response.name}.${field.name} is not of an enum`,
    );
  const named = (setting: string, name: string | undefined) =>
    name === undefined ? undefined : fieldOf(response, name, setting).name;
  return {
    label:
      config.label ?? service.name.slice(service.name.lastIndexOf(".") + 1),
    request: request.path,
    response: response.path,
    error: { field: field.name, enum: codes.path },
    success: valueOf(codes, config.error.success, "error.success"),
    absent: valueOf(codes, config.error.absent, "error.absent"),
    errorMessage: named("error.message", config.error.message),
    timestamp: named("timestamp", config.timestamp),
    address: config.address,
    required: requiredOf(service, config.required ?? {}),
  };
}

function fieldOf(
  message: StructDeclaration,
  name: string,
  setting: string,
): Field {
  const field = message.fields.find((one) => one.name === name);
  if (field !== undefined) return field;
  throw new EnvelopeError(`${setting}: ${message.name} has no field ${name}`);
}

function valueOf(
  codes: EnumDeclaration,
  name: string,
  setting: string,
): EnumValue {
  const value = codes.values.find((one) => one.name === name);
  if (value !== undefined) return value;
  throw new EnvelopeError(`${setting}: ${codes.name} has no value ${name}`);
}

function requiredOf(
  service: Service,
  config: NonNullable<EnvelopeConfig["required"]>,
): Envelope["required"] {
  return new Map(
    Object.entries(config).map(([fullName, fields]) => {
      const message = messageOf(service, fullName, "required");
      return [
        fullName,
        new Map(
          Object.entries(fields).map(([name, value]) => [
            name,
            wireValue(fieldOf(message, name, `required.${fullName}`), value),
          ]),
        ),
      ];
    }),
  );
}

function wireValue(field: Field, value: boolean | number | string): WireValue {
  const name = field.type.kind === "primitive" ? field.type.name : undefined;
  return name === "int64" || name === "uint64" ? BigInt(value) : value;
}

function methodOf(
  service: Service,
  config: EnvelopeConfig,
  response: StructDeclaration,
  field: Field,
  input: StructDeclaration,
): Method {
  const { name } = field;
  const result = response.fields.find((one) => one.name === name);
  const output = result && structOf(service, result);
  const push = config.push?.[name];
  const bound = config.bound?.[name];
  const ownTime = config.ownTime?.[name];
  const way = (dotted: string): readonly string[] => dotted.split(".");
  const envelope: EnvelopeMethod = {
    input: input.path,
    output: output?.path,
    requestField: field.wire?.number ?? 0,
    responseField: result?.wire?.number,
    push: push && { stop: push.stop },
    bound: bound && {
      name: way(bound.name),
      when: bound.when === undefined ? undefined : way(bound.when),
    },
    extraTime: config.extraTime?.[name],
    ownTime: ownTime && {
      field: way(ownTime.field),
      absent: ownTime.absent,
    },
    idempotent: config.idempotent?.includes(name) ?? false,
  };
  return {
    kind: "method",
    name,
    docs: field.docs,
    span: field.span,
    input,
    output: output ?? { fields: [], span: field.span },
    forms: { more: "unknown", upgrade: "unknown" },
    deprecated: field.deprecated,
    envelope,
  };
}
