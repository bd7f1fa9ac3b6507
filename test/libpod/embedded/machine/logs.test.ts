import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  ProgramContext,
  ProgramOutput,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { Lines } from "../../../../src/libpod/engines/embedded/lines.ts";
import { OUTPUT_LIMIT } from "../../../../src/libpod/engines/embedded/output.ts";
import {
  all,
  bench,
  collecting,
  linesOf,
  rejection,
  START,
} from "./support.ts";

const ticks = {
  output: [1, 2, 3, 4].map((n) => ({ after: 100, stdout: `${n}` })),
};

test("lines are what stands between newlines, however they were written", () => {
  const text = fc.array(
    fc.constantFrom("a", "é", "€", "😀", "\r", "\n", "\n\n", "\uFEFF"),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(text, fc.array(fc.nat(5), { maxLength: 40 }), (parts, cuts) => {
      const whole = parts.join("");
      const lines = new Lines("id");
      let rest: Uint8Array = Buffer.from(whole);
      const found = [...cuts, rest.length].flatMap((cut) => {
        const data = rest.subarray(0, cut);
        rest = rest.subarray(cut);
        return lines.push({ stream: "stdout", data, time: 0 });
      });
      const texts = [...found, ...lines.end()].map((line) => line.text);
      const expected = whole.split("\n");
      if (expected.at(-1) === "") expected.pop();
      expect(texts).toEqual(expected);
    }),
  );
});

test("streams do not mix in a line, and a line has the time of its end", () => {
  const lines = new Lines("id");
  const push = (stream: "stdout" | "stderr", text: string, time: number) =>
    lines
      .push({ stream, data: Buffer.from(text), time })
      .map((entry) => [entry.stream, entry.text, Number(entry.time)]);
  expect(push("stdout", "out", 1)).toEqual([]);
  expect(push("stderr", "err\nmore", 2)).toEqual([["stderr", "err", 2]]);
  expect(push("stdout", "put\nlast", 3)).toEqual([["stdout", "output", 3]]);
  expect(lines.end().map(({ text, time }) => [text, Number(time)])).toEqual([
    ["more", 2],
    ["last", 3],
  ]);
  expect(lines.end()).toEqual([]);
});

test("a line without an end comes in pieces instead of filling the memory", () => {
  const lines = new Lines("id");
  const data = Buffer.alloc(1024 * 1024 + 1, "x");
  const found = lines.push({ stream: "stdout", data, time: 0 });
  expect(found.map(({ text }) => text.length)).toEqual([1024 * 1024]);
  expect(lines.end().map(({ text }) => text)).toEqual(["x"]);
});

test("a last line without newline is shown", async () => {
  const { engine, clock, started } = await bench({
    programs: {
      async *asks({ sleep }) {
        yield "hello\nname? ";
        await sleep(1e6);
      },
    },
  });
  const id = await started("asks");
  await clock.advance(0);
  expect(await linesOf(engine, id)).toEqual(["hello", "name? "]);
});

test("on a terminal there is one stream", async () => {
  const { engine, clock, started } = await bench({
    programs: { one: { output: [{ stderr: "e" }, "o"] } },
  });
  const id = await started("one", {
    spec: { process: { args: ["one"], terminal: true } },
  });
  await clock.advance(0);
  expect(await linesOf(engine, id)).toEqual(["e", "o"]);
});

