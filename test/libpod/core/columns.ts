import { embedded, type Engine, NotSupported } from "portolan/libpod";
import type { ContainerConfig } from "../../../src/libpod/engine.ts";
import { newCreate } from "../../../src/libpod/engines/podman/create/new.ts";
import { oldCreate } from "../../../src/libpod/engines/podman/create/old.ts";
import { supports } from "../../../src/libpod/engines/podman/support.ts";
import { toPorto } from "../../../src/libpod/engines/porto/spec/to-porto.ts";
import { portoSupports } from "../../../src/libpod/engines/porto/supports.ts";
import type { EngineCall, Needs } from "./surface.ts";

/** Calls by what is to be known of them; what is not there the engine lacks. */
type Support = Readonly<Partial<Record<EngineCall, true | string>>>;

/** A column of the table: what an engine, or one kind of it, can do. */
export interface Column {
  readonly name: string;
  readonly isDaemon: boolean;
  /** What each call is good for: `true`, or a note. What is not there it lacks. */
  readonly support: Support;
  /** Translates what a container is made with, or refuses it. */
  translate(config: ContainerConfig): unknown;
}

/** Every engine has these: its own data may speak of those alone that it could lack. */
const required: Support = {
  version: true,
  listContainers: true,
  getContainer: true,
  lookupContainer: true,
  inspectContainer: true,
  stopContainer: true,
  killContainer: true,
  waitContainer: true,
  removeContainer: true,
  containerLogs: true,
};

function daemon(
  name: string,
  support: Support,
  translate: Column["translate"],
): Column {
  return {
    name,
    isDaemon: true,
    support: { ...required, ...support },
    translate,
  };
}

function rootOf({
  rootfs,
}: ContainerConfig): { readonly image: string } | { readonly path: string } {
  return rootfs !== undefined && !("layers" in rootfs)
    ? rootfs
    : { image: "image" };
}

export const columns: readonly Column[] = [
  daemon("Podman 1.0", supports["io.podman (1.0)"], (config) =>
    oldCreate(config, rootOf(config)),
  ),
  daemon("Podman 1.9", supports["io.podman (1.9)"], (config) =>
    newCreate(config, rootOf(config)),
  ),
  daemon("projectatomic", supports["io.projectatomic.podman"], () => undefined),
  daemon("Porto", portoSupports, (config) => toPorto("name", config)),
  {
    name: "embedded",
    isDaemon: false,
    support: await callsOf(embedded()),
    translate: () => undefined,
  },
];

/** What the table says of a thing and an engine. */
export function cell(column: Column, needs: Needs): string {
  if ("only" in needs)
    return (needs.only === "daemons") === column.isDaemon ? "yes" : "no";
  if ("config" in needs) return takes(column, needs.config) ? "yes" : "no";
  if ("has" in needs)
    return column.support[needs.has] === undefined ? "no" : "yes";
  const support = needs.calls.map((call) => column.support[call]);
  if (support.includes(undefined)) return "no";
  return support.some((note) => note !== true) ? "yes, but" : "yes";
}

function takes(column: Column, config: Partial<ContainerConfig>): boolean {
  if (column.support.createContainer === undefined) return false;
  try {
    column.translate({ spec: {}, ...config });
    return true;
  } catch (error) {
    if (NotSupported.is(error)) return false;
    throw error;
  }
}

/** The calls that an engine has. */
async function callsOf(opening: Promise<Engine>): Promise<Support> {
  const engine = await opening;
  await engine.close();
  return Object.fromEntries(
    Object.entries(engine)
      .filter(([, value]) => typeof value === "function")
      .map(([name]) => [name, true]),
  );
}
