import {
  EError,
  type PortoError,
  type TContainerInput,
  type TContainerSpecInput,
  type TListContainersFieldOptions,
  type TStreamDumpOptions,
} from "portolan/porto";
import { failure } from "../errors.ts";
import { isLabelName } from "../label-rules.ts";
import { environmentOf } from "../project.ts";
import { parseMap } from "../text.ts";
import type { Box } from "../view.ts";
import { concealed } from "./kinds-container.ts";
import { readable } from "./readable.ts";
import type { Readable, Source } from "./readable-kinds.ts";
import { settable } from "./settable.ts";
import type { Settable } from "./settable-kinds.ts";

/** `name[index]`, taken apart. @throws PortoError `InvalidProperty` for an empty index */
export function splitProperty(given: string): {
  readonly name: string;
  readonly index: string | undefined;
} {
  const open = given.indexOf("[");
  if (open < 0 || !given.endsWith("]"))
    return { name: given, index: undefined };
  const index = given.slice(open + 1, -1);
  if (index === "")
    throw failure(EError.InvalidProperty, "Empty property index");
  return { name: given.slice(0, open), index };
}

/**
 * Reads a property as text.
 *
 * @param given As clients write it: `state`, `env[PATH]`, `AB.label`.
 * @param real Only a value that was set, or that is not up to anybody to set.
 * @throws PortoError `InvalidProperty`, `InvalidState`, `NoValue`, `LabelNotFound` and others
 */
export async function readProperty(
  box: Box,
  given: string,
  real: boolean,
  source: Source,
): Promise<string> {
  const { name, index } = splitProperty(given);
  if (index === undefined && name.includes(".")) return readDotted(box, name);
  const own = settable.get(name);
  const told = readable.get(name);
  if (own !== undefined) {
    if (real && !own.always && !box.isSet(name))
      throw failure(EError.NoValue, "Property not set");
    checkReadable(box, own.name, own.runtime, false);
    return index === undefined
      ? wholeText(box, own)
      : entryText(box, own, index);
  }
  if (told === undefined)
    throw failure(
      EError.InvalidProperty,
      real ? "Unknown property" : `Unknown container property: ${name}`,
    );
  checkReadable(box, name, told.runtime, told.dead);
  if (index === undefined) return (await told.read(box, source)).text;
  if (told.entry === undefined) throw noEntries();
  return told.entry(box, index, source);
}

function noEntries(): PortoError {
  return failure(EError.InvalidValue, "Invalid subscript for property");
}

/** Labels by their names, and files of control groups, of which there are none. */
function readDotted(box: Box, name: string): string {
  if (isLabelName(name)) return labelOf(box, name);
  throw box.state === "stopped"
    ? failure(EError.InvalidState, `Not available in stopped state: ${name}`)
    : failure(EError.InvalidProperty, `Unknown cgroup attribute: ${name}`);
}

/** A label; with a point before its name also one of those around. @throws PortoError `LabelNotFound` */
function labelOf(box: Box, name: string): string {
  const inherited = name.startsWith(".");
  const label = inherited ? name.slice(1) : name;
  for (
    let each: Box | undefined = box;
    each !== undefined;
    each = inherited ? each.parent : undefined
  ) {
    const value = parseMap(each.text("labels")).get(label);
    if (value !== undefined) return value;
  }
  throw failure(EError.LabelNotFound, `Label ${name} is not set`);
}

function checkReadable(
  { state }: Box,
  name: string,
  runtime: boolean,
  dead: boolean,
): void {
  if (runtime && (state === "stopped" || state === "starting"))
    throw failure(
      EError.InvalidState,
      `${name} is not available in ${state} state`,
    );
  if (dead && state !== "dead")
    throw failure(EError.InvalidState, `${name} available only in dead state`);
}

function wholeText(box: Box, { name }: Settable): string {
  const text = box.text(name);
  return name === "env_secret" ? concealed(text) : text;
}

function entryText(box: Box, { name, entry }: Settable, index: string): string {
  if (name === "env") {
    const value = environmentOf(box).get(index);
    if (value !== undefined) return value;
  }
  if (name === "labels") return labelOf(box, index);
  if (entry === undefined) throw noEntries();
  return entry.get(wholeText(box, { name } as Settable), index);
}

/**
 * A container as `ListContainersBy` tells of it.
 *
 * @param fields Names of properties, and parts of output. Default: all properties.
 */
export async function describeContainer(
  box: Box,
  fields: TListContainersFieldOptions | undefined,
  source: Source,
): Promise<TContainerInput> {
  const asked = fields?.properties ?? [];
  const names =
    asked.length > 0 ? asked : [...settable.keys(), ...readable.keys()];
  const spec: Record<string, unknown> = { name: box.name };
  const status: Record<string, unknown> = {};
  const error: { error: EError; msg: string }[] = [];
  for (const name of names) {
    const own = settable.get(name);
    const told = readable.get(name);
    if (own !== undefined) Object.assign(spec, specPart(box, own));
    else if (told !== undefined)
      Object.assign(status, await statusPart(box, told, fields, source));
    else
      error.push({
        error: EError.InvalidProperty,
        msg: `Unknown property ${name}`,
      });
  }
  if (error.length > 0) status["error"] = error;
  const isTold = Object.keys(status).length > 0;
  return {
    spec,
    ...(isTold ? { status } : {}),
  };
}

function specPart(box: Box, own: Settable): TContainerSpecInput {
  if (own.runtime && box.state === "stopped") return {};
  return own.toSpec(box.text(own.name));
}

/** What cannot be told of a container as it is is left out. */
async function statusPart(
  box: Box,
  told: Readable,
  fields: TListContainersFieldOptions | undefined,
  source: Source,
): Promise<object> {
  if (told.field === undefined) return {};
  try {
    checkReadable(box, told.name, told.runtime, told.dead);
    const part =
      told.name === "stdout"
        ? fields?.stdout_options
        : told.name === "stderr"
          ? fields?.stderr_options
          : undefined;
    if (part !== undefined)
      return { [told.field]: await told.entry?.(box, range(part), source) };
    const { typed } = await told.read(box, source);
    const dead =
      told.name === "time" && box.state === "dead"
        ? { dead_time: BigInt((await told.entry?.(box, "dead", source)) ?? 0) }
        : {};
    return typed === undefined ? {} : { [told.field]: typed, ...dead };
  } catch (error) {
    if (isRefusal(error)) return {};
    throw error;
  }
}

function range({
  stdstream_offset: from = 0n,
  stdstream_limit: length = 8_388_608n,
}: TStreamDumpOptions): string {
  return `${from}:${length}`;
}

const refusals: ReadonlySet<number> = new Set([
  EError.InvalidState,
  EError.InvalidData,
  EError.NoValue,
  EError.Permission,
]);

function isRefusal(error: unknown): boolean {
  const { error: code } = error as { readonly error?: number };
  return code !== undefined && refusals.has(code);
}
