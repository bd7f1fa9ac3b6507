import path from "node:path";
import { expect, it } from "vitest";
import type { ProgramFunction } from "../../../../src/libpod/engines/embedded/index.ts";
import { describeCorpus } from "../../../support/corpus.ts";
import {
  readTranscript,
  type RecordedCall,
  type RecordedReply,
} from "../../../support/transcript.ts";
import { expectShape, type Members } from "../shape.ts";
import { type Bench, create, moveUntil, openBench } from "./support.ts";

/**
 * What a real Podman 1.9.3 was asked, asked of our server: the same errors, and
 * replies of the same shape, down to the form of texts. Each difference has its why.
 */
const recordings = ["03-info.jsonl", "06-streaming.jsonl", "07-pods.jsonl"];

/** By what was asked; each must differ indeed. */
const differences: readonly {
  readonly why: string;
  readonly is: (call: RecordedCall["call"], text: string) => boolean;
}[] = [
  {
    why: "there are no programs that could build",
    is: ({ method }) => method.endsWith(".BuildImage"),
  },
  {
    why: "a filter that is not understood was never answered",
    is: (_call, text) => text.includes('"bogus"'),
  },
  {
    why: "without more there is one reply, not two",
    is: ({ method, more }) =>
      method.endsWith(".GetContainersLogs") && more !== true,
  },
  {
    why: "following ends, with an empty line, once the containers have ended",
    is: (_call, text) => text.includes('"follow":true'),
  },
  {
    why: "there are no infra containers: such a pod is empty",
    is: ({ method }, text) =>
      text.includes('"p2"') && /\.(StartPod|InspectPod)$/.test(method),
  },
  {
    why: "nor are they listed",
    is: ({ method }) => method.endsWith(".ListContainers"),
  },
  {
    why: "only what happened to this engine is told, and not for ever",
    is: (_call, text) => text.includes('"container=ev1"'),
  },
  {
    why: "the steps of a copy are told in other words, and whole",
    is: ({ method }, text) =>
      method.endsWith(".Commit") && text.includes('"cm"'),
  },
];

/** The shell's part in the recordings. */
const sh: ProgramFunction = async function* ({ command, sleep }) {
  const script = command.at(-1) ?? "";
  const [, word = "line", pause = "0.2"] =
    /echo (\w+) \$i.*?sleep ([\d.]+)/.exec(script) ?? [];
  const count = script.includes("for i in")
    ? 5
    : script.includes("-lt")
      ? 10
      : 0;
  for (let index = 1; index <= count; index += 1) {
    yield `${word} ${index}\n`;
    await sleep(Number(pause) * 1000);
  }
  if (script.includes(">&2")) yield { stderr: "to-stderr\n" };
};

/** All replies to a call, an error being the last of them. */
async function ask(
  { podman }: Bench,
  { method, more }: RecordedCall["call"],
  input: object,
  signal: AbortSignal,
): Promise<readonly RecordedReply[]> {
  const replies: RecordedReply[] = [];
  try {
    if (more === true) {
      for await (const parameters of podman.$connection.more(method, input, {
        signal,
      }))
        replies.push({ parameters });
    } else {
      const parameters = await podman.$connection.call(method, input, {
        signal,
      });
      replies.push({ parameters });
    }
  } catch (error) {
    // Left, where the recording left it.
    if (!signal.aborted) replies.push(error as RecordedReply);
  }
  return replies;
}

/** What happened, of an event. */
function statusOf(reply: RecordedReply | undefined): string | undefined {
  const { events } = (reply?.parameters ?? {}) as {
    readonly events?: { readonly status: string };
  };
  return events?.status;
}

describeCorpus("recordings of Podman 1.9, asked of our server", () => {
  it.each(recordings)(
    "%s is answered alike, call by call",
    async (recording) => {
      await using bench = await openBench({
        programs: {
          sh,
          sleep: { runsFor: recording.startsWith("07") ? "forever" : 500 },
        },
      });
      const { podman } = bench;
      // What was there, and the archive of files that is imported.
      await podman.pullImage({ name: "busybox" });
      await podman.tagImage({
        name: "busybox",
        tagged: "localhost/busybox:test",
      });
      await create(bench, "files");
      const archive = path.join(bench.folder, "rootfs.tar");
      await podman.exportContainer({ name: "files", path: archive });
      await podman.removeContainer({
        name: "files",
        force: true,
        removeVolumes: false,
      });

      const ids = new Map<string, string>();
      const leave = new AbortController();
      const checks: (() => Promise<void>)[] = [];
      for (const { line, call, replies } of readTranscript(recording)) {
        let text = JSON.stringify(call.parameters ?? {});
        for (const [recorded, ours] of ids)
          text = text.replaceAll(recorded, ours);
        const parameters = JSON.parse(text) as Members;
        const input =
          "source" in parameters
            ? { ...parameters, source: archive }
            : parameters;
        const where = `${recording}:${line} ${call.method}`;
        const asked = ask(bench, call, input, leave.signal);
        const difference = differences.find(({ is }) => is(call, text));
        // As long as it took there, so that programs do what they did.
        const ended = await moveUntil(bench, asked, 250, 20);
        const check = async (): Promise<void> => {
          const whole = await asked;
          // A stream that went on was left sooner there.
          const got = ended ? whole : whole.slice(0, replies.length);
          const differs = (): void => {
            expect(
              got.map(({ error }) => error),
              where,
            ).toEqual(replies.map(({ error }) => error));
            for (const [index, { parameters: recorded }] of replies.entries()) {
              // Lists of pods have their labels here.
              const own = JSON.stringify(got[index]?.parameters ?? {});
              const bare = own.replaceAll(
                /"labels":\{[^}]*\}(?=,"numberofcontainers)/g,
                '"labels":{}',
              );
              expectShape(JSON.parse(bare), recorded ?? {}, where, ids);
              expect(statusOf(got[index]), where).toBe(
                statusOf(replies[index]),
              );
              if (replies[index]?.error !== undefined)
                expect(
                  Object.keys(got[index]?.parameters ?? {}),
                  where,
                ).toEqual(Object.keys(recorded ?? {}));
            }
          };
          if (difference === undefined) differs();
          else expect(differs, `${where}: ${difference.why}`).toThrow();
        };
        if (ended) await check();
        // Streams that go on are looked at in the end, when they were left.
        else checks.push(check);
      }
      leave.abort();
      for (const check of checks) await check();
      expect(bench.mistakes).toEqual([]);
    },
  );
});
