import type {
  EnvelopeMethod,
  Field,
  PushEnd,
  StructDeclaration,
} from "../../api.ts";
import { problemAt, settingPath, suggestion } from "./problem.ts";
import type { ConfigValue, EnvelopeConfig, PushEndConfig } from "./settings.ts";
import { fieldOf, isOne, type Types } from "./types.ts";
import { scalarValue } from "./values.ts";

/** A command: its field in the request, and what the response has for it. */
export interface Command {
  readonly field: Field;
  readonly input: StructDeclaration;
  readonly result: Field | undefined;
  readonly output: StructDeclaration | undefined;
}

/** The commands of a request message: its optional fields of one message each. */
export function commandsOf(
  types: Types,
  request: StructDeclaration,
  response: StructDeclaration,
): Command[] {
  return request.fields.flatMap((field) => {
    const input = types.messageOf(field);
    if (input === undefined || field.presence !== "optional") return [];
    assertOwnField(request, field, "request");
    const result = response.fields.find(({ name }) => name === field.name);
    const output = result && types.messageOf(result);
    if (result !== undefined && output === undefined) {
      throw problemAt(
        "response",
        `${response.name}.${result.name} would be the result of a command, and is not one message`,
      );
    }
    if (result !== undefined) assertOwnField(response, result, "response");
    return [{ field, input, result, output }];
  });
}

/** Only one field of a oneof is there at a time, and programs see it as the oneof's. */
function assertOwnField(
  message: StructDeclaration,
  { name, wire }: Field,
  setting: string,
): void {
  if (wire?.oneof === undefined) return;
  throw problemAt(
    setting,
    `${message.name}.${name} is in the oneof "${wire.oneof}", where commands and their results cannot be; take the fields out of the oneof, which changes nothing of their bytes`,
  );
}

type PushCondition = [string, boolean | number | string | { input: string }];

/** What a configuration says of one command. */
type Settings = Omit<
  EnvelopeMethod,
  "input" | "output" | "requestField" | "responseField"
>;

/** The settings that are kept by command, each checked to name one. */
export class CommandSettings {
  readonly #config: EnvelopeConfig;
  readonly #types: Types;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly priority: readonly string[];