test("tail counts from the end; since is a time at or after which a line was written", async () => {
  const { engine, clock, started } = await bench({ programs: { ticks } });
  const id = await started("ticks");
  await clock.advance(400);
  const texts = async (options: object): Promise<string> =>
    (await all(engine.containerLogs(id, options)))
      .map(({ text }) => text)
      .join("");
  expect(await texts({})).toBe("1234");
  expect(await texts({ tail: 0 })).toBe("");
  expect(await texts({ tail: 3 })).toBe("234");
  expect(await texts({ tail: 99 })).toBe("1234");
  expect(await texts({ since: new Date(START + 300) })).toBe("34");
  expect(await texts({ since: new Date(START + 301) })).toBe("4");
  expect(await texts({ since: new Date(START + 200), tail: 1 })).toBe("4");
  for (const options of [{ tail: -1 }, { tail: 1.5 }, { since: new Date(NaN) }])
    expect(await rejection(texts(options))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
});

test("following goes on after what is there, until the container ends", async () => {
  const { engine, clock, started } = await bench({ programs: { ticks } });
  const id = await started("ticks");
  await clock.advance(250);
  const { seen, done } = collecting(
    engine.containerLogs(id, { follow: true, tail: 1 }),
  );
  await clock.advance(100);
  expect(seen.map(({ text }) => text)).toEqual(["2", "3"]);
  await clock.advance(100);
  await done;
  expect(seen.map(({ text }) => text)).toEqual(["2", "3", "4"]);
});

test("following shows a line once it is whole, and what is left at the end", async () => {
  const { engine, clock, started } = await bench({
    programs: {
      async *slow({ sleep }) {
        yield "ha";
        await sleep(10);
        yield "lf\nre";
        await sleep(10);
        yield "st";
      },
    },
  });
  const id = await started("slow");
  await clock.advance(0);
  const { seen, done } = collecting(engine.containerLogs(id, { follow: true }));
  await clock.advance(9);
  expect(seen).toEqual([]);
  await clock.advance(11);
  await done;
  expect(seen.map(({ text }) => text)).toEqual(["half", "rest"]);
});

test("following one that is yet to start lasts over its first run, and no longer", async () => {
  const { engine, clock, container } = await bench({ programs: { ticks } });
  const id = await container("ticks");
  const { seen, done } = collecting(engine.containerLogs(id, { follow: true }));
  await clock.advance(100);
  await engine.startContainer(id);
  await clock.advance(400);
  await engine.startContainer(id);
  await clock.advance(400);
  await done;
  expect(seen.map(({ text }) => text).join("")).toBe("1234");
  // All runs are there for who asks later; there is nothing to follow then.
  const again = await all(engine.containerLogs(id, { follow: true }));
  expect(again.map(({ text }) => text).join("")).toBe("12341234");
});

test("following ends when the container is removed, and when the caller leaves", async () => {
  const { engine, clock, container, started } = await bench();
  const idle = await container("any");
  const waiting = collecting(engine.containerLogs(idle, { follow: true }));
  const running = await started("any");
  const leave = new AbortController();
  const left = collecting(
    engine.containerLogs(running, { follow: true, signal: leave.signal }),
  );
  await clock.advance(0);
  await engine.removeContainer(idle);
  await waiting.done;
  leave.abort();
  expect(await rejection(left.done)).toMatchObject({ code: "ABORTED" });
});

test("logs of what is not there: NoSuchContainer, when they are read", async () => {
  const { engine } = await bench();
  expect(await rejection(all(engine.containerLogs("nothing")))).toMatchObject({
    code: "NO_SUCH_CONTAINER",
  });
});

async function* floods({
  sleep,
}: ProgramContext): AsyncGenerator<ProgramOutput, void, undefined> {
  // Twice what is kept, in pieces that no line ends with.
  for (let piece = 0; piece < 32; piece += 1) {
    yield `${String(piece).padStart(65_535, "-")}\n`;
    if (piece === 0) await sleep(1);
  }
  yield "x".repeat(OUTPUT_LIMIT / 2);
  await sleep(1000);
}

test("of output the newest is kept, up to a limit", async () => {
  const { engine, clock, started } = await bench({ programs: { floods } });
  const id = await started("floods");
  await clock.advance(1);
  const kept = await engine.inside.output(id, "stdout");
  expect(kept.length).toBeLessThanOrEqual(OUTPUT_LIMIT);
  expect(kept.length).toBeGreaterThan(OUTPUT_LIMIT - 65_536);
  expect((await linesOf(engine, id)).at(-1)).toBe("x".repeat(OUTPUT_LIMIT / 2));
});

test("who reads more slowly than output goes is told, and others are not", async () => {
  const { engine, clock, started } = await bench({ programs: { floods } });
  const id = await started("floods");
  await clock.advance(0);
  const slow = engine.containerLogs(id, { follow: true });
  const quick = collecting(engine.containerLogs(id, { follow: true }));
  // Until it waits for what comes next.
  expect((await slow.next()).value?.text).toMatch(/-0$/);
  await clock.advance(1);
  expect(await rejection(slow.next())).toMatchObject({
    code: "LIMIT_EXCEEDED",
  });
  await clock.advance(1000);
  await quick.done;
  expect(quick.seen).toHaveLength(33);
});
