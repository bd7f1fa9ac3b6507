import type { LogEntry, LogOptions } from "../../engine.ts";
import { NoSuchContainer } from "../../errors.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { libpodError } from "./errors.ts";
import { sleep } from "./limits.ts";
import { Assembler, type LogLine, parseLine } from "./lines.ts";
import { parseTime } from "./times.ts";
import { waitForEnd } from "./wait.ts";

/** A container's output; see `Engine.containerLogs`. */
export async function* containerLogs(
  daemon: Daemon,
  id: string,
  options: LogOptions,
  limited: Limited,
): AsyncGenerator<LogEntry, void, undefined> {
  const { follow = false, tail, since } = options;
  if (!follow && since === undefined && tail !== undefined && daemon.has(NEW)) {
    yield* assemble(readLines(daemon, id, limited, tail));
    return;
  }
  // The daemon counts what it leaves out of the end by other rules than it reads the
  // whole by, so whatever is more than a plain tail is counted here.
  const wanted = (entry: LogEntry): boolean =>
    since === undefined || entry.time === undefined || entry.time >= since;
  let surplus = 0;
  if (tail !== undefined) {
    const before: LogEntry[] = [];
    for await (const entry of assemble(readLines(daemon, id, limited)))
      if (wanted(entry)) before.push(entry);
    if (!follow) {
      if (tail > 0) yield* before.slice(-tail);
      return;
    }
    surplus = Math.max(0, before.length - tail);
  }
  const lines = follow
    ? followLines(daemon, id, limited)
    : readLines(daemon, id, limited);
  for await (const entry of assemble(lines)) {
    if (!wanted(entry)) continue;
    if (surplus > 0) surplus--;
    else yield entry;
  }
}

/** The method that gives lines one by one. Before it, the whole file came at once. */
const NEW = "GetContainersLogs";

async function* assemble(
  lines: AsyncGenerator<LogLine, void, undefined>,
): AsyncGenerator<LogEntry, void, undefined> {
  const assembler = new Assembler();
  for await (const line of lines) {
    const entry = assembler.push(line);
    if (entry !== undefined) yield entry;
  }
  yield* assembler.end();
}

/** The lines that are there now: all, or the last few. */
async function* readLines(
  daemon: Daemon,
  id: string,
  limited: Limited,
  tail = ALL,
): AsyncGenerator<LogLine, void, undefined> {
  if (!daemon.has(NEW)) {
    yield* await readFile(daemon, id, limited);
    return;
  }
  for await (const line of linesOf(daemon, id, limited, {
    follow: false,
    tail,
  })) {
    // The end is an empty line that claims to be followed by more: nothing is. Leaving
    // the loop closes the connection, for the daemon never will.
    if (line === undefined) break;
    yield line;
  }
}

const ALL = -1;

async function readFile(
  { common }: Daemon,
  id: string,
  limited: Limited,
): Promise<LogLine[]> {
  const { container } = await common.getContainerLogs({ name: id }, limited);
  return container.map((line) => parseLine(id, line));
}

/** Lines from a stream of them; `undefined` where the daemon says that there are no more. */
async function* linesOf(
  { v19 }: Daemon,
  id: string,
  limited: Limited,
  options: { readonly follow: boolean; readonly tail: number },
): AsyncGenerator<LogLine | undefined, void, undefined> {
  const stream = v19.getContainersLogs.more(
    {
      names: [id],
      latest: false,
      // It has to be a time.
      since: "1970-01-01T00:00:00Z",
      timestamps: false,
      ...options,
    },
    limited,
  );
  for await (const { log } of stream) {
    if (log.device === "" && log.cid === "") {
      yield undefined;
      continue;
    }
    yield {
      containerId: id,
      stream: log.device === "stderr" ? "stderr" : "stdout",
      partial: log.parseLogType === "P",
      text: log.msg.replace(/\n$/, ""),
      time: parseTime(log.time),
    };
  }
}

/**
 * The lines that are there, and those that come until the container has ended. The
 * daemon's own stream does not end then, and Podman 1.0's stops before the last lines:
 * so what is there after the end is read once more, from where this left off.
 */
async function* followLines(
  daemon: Daemon,
  id: string,
  limited: Limited,
): AsyncGenerator<LogLine, void, undefined> {
  const waiting = new AbortController();
  const over = endOf(
    daemon,
    id,
    AbortSignal.any([limited.signal, waiting.signal]),
  );
  let seen = 0;
  try {
    const live = daemon.has(NEW)
      ? liveLines(daemon, id, limited, over)
      : polledLines(daemon, id, limited, over);
    for await (const line of live) {
      seen++;
      yield line;
    }
    await over;
    let index = 0;
    for await (const line of readLines(daemon, id, limited))
      if (index++ >= seen) yield line;
  } catch (error) {
    // With the container its log is gone, and there is no more to follow.
    if (!NoSuchContainer.is(libpodError(error, "containerLogs"))) throw error;
  } finally {
    waiting.abort();
  }
}

/** Resolves once the container has ended or is gone. Handled even if nobody looks. */
function endOf(
  daemon: Daemon,
  id: string,
  signal: AbortSignal,
): Promise<typeof OVER> {
  const end = waitForEnd(daemon, id, { signal }).then(
    (): typeof OVER => OVER,
    (error: unknown): typeof OVER => {
      if (NoSuchContainer.is(libpodError(error, "waitContainer"))) return OVER;
      throw error;
    },
  );
  end.catch(() => undefined);
  return end;
}

const OVER = "over";

async function* liveLines(
  daemon: Daemon,
  id: string,
  limited: Limited,
  over: Promise<typeof OVER>,
): AsyncGenerator<LogLine, void, undefined> {
  const leave = new AbortController();
  const signal = AbortSignal.any([limited.signal, leave.signal]);
  const stream = linesOf(daemon, id, { signal }, { follow: true, tail: ALL });
  try {
    for (;;) {
      const next = stream.next();
      const winner = await Promise.race([next, over]);
      if (winner === OVER || winner.done === true) return;
      if (winner.value !== undefined) yield winner.value;
    }
  } finally {
    // A generator that waits for its next line hears of nothing else.
    leave.abort();
    stream.return().catch(() => undefined);
  }
}

async function* polledLines(
  daemon: Daemon,
  id: string,
  limited: Limited,
  over: Promise<typeof OVER>,
): AsyncGenerator<LogLine, void, undefined> {
  let seen = 0;
  for (;;) {
    const lines = await readFile(daemon, id, limited);
    yield* lines.slice(seen);
    seen = Math.max(seen, lines.length);
    const pause = new AbortController();
    const signal = AbortSignal.any([limited.signal, pause.signal]);
    try {
      const slept = sleep(daemon.pollInterval, signal);
      if ((await Promise.race([slept, over])) === OVER) return;
    } finally {
      pause.abort();
    }
  }
}
