import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  embedded,
  type EmbeddedEngine,
  InvalidArgument,
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
import {
  EnvelopeServer,
  PortolanError,
  type ServerErrorContext,
  VarlinkServer,
  type VarlinkServerOptions,
} from "portolan/runtime";
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
  const podman = addressOf(flags.podman);
  const porto = addressOf(flags.porto);
  if (podman !== undefined && porto !== undefined && areOne(podman, porto))
    throw new UsageError(
      `--podman and --porto both name ${podman}: each needs an address of its own`,
    );
  const programs = await readPrograms(flags.programs, io);
  const engine = await open(flags, programs, io);
  const servers: Serving[] = [];
  const hooks = hooksTelling(io);
  try {
    if (podman !== undefined) {
      const server = podmanServer(flags.podmanApi, engine, version, hooks);
      const what = `io.podman (${flags.podmanApi}) and io.projectatomic.podman`;
      servers.push(await listen(server, what, podman));
    }
    if (porto !== undefined) {
      const server = new EnvelopeServer(
        portoService(portoHandlers(engine)),
        hooks,
      );
      servers.push(await listen(server, "Porto's protocol", porto));
    }
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

/** A path is short for the unix socket there. */
function addressOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[./]/.test(text) ? `unix:${text}` : text;
}

/** Whether two addresses name one socket; at port 0 everyone gets one of his own. */
function areOne(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => text.split(";")[0]);
  return first === second && first?.endsWith(":0") === false;
}

type Hooks = Pick<VarlinkServerOptions, "onError" | "onProtocolError">;

/** What goes wrong while it serves is a line each, for who looks at it; nothing ends for it. */
function hooksTelling(io: Io): Hooks {
  const say = (
    what: string,
    error: unknown,
    { method, address }: ServerErrorContext,
  ): void => {
    const where = method === undefined ? address : `${method} at ${address}`;
    io.stderr.write(
      `${printable(`${what} (${where}): ${messageOf(error)}`.replaceAll(/\s*\n\s*/g, " "))}\n`,
    );
  };
  return {
    onError: (error, context) => say("An error", error, context),
    onProtocolError: (error, context) =>
      say("A client broke the protocol", error, context),
  };
}

async function open(
  { programs: file, state }: ServeFlags,
  programs: Readonly<Record<string, Program>>,
  io: Io,
): Promise<EmbeddedEngine> {
  const directory = state === undefined ? state : resolve(io.cwd, state);
  try {
    return await embedded({ programs, directory });
  } catch (error) {
    // Programs that make no sense are named by where they stand in their file.
    if (InvalidArgument.is(error) && error.message.startsWith("programs"))
      throw new UsageError(`"${file}": ${error.message}`, { cause: error });
    // A damaged or locked folder: nothing was changed.
    if (LibpodError.is(error))
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function podmanServer(
  api: ServeFlags["podmanApi"],
  engine: EmbeddedEngine,
  version: string,
  hooks: Hooks,
): VarlinkServer {
  const server = new VarlinkServer({
    ...hooks,
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
  return server;
}

async function listen(
  server: VarlinkServer | EnvelopeServer,
  what: string,
  address: string,
): Promise<Serving> {
  const listener = await server.listen(address);
  return { what, address: listener.address, server };
}

function tell(servers: readonly Serving[], flags: ServeFlags, io: Io): void {
  for (const { address } of servers) {
    if (!address.startsWith("unix:"))
      io.stderr.write(
        `${printable(`Warning: everyone who can reach ${address} may read and write files with this user's rights.`)}\n`,
      );
  }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How many lines say where it happened, and how it came to that. */
const FRAMES = 3;

/** Why a module of programs could not be run: what is the user's own may be at fault. */
function whyNotRun(error: unknown, file: string): string {
  if (!(error instanceof Error)) return messageOf(error);
  const { code, message, stack = "" } = error as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION" && /\.[cm]?ts$/.test(file))
    return `Node.js ${process.versions.node} cannot load TypeScript by itself: 22.18 or newer can, or one with a loader (node --import)`;
  // A syntax error's place is before its message; others have theirs in frames.
  const places = stack
    .split("\n")
    .filter((line) => /^(?:file:|\s+at )/.test(line));
  const outside = places.findIndex((line) => line.includes("node:"));
  const own = places.slice(0, outside < 0 ? undefined : outside);
  return [message, ...own.slice(0, FRAMES)].join("\n");
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
      `cannot read the programs of "${name}": ${extname(file) === ".json" ? messageOf(error) : whyNotRun(error, file)}`,
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
