import { describe, expect, it } from "vitest";
import { LibpodError, NotSupported } from "../../../src/libpod/errors.ts";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { describeCorpus } from "../../support/corpus.ts";
import { turns } from "../../support/peer.ts";
import {
  type Answer,
  collect,
  type DaemonName,
  daemons,
  type Script,
  withEngine,
} from "./fake.ts";
import { drives } from "./drives.ts";
import {
  isUpgrade,
  readRecording,
  type Recorded,
  recordings,
  repliesOf,
  splitUpgrade,
} from "./recording.ts";

/** What else the engine asks for where it makes the calls above. */
const beside: Script = {
  GetContainer: { container: { id: "ended", status: "exited" } },
  GetImage: { image: { id: "some", size: 1 } },
  InspectImage: { image: "{}" },
  InspectContainer: { container: "{}" },
  InspectPod: { pod: "{}" },
  ListContainerMounts: { mounts: null },
  GetInfo: { info: { host: { cpus: 2 } } },
};

/** Sends what was recorded, in the pieces in which it came. */
function played({ chunks }: Recorded): Answer {
  return async (_call, connection) => {
    for (const chunk of chunks) {
      connection.write(chunk);
      await turns();
    }
  };
}

/**
 * Logs that are followed: as recorded, then the container ends, and then everything is
 * there to be read once more.
 */
function followed(call: Recorded): Script {
  let over = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const empty = { device: "", parseLogType: "", time: "", msg: "", cid: "" };
  return {
    async GetContainersLogs(received, connection) {
      if (received.parameters?.["follow"] === true) {
        await played(call)(received, connection);
        over();
      } else {
        connection.send(...repliesOf(call), { parameters: { log: empty } });
      }
    },
    async WaitContainer(_received, connection) {
      await ended;
      connection.reply({ exitcode: 0 });
    },
  };
}

/** Lists are asked for again where a name was not found: nothing more is there then. */
const lists: Script = {
  ListContainers: { containers: null },
  ListPods: { pods: null },
};

/** Podman 1.0 is not asked to stop what has ended. */
const runs: Script = {
  GetContainer: { container: { id: "running", status: "running" } },
};

/** Which daemon was recorded: its own word, or the shapes of what it says. */
function daemonOf(calls: readonly Recorded[]): DaemonName {
  for (const call of calls) {
    if (call.method === "GetVersion") {
      const [reply] = repliesOf(call);
      if (typeof reply?.parameters?.["version"] === "object")
        return "io.podman (1.0)";
    }
  }
  return "io.podman (1.9)";
}

/** Calls whose answer never came are not for a client that waits for it. */
function isAnswered(call: Recorded): boolean {
  return call.chunks.length > 0;
}

describeCorpus.each(recordings)("the recording %s", (name) => {
  const calls = readRecording(name).filter(isAnswered);
  const daemon = daemonOf(calls);
  const described = calls.find(
    ({ method }) => method === "GetInterfaceDescription",
  );
  const own = described && repliesOf(described)[0]?.parameters;
  const target =
    typeof own?.["description"] === "string"
      ? { description: own["description"] }
      : daemon;
  const known = daemons[daemon].methods;

  it("has calls that the engine makes", () => {
    expect(calls.some(({ method }) => method in drives)).toBe(true);
  });

  for (const call of calls) {
    const drive = drives[call.method];
    if (drive === undefined || !(call.method in known) || call.standard)
      continue;
    const replies = repliesOf(call);
    if (drive.applies?.(daemon, replies) === false) continue;
    it(call.where, async () => {
      const [first] = replies;
      const reply = first?.parameters ?? {};
      const script = {
        ...beside,
        ...(first?.error !== undefined && lists),
        ...(call.method === "StopContainer" && runs),
        [call.method]: played(call),
        ...(call.parameters["follow"] === true && followed(call)),
      };
      await withEngine(target, script, async (engine, fake) => {
        const result = Promise.resolve(
          drive.run(engine, call.parameters, reply, replies),
        );
        const failed = replies.find(({ error }) => error !== undefined);
        if (failed?.error !== undefined) await expectSame(result, failed.error);
        else {
          // Of a call without `more` the recording has one reply of a stream.
          const final = replies.findLast(({ parameters }) => parameters);
          const value = (await result) as never;
          drive.check?.(value, final?.parameters ?? {}, replies);
        }
        expect(fake.methods).toContain(call.method);
      });
    });
  }

  for (const call of calls.filter(isUpgrade)) {
    it(`${call.where}: the process's streams`, async () => {
      const script = { ...beside, [call.method]: played(call) };
      await withEngine(target, script, async (engine) => {
        const streams = await (call.method === "Attach"
          ? engine.attachContainer("x", {})
          : engine.execContainer("x", { command: ["true"] }));
        const [, raw] = splitUpgrade(call.chunks);
        const recorded = framesOf(raw);
        const read = collect(streams.stdout as AsyncIterable<Buffer>);
        const quit = recorded.find(({ to }) => to === 4);
        if (quit?.data.length === 4) {
          expect(await streams.exitCode).toBe(quit.data.readUInt32BE());
          expect(Buffer.concat(await read)).toEqual(
            Buffer.concat(
              recorded
                .filter(({ to }) => to === 0 || to === 2)
                .map(({ data }) => data),
            ),
          );
        } else {
          streams.close();
          await expect(streams.exitCode).rejects.toMatchObject({
            code: "CLOSED",
          });
          await read.catch(() => undefined);
        }
      });
    });
  }
});

function framesOf(raw: Buffer): { to: number; data: Buffer }[] {
  const frames: { to: number; data: Buffer }[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    frames.push({ to: raw.readUInt8(at), data: raw.subarray(at + 8, end) });
    at = end;
  }
  return frames;
}

/** What the engine did not make is the cause of what it throws. */
async function expectSame(
  result: Promise<unknown>,
  error: string,
): Promise<void> {
  const outcome = await result.then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  );
  if (!("reason" in outcome)) {
    // Stopping what has ended leaves it alone.
    expect(error).toMatch(/ErrCtrStopped|ErrorOccurred/);
    return;
  }
  const { reason } = outcome;
  if (!LibpodError.is(reason)) throw reason;
  expect(reason).not.toBeInstanceOf(NotSupported);
  expect(VarlinkError.is(reason.cause) && reason.cause.error).toBe(error);
}

describe("replaying", () => {
  it("knows only methods that some daemon has", () => {
    const methods = new Set(
      Object.values(daemons).flatMap((each) => Object.keys(each.methods)),
    );
    for (const method of Object.keys(drives))
      expect(methods.has(method), method).toBe(true);
  });
});
