import {
  EError,
  PortoError,
  type TGetRequest,
  type TGetResponse_TContainerGetListResponseInput,
} from "portolan/porto";
import { asPortoError, failure } from "../errors.ts";
import { addToLabel, checkLabel, MAX_LABELS } from "../label-rules.ts";
import {
  innerPath,
  isMask,
  joinPaths,
  matches,
  normalPath,
  resolveName,
} from "../names.ts";
import { changesOf, changesOfSpec, labelChanges } from "../properties/write.ts";
import { describeContainer, readProperty } from "../properties/read.ts";
import { readable } from "../properties/readable.ts";
import { settable } from "../properties/settable.ts";
import { formatMap, parseMap } from "../text.ts";
import { isUp, type View } from "../view.ts";
import { buildVolume } from "./build-volume.ts";
import type { Commands, Context } from "./context.ts";

/** Containers, from `Create` to `Destroy`. */
export function lifecycleCommands({
  containers,
  afterlife,
}: Context): Commands<
  | "create"
  | "createWeak"
  | "destroy"
  | "start"
  | "stop"
  | "pause"
  | "resume"
  | "kill"
  | "respawn"
> {
  return {
    async create({ name = "" }) {
      await containers.create(name);
    },
    async createWeak({ name = "" }, { connection }) {
      await containers.create(name, connection);
    },
    async destroy({ name = "" }) {
      await containers.destroy(name);
    },
    start: ({ name = "" }) => containers.start(name),
    stop: ({ name = "", timeout_ms }) => containers.stop(name, timeout_ms),
    pause: ({ name = "" }) => containers.pause(name),
    resume: ({ name = "" }) => containers.resume(name),
    kill: ({ name = "", sig = 0 }) => containers.kill(name, sig),
    respawn: ({ name = "" }) => afterlife.respawn(name),
  };
}

/** What is told of containers, and their properties. */
export function propertyCommands({
  world,
}: Context): Commands<
  | "list"
  | "get"
  | "getProperty"
  | "getDataProperty"
  | "setProperty"
  | "listProperties"
  | "listDataProperties"
  | "setSymlink"