  constructor(
    config: EnvelopeConfig,
    types: Types,
    commands: readonly Command[],
  ) {
    this.#config = config;
    this.#types = types;
    this.#commands = new Map(
      commands.map((command) => [command.field.name, command]),
    );
    for (const setting of [
      "push",
      "bound",
      "unbound",
      "extraTime",
      "ownTime",
    ] as const) {
      for (const name of Object.keys(config[setting] ?? {}))
        this.#command(name, settingPath(setting, name));
    }
    for (const setting of ["idempotent", "bare", "priority"] as const)
      this.#checkList(setting, config[setting] ?? []);
    this.priority = config.priority ?? [];
  }

  #command(name: string, setting: string): Command {
    const found = this.#commands.get(name);
    if (found !== undefined) return found;
    throw problemAt(
      setting,
      `there is no command ${JSON.stringify(name)}${suggestion(name, this.#commands.keys())}`,
    );
  }

  #checkList(setting: string, names: readonly string[]): void {
    for (const [index, name] of names.entries()) {
      const at = settingPath(setting, index);
      this.#command(name, at);
      if (names.indexOf(name) < index)
        throw problemAt(at, `${name} is listed twice`);
    }
  }

  /** What is said of a command that there is. */
  of(name: string): Settings {
    const command = this.#command(name, "");
    const unbound = this.#unbound(command);
    const isBare = this.#config.bare?.includes(name) ?? false;
    return {
      push: this.#push(command),
      bound: this.#bound(command),
      ...(unbound && { unbound }),
      extraTime: own(this.#config.extraTime, name),
      ownTime: this.#ownTime(command),
      ...(isBare && { bare: true }),
      idempotent: this.#config.idempotent?.includes(name) ?? false,
    };
  }

  #push({ field, input, output }: Command): Settings["push"] {
    const wanted = own(this.#config.push, field.name);
    if (wanted === undefined) return undefined;
    const setting = settingPath("push", field.name);
    if (output === undefined) {
      throw problemAt(
        setting,
        `the response has no field ${field.name}, so nothing can be pushed`,
      );
    }
    const { stop, ends } = wanted;
    if (stop !== undefined) {
      const at = settingPath(setting, "stop");
      const stopping = this.#command(stop, at);
      if (stop === field.name || own(this.#config.push, stop) !== undefined)
        throw problemAt(at, `${stop} subscribes itself`);
      if (stopping.input !== input)
        throw problemAt(at, `${stop} does not have the input of ${field.name}`);
    }
    return {
      stop,
      ...(ends && {
        ends: ends.map((end, index) =>
          this.#end(end, input, output, `${setting}.ends[${index}]`),
        ),
      }),
    };
  }

  #end(
    end: PushEndConfig,
    input: StructDeclaration,
    output: StructDeclaration,
    setting: string,
  ): PushEnd {
    const conditions = Object.entries(end);
    if (conditions.length === 0)
      throw problemAt(
        setting,
        "without a condition every push would be the last",
      );
    return new Map(
      conditions.map(([name, value]): PushCondition => {
        const at = settingPath(setting, name);
        const field = fieldOf(output, name, at);
        if (typeof value !== "object")
          return [name, this.#comparable(field, value, at)];
        const given = fieldOf(input, value.input, settingPath(at, "input"));
        if (!isSameScalar(field, given)) {
          throw problemAt(
            settingPath(at, "input"),
            `${input.name}.${given.name} does not have the type of ${output.name}.${name}`,
          );
        }
        return [name, { input: value.input }];
      }),
    );
  }

  /** A value that programs can compare with a field's, whatever integers of 64 bits are there. */
  #comparable(
    field: Field,
    value: ConfigValue,
    setting: string,
  ): boolean | number | string {
    const found = scalarValue(this.#types, field, value, setting);
    if (typeof found === "bigint" || typeof found === "object")
      throw problemAt(setting, "fields of this type cannot be compared");
    return found;
  }

  #bound({ field, input }: Command): Settings["bound"] {
    const wanted = own(this.#config.bound, field.name);
    if (wanted === undefined) return undefined;
    const setting = settingPath("bound", field.name);
    const { name, when } = wanted;
    return {
      name: this.#way(input, name, "text", settingPath(setting, "name")),
      when:
        when === undefined
          ? undefined
          : this.#way(input, when, "flag", settingPath(setting, "when")),
    };
  }

  #unbound({ field, input }: Command): Settings["unbound"] {
    const wanted = own(this.#config.unbound, field.name);
    if (wanted === undefined) return undefined;
    const setting = settingPath("unbound", field.name);
    const where = Object.entries(wanted.where ?? {}).map(
      ([way, value]): [string, boolean | number | string] => {
        const at = settingPath(settingPath(setting, "where"), way);
        const condition = this.#types.fieldAt(input, way, at);
        return [way, this.#comparable(condition, value, at)];
      },
    );
    return {
      name: this.#way(input, wanted.name, "text", settingPath(setting, "name")),
      where: new Map(where),
    };
  }

  #ownTime({ field, input }: Command): Settings["ownTime"] {
    const wanted = own(this.#config.ownTime, field.name);
    if (wanted === undefined) return undefined;
    const setting = settingPath(settingPath("ownTime", field.name), "field");
    return {
      field: this.#way(input, wanted.field, "integer", setting),
      absent: wanted.absent,
    };
  }

  /** A dotted way, checked to lead to one value of a kind. */
  #way(
    input: StructDeclaration,
    way: string,
    kind: "text" | "flag" | "integer",
    setting: string,
  ): readonly string[] {
    const field = this.#types.fieldAt(input, way, setting);
    if (isOne(field, kind)) return way.split(".");
    throw problemAt(setting, `${input.name}.${way} is not one ${WORDS[kind]}`);
  }
}

const WORDS = { text: "string", flag: "bool", integer: "integer" } as const;

/** What an object of JSON has itself: commands may be called `constructor`. */
function own<T>(
  settings: { readonly [name: string]: T } | undefined,
  name: string,
): T | undefined {
  return settings !== undefined && Object.hasOwn(settings, name)
    ? settings[name]
    : undefined;
}

function isSameScalar(left: Field, right: Field): boolean {
  return (
    (left.type.kind === "primitive" || left.type.kind === "reference") &&
    left.wire?.type !== "message" &&
    left.wire?.type !== "group" &&
    JSON.stringify(left.type) === JSON.stringify(right.type)
  );
}
