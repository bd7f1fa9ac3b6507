import type { Duplex, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ExecOpts, PodmanHandlers } from "portolan/podman/1.9";
import { PortolanError } from "../../../runtime/errors.ts";
import type { Call, UpgradeReply } from "../../../runtime/varlink/types.ts";
import type { ProcessStreams } from "../../engine.ts";
import {
  channels,
  encodeFrame,
  type Frame,
  FrameReader,
} from "../../engines/podman/frames.ts";
import { containerStatus } from "../podman/view.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import { idOfContainer, type Served19 } from "./answers.ts";
import { send } from "./files.ts";

type SessionHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  "execContainer" | "attach"
>;

/** The methods behind which the streams of a process are spoken. */
export function sessionHandlers(served: Served19): SessionHandlers {
  const { engine, answers } = served;
  return {
    async execContainer({ opts }, call) {
      const { id, state } = await served.container(opts.name);
      const status = containerStatus(state);
      if (status !== "running") {
        throw answers.occurred(
          `exec requires a running container, ${id} is ${status}`,
        );
      }
      return speakFrames(call, await served.attempt(exec(served, id, opts)));
    },

    async attach({ name, start }, call) {
      const id = await idOfContainer(served, name);
      const { state } = await served.attempt(engine.getContainer(id));
      const running = containerStatus(state) === "running";
      if (!running && !start)
        throw answers.occurred("container must be running to attach");
      const session = engine.attachContainer(id, {
        // Both streams as one, in the order in which they are written: of a container's
        // own process Podman's monitor tells no more.
        tty: true,
        stdin: true,
        start: !running,
      });
      return speakFrames(call, await served.attempt(session));
    },
  };
}

async function exec(
  { engine }: Served19,
  id: string,
  { cmd, tty, privileged, user, workdir, env }: ExecOpts,
): Promise<ProcessStreams> {
  return engine.execContainer(id, {
    command: cmd,
    tty,
    stdin: true,
    privileged,
    user: user ?? undefined,
    workDir: workdir ?? undefined,
    // What is no variable is left out, as Podman does.
    env: (env ?? []).filter((entry) => entry.includes("=")),
  });
}

/** Confirms an upgrade, behind which a process is spoken with. It goes on without the client. */
function speakFrames(call: Call, session: ProcessStreams): UpgradeReply<{}> {
  const leave = (): void => session.close();
  // The client may be gone by now, and then nobody speaks.
  if (call.signal.aborted) leave();
  else call.signal.addEventListener("abort", leave, { once: true });
  return call.upgraded({}, (stream) => converse(stream, session));
}

async function converse(
  stream: Duplex,
  session: ProcessStreams,
): Promise<void> {
  const spoken = speak(stream, session);
  const listened = listen(stream, session);
  spoken.catch(ignore);
  listened.catch(ignore);
  try {
    if ((await Promise.race([spoken, listened])) === OVER) stream.end();
    else stream.destroy();
  } catch (error) {
    // There is no frame for a session that fails: that it breaks off has to say it.
    stream.destroy();
    if (!PortolanError.is(error) && !isStreamTrouble(error)) throw error;
  } finally {
    session.close();
  }
}

const OVER = "over";

function ignore(): void {}

/** What streams fail with when they, or the connection, are closed. */
function isStreamTrouble(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return (
    typeof code === "string" && /^(?:ERR_STREAM_|EPIPE|ECONNRESET)/.test(code)
  );
}

/** What the process writes, to its end, and then its exit code. */
async function speak(
  stream: Duplex,
  { stdout, stderr, exitCode }: ProcessStreams,
): Promise<typeof OVER> {
  // Both at once and none by turns: what is written first is sent first.
  await Promise.all([
    passOn(stream, channels.stdout, stdout),
    stderr === undefined ? undefined : passOn(stream, channels.stderr, stderr),
  ]);
  const code = Buffer.alloc(4);
  code.writeUInt32BE((await exitCode) >>> 0);
  await send(stream, encodeFrame(channels.quit, code));
  return OVER;
}

async function passOn(
  stream: Duplex,
  to: number,
  output: Readable,
): Promise<void> {
  output.on("data", (chunk: Uint8Array) => {
    if (stream.write(encodeFrame(to, chunk))) return;
    output.pause();
    stream.once("drain", () => output.resume());
  });
  await finished(output);
}

/** What the client says, until it is gone. */
async function listen(stream: Duplex, session: ProcessStreams): Promise<void> {
  const frames = new FrameReader();
  const chunks = stream.iterator({ destroyOnReturn: false });
  for await (const chunk of chunks as AsyncIterable<Buffer>)
    for (const frame of frames.push(chunk)) await take(frame, session);
}

async function take(
  { to, data }: Frame,
  { stdin, resize }: ProcessStreams,
): Promise<void> {
  switch (to) {
    case channels.stdin:
      if (stdin !== undefined && !stdin.writableEnded && !stdin.destroyed)
        await send(stdin, data);
      return;
    case channels.hangUp:
      stdin?.end();
      return;
    case channels.resize: {
      const size = readSize(data.toString());
      resize?.(size.columns, size.rows);
      return;
    }
    default:
      throw malformed(`a client sends nothing to ${to}`);
  }
}

function readSize(text: string): {
  readonly columns: number;
  readonly rows: number;
} {
  let size: { readonly Width?: unknown; readonly Height?: unknown } | null;
  try {
    size = JSON.parse(text) as typeof size;
  } catch (cause) {
    throw malformed("the size of a terminal is no JSON", cause);
  }
  const { Width: columns, Height: rows } = size ?? {};
  if (typeof columns === "number" && typeof rows === "number")
    return { columns, rows };
  throw malformed("the size of a terminal has no Width or no Height");
}

function malformed(message: string, cause?: unknown): PortolanError {
  return new PortolanError("PROTOCOL", message, { cause });
}
