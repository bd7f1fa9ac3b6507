import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  embedded,
  type EmbeddedEngine,
  LibpodError,
  type Program,
} from "portolan/libpod";
import {
  podman19Handlers,
  podmanHandlers,
  portoHandlers,
  projectatomicHandlers,
} from "portolan/libpod/serve";
import { podmanService } from "portolan/podman";
import { podmanService as podman19Service } from "portolan/podman/1.9";
import { podmanService as projectatomicService } from "portolan/podman/projectatomic";
import { portoService } from "portolan/porto";
import { EnvelopeServer, PortolanError, VarlinkServer } from "portolan/runtime";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import { printable, type Io } from "../io.ts";

export interface ServeFlags {
  /** Where the Podman interfaces are served. */
  readonly podman?: string;
  /** Which `io.podman` it is. */
  readonly podmanApi: "1.0" | "1.9";
  /** Where Porto's protocol is served. */
  readonly porto?: string;
  /** The folder in which everything is kept. */
  readonly state?: string;
  /** A file with what containers run. */
  readonly programs?: string;
  readonly json?: boolean;
}

interface Serving {
  readonly what: string;
  readonly address: string;
  readonly server: AsyncDisposable;
}

/** `portolan serve`: the embedded engine behind the protocols of Podman and Porto, until it is told to end. */
export async function serve(
  flags: ServeFlags,
  version: string,
  io: Io,
): Promise<ExitCode> {
  if (flags.podman === undefined && flags.porto === undefined)
    throw new UsageError(
      "nothing to serve: give --podman ADDRESS, --porto ADDRESS or both",
    );
  const programs = await readPrograms(flags.programs, io);
  const engine = await open(flags, programs, io);
  const servers: Serving[] = [];
  try {
    if (flags.podman !== undefined)
      servers.push(
        await servePodman(flags.podman, flags.podmanApi, engine, version),
      );
    if (flags.porto !== undefined)
      servers.push(await servePorto(flags.porto, engine));
    tell(servers, flags, io);
    await io.toldToEnd();
    return exit.ok;
  } catch (error) {
    // An address that is wrong or taken; what comes later goes to the servers' hooks.
    if (PortolanError.is(error))
      throw new UsageError(error.message, { cause: error });
    throw error;
  } finally {
    for (const { server } of servers) await server[Symbol.asyncDispose]();
    await engine.close();
  }
}

async function open(
  { state }: ServeFlags,
  programs: Readonly<Record<string, Program>>,
  io: Io,
): Promise<EmbeddedEngine> {
  const directory = state === undefined ? state : resolve(io.cwd, state);
  try {
    return await embedded({ programs, directory });
  } catch (error) {
    // A damaged or locked folder: nothing was changed.
    if (LibpodError.is(error))
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function servePodman(
  address: string,
  api: ServeFlags["podmanApi"],
  engine: EmbeddedEngine,
  version: string,
): Promise<Serving> {
  const server = new VarlinkServer({
    vendor: "Portolan",
    product: "Portolan's embedded engine",
    version,
    url: "https://github.com/containers/libpod",
  });
  server.add(
    api === "1.9"
      ? podman19Service(podman19Handlers(engine))
      : podmanService(podmanHandlers(engine)),
  );
  server.add(projectatomicService(projectatomicHandlers(engine)));
  const listener = await server.listen(address);
  const what = `io.podman (${api}) and io.projectatomic.podman`;
  return { what, address: listener.address, server };
}

async function servePorto(
  address: string,
  engine: EmbeddedEngine,
): Promise<Serving> {
  const server = new EnvelopeServer(portoService(portoHandlers(engine)));
  // Porto's clients name a path; ours may name any address.
  const listener = await server.listen(
    address.startsWith("/") ? `unix:${address}` : address,
  );
  return { what: "Porto's protocol", address: listener.address, server };
}

function tell(servers: readonly Serving[], flags: ServeFlags, io: Io): void {
  if (flags.json === true) {
    const listening = servers.map(({ what, address }) => ({ what, address }));
    io.stdout.write(`${JSON.stringify({ listening })}\n`);
    return;
  }
  for (const { what, address } of servers) {
    io.stderr.write(`${printable(`Serving ${what} at ${address}`)}\n`);
  }
  const kept =
    flags.state === undefined ? "in memory" : `kept in ${flags.state}`;
  io.stderr.write(
    `${printable(`Containers are pretended (${kept}): no process is started. Ctrl-C ends.`)}\n`,
  );
}

/** Programs are data (`.json`) or code, which is run as such. */
async function readPrograms(
  name: string | undefined,
  io: Io,
): Promise<Readonly<Record<string, Program>>> {
  if (name === undefined) return {};
  const file = resolve(io.cwd, name);
  let programs: unknown;
  try {
    if (extname(file) === ".json")
      programs = JSON.parse(await readFile(file, "utf8"));
    else {
      const module = (await import(pathToFileURL(file).href)) as {
        readonly default?: unknown;
      };
      programs = module.default;
    }
  } catch (error) {
    throw new UsageError(
      `cannot read the programs of "${name}": ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  if (
    typeof programs === "object" &&
    programs !== null &&
    !Array.isArray(programs)
  )
    return programs as Readonly<Record<string, Program>>;
  throw new UsageError(
    `"${name}" must hold an object of programs by name${extname(file) === ".json" ? "" : ", as its default export"}`,
  );
}
