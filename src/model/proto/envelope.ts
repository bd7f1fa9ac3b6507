import type {
  Envelope,
  EnvelopeFailure,
  Field,
  Method,
  Service,
  StructDeclaration,
} from "../api.ts";
import { CommandSettings, commandsOf } from "./envelope/commands.ts";
import { EnvelopeError, problemAt } from "./envelope/problem.ts";
import type { EnvelopeConfig, FailureConfig } from "./envelope/settings.ts";
import { fieldOf, isOne, Types, valueOf } from "./envelope/types.ts";
import { demandedValues } from "./envelope/values.ts";

export { parseEnvelopeConfig } from "./envelope/config.ts";
export { EnvelopeError };
export type { EnvelopeConfig } from "./envelope/settings.ts";

/**
 * Finds the methods of an envelope RPC: the request's optional message fields in
 * order, each with the response's field of the same name as its result.
 *
 * @param path - Of the configuration, for messages.
 * @throws EnvelopeError naming the setting that does not fit.
 */
export function bindEnvelope(
  service: Service,
  config: EnvelopeConfig,
  path?: string,
): Service {
  try {
    return bound(service, config);
  } catch (error) {
    if (path === undefined || !(error instanceof EnvelopeError)) throw error;
    throw new EnvelopeError(`${path}: ${error.message}`, {
      path,
      cause: error,
    });
  }
}

function bound(service: Service, config: EnvelopeConfig): Service {
  const types = new Types(service);
  const request = types.message(config.request, "request");
  const response = types.message(config.response, "response");
  if (request === response)
    throw problemAt("response", "it is the request's message");
  const commands = commandsOf(types, request, response);
  if (commands.length === 0) {
    throw problemAt(
      "request",
      `${request.name} has no optional field of a message, which a command would be`,
    );
  }
  const settings = new CommandSettings(config, types, commands);
  const methods = commands.map(({ field, input, result, output }): Method => ({
    kind: "method",
    name: field.name,
    docs: field.docs,
    span: field.span,
    input,
    output: output ?? { fields: [], span: field.span },
    forms: { more: "unknown", upgrade: "unknown" },
    deprecated: field.deprecated,
    envelope: {
      input: input.path,
      output: output?.path,
      requestField: numberOf(field),
      responseField: result && numberOf(result),
      ...settings.of(field.name),
    },
  }));
  return {
    ...service,
    wire: "envelope",
    methods,
    members: [...methods, ...service.types],
    envelope: envelopeOf(service, config, types, request, response, settings),
  };
}

function numberOf({ name, wire }: Field): number {
  if (wire !== undefined) return wire.number;
  throw new Error(`${name} is no field of Protocol Buffers`);
}

function envelopeOf(
  service: Service,
  config: EnvelopeConfig,
  types: Types,
  request: StructDeclaration,
  response: StructDeclaration,
  settings: CommandSettings,
): Envelope {
  const field = fieldOf(response, config.error.field, "error.field");
  const codes = types.enumOf(field);
  if (codes === undefined) {
    throw problemAt(
      "error.field",
      `${response.name}.${field.name} is not one value of an enum`,
    );
  }
  const failure = (
    name: string,
    wanted: FailureConfig | undefined,
  ): EnvelopeFailure | undefined =>
    wanted && {
      code: valueOf(codes, wanted.code, `failures.${name}.code`),
      text: wanted.text,
    };
  const method = failure("method", config.failures?.method);
  const subscription = failure("subscription", config.failures?.subscription);
  const internal = failure("internal", config.failures?.internal);
  return {
    label: labelOf(service, config),
    request: request.path,
    response: response.path,
    error: { field: field.name, enum: codes.path },
    success: valueOf(codes, config.error.success, "error.success"),
    absent: valueOf(codes, config.error.absent, "error.absent"),
    errorMessage: named(
      response,
      config.error.message,
      "text",
      "error.message",
    ),
    timestamp: named(response, config.timestamp, "integer", "timestamp"),
    address: addressOf(config),
    required: demandedValues(types, config.required ?? {}),
    priority: settings.priority,
    failures: {
      ...(method && { method }),
      ...(subscription && { subscription }),
      ...(internal && { internal }),
    },
  };
}

/** A field of the response that a setting names, of the kind that it has to be. */
function named(
  response: StructDeclaration,
  name: string | undefined,
  kind: "text" | "integer",
  setting: string,
): string | undefined {
  if (name === undefined) return undefined;
  const field = fieldOf(response, name, setting);
  if (isOne(field, kind)) return name;
  throw problemAt(
    setting,
    `${response.name}.${name} is not one ${kind === "text" ? "string" : "integer"}`,
  );
}

function labelOf(service: Service, { label }: EnvelopeConfig): string {
  const chosen = label ?? service.name.slice(service.name.lastIndexOf(".") + 1);
  // It becomes part of the names of generated code.
  if (/^[A-Za-z]\w*$/.test(chosen)) return chosen;
  throw problemAt(
    "label",
    `${JSON.stringify(chosen)} is no name; it has to begin with a letter, and hold letters, digits and underscores`,
  );
}

function addressOf({ address }: EnvelopeConfig): string | undefined {
  if (address === undefined || /^[a-z]+:\S+$/.test(address)) return address;
  throw problemAt(
    "address",
    `${JSON.stringify(address)} is no address such as "unix:/run/example.socket"`,
  );
}