> {
  const read = async (
    name: string,
    property: string,
    real: boolean | undefined,
  ): Promise<{ value: string }> => {
    const box = await world.box(resolveName(name));
    return { value: await readProperty(box, property, real === true, world) };
  };
  const set = async (
    given: string,
    property: string,
    value: string,
  ): Promise<void> => {
    const name = resolveName(given);
    await world.locks.run(name, async () => {
      const box = await world.box(name);
      await world.apply(box, changesOf(box, property, value));
    });
  };
  return {
    async list({ mask = "***", changed_since: since }) {
      const name = (await world.view())
        .all()
        .filter(
          (box) =>
            matches(box.name, mask) &&
            (since === undefined || box.changeTime >= since),
        )
        .map((box) => box.name);
      // Porto leaves an empty list out.
      return name.length === 0 ? undefined : { name };
    },
    async get(input) {
      const view = await world.view();
      const list: TGetResponse_TContainerGetListResponseInput[] = [];
      for (const name of namesMeant(view, input.name))
        list.push(await getOne(view, name, input));
      return { list };
    },
    getProperty: ({ name = "", property = "", real }) =>
      read(name, property, real),
    getDataProperty: ({ name = "", data = "", real }) => read(name, data, real),
    setProperty({ name = "", property = "", value = "" }) {
      const known = legacy(property, value);
      return set(name, known.property, known.value);
    },
    listProperties: () => ({
      list: [
        ...[...settable.values()].map(({ name, description, dynamic }) => ({
          name,
          desc: `${description}${dynamic ? " (dynamic)" : ""}`,
          read_only: false,
          dynamic,
        })),
        ...[...readable.values()].map(({ name, description }) => ({
          name,
          desc: `${description} (ro)`,
          read_only: true,
          dynamic: false,
        })),
      ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }),
    listDataProperties: () => ({
      list: [...readable.values()]
        .map(({ name, description }) => ({ name, desc: `${description} (ro)` }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }),
    async setSymlink({ container = "", symlink = "", target = "" }) {
      const to = target === "" ? "" : normalPath(target);
      await set(container, `symlink[${normalPath(symlink)}]`, to);
    },
  };

  async function getOne(
    view: View,
    name: string,
    { variable, changed_since: since, real }: TGetRequest,
  ): Promise<TGetResponse_TContainerGetListResponseInput> {
    const box = view.get(resolveName(name));
    if (box === undefined) {
      const error = EError.ContainerDoesNotExist;
      const errorMsg = `container ${resolveName(name)} not found`;
      return {
        name,
        keyval: variable.map((each) => ({ variable: each, error, errorMsg })),
      };
    }
    const { changeTime: change_time } = box;
    if (since !== undefined && change_time < since)
      return { name, change_time, no_changes: true };
    const keyval = [];
    for (const each of variable) {
      try {
        const value = await readProperty(box, each, real === true, world);
        keyval.push({ variable: each, value });
      } catch (thrown) {
        const error = asPortoError(thrown);
        if (!PortoError.is(error)) throw thrown;
        keyval.push({
          variable: each,
          error: error.error,
          errorMsg: error.text,
        });
      }
    }
    return { name, keyval, change_time };
  }
}

/** Every name that was given, and those of the containers that a mask fits. */
function namesMeant(view: View, given: readonly string[]): string[] {
  const masks = given.filter(isMask);
  const masked = view
    .all()
    .filter(({ name }) => masks.some((mask) => matches(name, mask)))
    .map(({ name }) => name);
  return [...given.filter((name) => !isMask(name)), ...masked];
}

/** Names of properties that old clients still use. */
function legacy(
  property: string,
  value: string,
): { readonly property: string; readonly value: string } {
  switch (property) {
    case "cpu.smart":
      return { property: "cpu_policy", value: value === "0" ? "normal" : "rt" };
    case "memory.limit_in_bytes":
      return { property: "memory_limit", value };
    case "memory.low_limit_in_bytes":
      return { property: "memory_guarantee", value };
    case "memory.recharge_on_pgfault":
      return {
        property: "recharge_on_pgfault",
        value: value === "0" ? "false" : "true",
      };
    default:
      return { property, value };
  }
}

/** Labels. */
export function labelCommands({
  world,
}: Context): Commands<"findLabel" | "setLabel" | "incLabel"> {
  return {
    async findLabel({ mask, state, label = "", value }) {
      const list = (await world.view()).all().flatMap((box) => {
        if (state !== undefined && box.state !== state) return [];
        if (mask !== undefined && !matches(box.name, mask)) return [];
        return [...parseMap(box.text("labels"))]
          .filter(
            ([name, text]) =>
              (isMask(label) ? matches(name, label) : name === label) &&
              (value === undefined || text === value),
          )
          .map(([name, text]) => ({
            name: box.name,
            state: box.state,
            label: name,
            value: text,
          }));
      });
      return { list };
    },
    async setLabel({ name: given = "", label = "", value = "", ...expected }) {
      checkLabel(label, value);
      const name = resolveName(given);
      return world.locks.run(name, async () => {
        const box = await world.box(name);
        void box.written;
        const labels = parseMap(box.text("labels"));
        const before = labels.get(label);
        const seen = { prev_value: before, state: box.state };
        const { prev_value, state } = expected;
        if (prev_value !== undefined && prev_value !== (before ?? "")) {
          throw before === undefined
            ? failure(
                EError.LabelNotFound,
                `Container ${given} has no label ${label}`,
                seen,
              )
            : failure(
                EError.Busy,
                `Container ${given} label ${label} is ${before} not ${prev_value}`,
                seen,
              );
        }
        if (state !== undefined && state !== box.state)
          throw failure(
            EError.InvalidState,
            `Container ${given} is ${box.state} not ${state}`,
            seen,
          );
        // What is there already counts too: there is no more room for a change.
        if (value !== "" && labels.size >= MAX_LABELS)
          throw failure(EError.ResourceNotAvailable, "Too many labels", seen);
        const changed = new Map([[label, value]]);
        await world.apply(box, labelChanges(box, changed, true));
        return seen;
      });
    },
    async incLabel({ name: given = "", label = "", add = 1n }) {
      checkLabel(label, "");
      const name = resolveName(given);
      return world.locks.run(name, async () => {
        const box = await world.box(name);
        void box.written;
        const labels = parseMap(box.text("labels"));
        const before = labels.get(label);
        if (before === undefined && add === 0n)
          throw failure(EError.LabelNotFound, `Label ${label} is not set`, {
            result: 0n,
          });
        if (before === undefined && labels.size >= MAX_LABELS)
          throw failure(EError.ResourceNotAvailable, "Too many labels", {
            result: 0n,
          });
        const result = addToLabel(label, before ?? "0", add);
        labels.set(label, String(result));
        await world.apply(box, new Map([["labels", formatMap(labels)]]));
        return { result };
      });
    },
  };
}

/** Containers described as a whole. */
export function specCommands({
  world,
  containers,
}: Context): Commands<
  "createFromSpec" | "updateFromSpec" | "listContainersBy"
> {
  return {
    async createFromSpec({ container: spec, volumes, start }, { connection }) {
      if (spec === undefined)
        throw failure(EError.InvalidValue, "container path too short");
      const given = spec.name ?? "";
      const name = resolveName(given);
      const id = await containers.create(
        given,
        spec.weak === true ? connection : undefined,
      );
      try {
        await world.locks.run(name, async () => {
          const box = await world.box(name);
          await world.apply(box, changesOfSpec(box, spec));
        });
        for (const volume of volumes) {
          const linked = volume.links.some(
            (link) => resolveName(link.container ?? "") === name,
          );
          const links = linked
            ? volume.links
            : [...volume.links, { container: name }];
          await buildVolume(world, () => ({ ...volume, links }));
        }
        if (start === true) await containers.start(given);
      } catch (error) {
        // All of it or nothing. That it cannot be undone would hide why it has to be.
        await containers
          .destroy(given, ({ written }) => written.id === id)
          .catch(() => undefined);
        throw error;
      }
    },
    async updateFromSpec({ container: spec, start }) {
      if (spec === undefined)
        throw failure(EError.InvalidValue, "container path too short");
      const name = resolveName(spec.name ?? "");
      await world.locks.run(name, async () => {
        const box = await world.box(name);
        void box.written;
        await world.apply(box, changesOfSpec(box, spec));
      });
      if (start !== true) return;
      const { state } = await world.box(name);
      if (!isUp(state)) await containers.start(name);
    },
    async listContainersBy({ filters, field_options: fields }) {
      const view = await world.view();
      const found = [];
      const unmet = new Set(filters.map(({ name = "***" }) => name));
      for (const box of [view.root, ...view.all()]) {
        const labels = parseMap(box.text("labels"));
        const fit = filters.find(
          ({ name = "***", labels: wanted, changed_since: since = 0n }) =>
            matches(box.name, name) &&
            box.changeTime >= since &&
            (wanted?.map ?? []).every(
              ({ key = "", val = "" }) => labels.get(key) === val,
            ),
        );
        if (fit === undefined && filters.length > 0) continue;
        unmet.delete(fit?.name ?? "***");
        found.push(await describeContainer(box, fields, world));
      }
      const missing = [...unmet].map((name) => ({
        spec: { name },
        error: {
          error: EError.ContainerDoesNotExist,
          msg: `container ${name} not found`,
        },
      }));
      return { containers: [...found, ...missing] };
    },
  };
}

/** Paths as containers see them, and processes, of which there are none. */
export function pathCommands({
  world,
}: Context): Commands<
  "convertPath" | "attachProcess" | "attachThread" | "locateProcess"
> {
  return {
    async convertPath({ path = "", source = "", destination = "" }) {
      const view = await world.view();
      const from = view.find(resolveName(source === "" ? "self" : source));
      const to = view.find(
        resolveName(destination === "" ? "self" : destination),
      );
      if (from === to) return { path };
      const inner = innerPath(to.rootPath, joinPaths(from.rootPath, path));
      if (inner === undefined)
        throw failure(EError.InvalidValue, "Path is unreachable");
      return { path: inner };
    },
    attachProcess: noProcesses,
    attachThread: noProcesses,
    async locateProcess({ pid = 0 }) {
      const view = await world.view();
      const found = view
        .all()
        .find(({ record }) => pid > 0 && record?.pid === pid);
      if (found === undefined) throw failure(EError.InvalidValue, "wrong pid");
      return { name: found.name };
    },
  };
}

function noProcesses(): never {
  throw failure(
    EError.NotSupported,
    "containers of this engine have no processes",
  );
}
