import { EError, type TContainerSpec } from "portolan/porto";
import { quoteWord } from "../command.ts";
import { failure } from "../errors.ts";
import { checkLabel, isLabelName, MAX_LABELS } from "../label-rules.ts";
import { formatMap, parseMap, splitEscaped } from "../text.ts";
import type { Box } from "../view.ts";
import { checkIdentity, nameOf } from "./identity.ts";
import { invalid, type ValueContext } from "./kinds.ts";
import { splitProperty } from "./read.ts";
import { readable } from "./readable.ts";
import { settable } from "./settable.ts";
import type { Settable } from "./settable-kinds.ts";

/** New values by property; undefined takes one away. */
export type Changes = Map<string, string | undefined>;

/**
 * What setting a property of a container changes.
 *
 * @param given As clients write it: `command`, `env[PATH]`, `AB.label`.
 * @throws PortoError `InvalidProperty`, `InvalidValue`, `InvalidState`, `Permission` and others
 */
export function changesOf(box: Box, given: string, value: string): Changes {
  if (box.isRoot)
    throw failure(EError.Permission, "System containers are read only");
  const text = value.trim();
  const { name, index } = splitProperty(given);
  if (index === undefined && !settable.has(name) && isLabelName(name))
    return labelChanges(box, new Map([[name, text]]), true);
  if (readable.has(name))
    throw failure(EError.InvalidValue, `${name} is read-only`);
  const property = settable.get(name);
  if (property === undefined)
    throw failure(EError.InvalidProperty, `Invalid property ${name}`);
  checkSettable(box, property);
  if (name === "labels") {
    const labels =
      index === undefined ? parseMap(text) : [[index, text] as const];
    return labelChanges(box, new Map(labels), true);
  }
  const context = contextOf(box);
  if (index === undefined)
    return spread(box, name, property.parse(text, context));
  if (property.entry === undefined)
    throw invalid("Invalid subscript for property");
  return spread(
    box,
    name,
    property.entry.set(box.text(name), index, text, context),
  );
}

/** What a specification changes of a container. @throws as {@link changesOf} */
export function changesOfSpec(box: Box, spec: TContainerSpec): Changes {
  const changes: Changes = new Map();
  for (const property of settable.values()) {
    const { name } = property;
    // What was changed before counts: the command follows from its arguments.
    const before = changes.get(name) ?? box.text(name);
    const text = property.fromSpec(spec, before, contextOf(box));
    if (text === undefined) continue;
    checkSettable(box, property);
    const part =
      name === "labels"
        ? labelChanges(
            box,
            new Map(
              spec.labels?.map.map(({ key = "", val = "" }) => [key, val]),
            ),
            spec.labels?.merge === true,
          )
        : spread(box, name, text);
    for (const [key, value] of part) changes.set(key, value);
  }
  return changes;
}

function contextOf({ view }: Box): ValueContext {
  return { cpus: view.facts.cpus };
}

function checkSettable(
  { state }: Box,
  { name, dynamic, anyState }: Settable,
): void {
  if (!dynamic && state !== "stopped")
    throw failure(
      EError.InvalidState,
      `${name} could be set only in stopped state`,
    );
  if (!anyState && state === "dead")
    throw failure(EError.InvalidState, `${name} cannot be set in dead state`);
}

/** A new value with what it means for other properties. */
function spread(box: Box, name: string, text: string): Changes {
  switch (name) {
    case "command":
      return new Map([
        [name, text],
        ["command_argv", undefined],
      ]);
    case "command_argv":
      return new Map([
        [name, text === "" ? undefined : text],
        ["command", splitEscaped(text, "\t").map(quoteWord).join(" ")],
      ]);
    case "task_cred":
    case "owner_cred": {
      const [user = "0", group = "0"] = text.split(" ");
      const prefix = name === "task_cred" ? "" : "owner_";
      return new Map([
        [`${prefix}user`, nameOf(user)],
        [`${prefix}group`, nameOf(group)],
      ]);
    }
    case "user":
    case "group":
    case "owner_user":
    case "owner_group":
      return new Map([[name, nameOf(checkIdentity(text))]]);
    case "virt_mode":
      return new Map([
        [name, text],
        ...(text === "host" || text === "job"
          ? ([["isolate", "false"]] as const)
          : []),
      ]);
    case "isolate":
    case "userns":
      if (text === "true" && ["host", "job"].includes(box.text("virt_mode")))
        throw invalid(`${name}=true incompatible with virt_mode`);
      return new Map([[name, text]]);
    case "root":
      if (text.split("/")[0] === "..")
        throw failure(EError.Permission, "root path starts with ..");
      return new Map([[name, text === "" ? "/" : text]]);
    case "resolv_conf":
      return new Map([
        [
          name,
          ["default", "inherit"].includes(text)
            ? undefined
            : text === ""
              ? "keep"
              : text,
        ],
      ]);
    case "max_respawns":
      return new Map([[name, text === "" ? undefined : text]]);
    case "anon_max_usage":
      // Whatever is set: it is counted anew.
      return new Map([[name, "0"]]);
    default:
      return new Map([[name, text]]);
  }
}

/**
 * Labels with new values, of which empty ones take them away.
 *
 * @param merge Others stay.
 */
export function labelChanges(
  box: Box,
  given: ReadonlyMap<string, string>,
  merge: boolean,
): Changes {
  for (const [label, value] of given) checkLabel(label, value);
  const labels = merge
    ? parseMap(box.text("labels"))
    : new Map<string, string>();
  for (const [label, value] of given)
    if (value === "") labels.delete(label);
    else labels.set(label, value);
  if (labels.size > MAX_LABELS)
    throw failure(EError.ResourceNotAvailable, "Too many labels");
  return new Map([["labels", formatMap(labels)]]);
}
