import { expect } from "vitest";
import { EngineError, type Session } from "portolan/libpod";
import { commands } from "../bench.ts";
import { all, running, started, type Rule } from "./support.ts";

async function read(session: Session): Promise<string> {
  return (await session.setEncoding("utf8").toArray()).join("");
}

/** What {@link commands}.speaks prints on its standard output; engines may mix the other in anywhere. */
async function said(session: Session): Promise<string[]> {
  const lines = (await read(session)).split("\n");
  return lines.filter((line) => line !== "" && line !== "three");
}

/** What containers print and use, and what runs inside of them. */
export const outputRules: readonly Rule[] = [
  {
    name: "logs have the lines of both streams, in order within each",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("speaks");
      await container.start();
      await container.wait();
      const lines = await all(container.logs());
      const of = (stream: string): string[] =>
        lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(of("stdout")).toEqual(["one", "two"]);
      expect(of("stderr")).toEqual(["three"]);
      expect(
        lines.every(({ containerId }) => containerId === container.id),
      ).toBe(true);
      expect(await all(container.logs({ tail: 0 }))).toEqual([]);
    },
  },

  {
    name: "followed logs go on, and end with the container",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("ticks");
      await container.start();
      const lines: string[] = [];
      for await (const { text } of container.logs({ follow: true })) {
        lines.push(text);
        if (text === "tock") await container.stop({ grace: 10_000 });
      }
      expect(lines).toEqual(["tick", "tock"]);
    },
  },

  {
    name: "following ends when the caller leaves",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("ticks");
      await container.start();
      for await (const { text } of container.logs({ follow: true })) {
        expect(text).toBe("tick");
        break;
      }
      expect(await running(container)).toBe(true);
    },
  },

  {
    name: "figures of what runs",
    needs: [...started, "containerStats"],
    async run(_runtime, made, bench) {
      const container = await made.container("forever");
      await container.start();
      const asked = container.stats();
      if (bench.differences.has("no figures")) {
        // Where the host has both versions it may have some all the same.
        const outcome: unknown = await asked.catch((error: unknown) => error);
        if (outcome instanceof EngineError) return;
      }
      const stats = await asked;
      expect(stats.id).toBe(container.id);
      expect(stats.cpuNanos).toBeTypeOf("bigint");
      expect(stats.memoryUsage).toBeGreaterThanOrEqual(0n);
      expect(stats.pids).toBeGreaterThanOrEqual(1);
    },
  },

  {
    name: "exec runs a program inside, both ways",
    needs: [...started, "execContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const session = await container.exec(commands.answers, { stdin: true });
      session.write("over there\n");
      expect(await read(session)).toBe("you said over there\n");
      expect(await session.exitCode).toBe(4);
    },
  },

  {
    name: "exec's input has an end",
    needs: [...started, "execContainer"],
    async run(_runtime, made, bench) {
      const container = await made.container("forever");
      await container.start();
      const session = await container.exec(commands.echoes, { stdin: true });
      session.end("over there\n");
      expect(await read(session)).toBe("over there\n");
      const code = await session.exitCode.catch((error: unknown) => error);
      if (bench.differences.has("input of exec has no end"))
        expect(code).toBeInstanceOf(EngineError);
      else expect(code).toBe(0);
    },
  },

  {
    name: "exec tells what the program made of it",
    needs: [...started, "execContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const session = await container.exec(commands.speaks);
      expect(await said(session)).toEqual(["one", "two"]);
      expect(await session.exitCode).toBe(3);
    },
  },

  {
    name: "attach shows what is printed from then on",
    needs: [...started, "attachContainer"],
    async run(_runtime, made) {
      const container = await made.container("speaks");
      const session = await container.attach({ start: true });
      expect(await said(session)).toEqual(["one", "two"]);
      expect(await session.exitCode).toBe(3);
    },
  },

  {
    name: "what happens is told",
    needs: [...started, "events"],
    async run(runtime, made) {
      const leave = new AbortController();
      const events = runtime.events({ signal: leave.signal });
      const seen: string[] = [];
      const container = await made.container("speaks", {
        name: made.name("told"),
      });
      const watching = (async () => {
        for await (const { type, id, status } of events) {
          if (type !== "container" || id !== container.id) continue;
          seen.push(status);
          if (status === "died") break;
        }
      })();
      // Listening has begun when something is heard: engines say nothing before.
      await container.start();
      await container.wait();
      while (!seen.includes("died")) {
        await container.start().catch(() => undefined);
        await Promise.race([watching, container.wait()]);
      }
      await watching;
      expect(seen).toContain("died");
    },
  },
];
