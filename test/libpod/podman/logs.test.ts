import { describe, expect, it } from "vitest";
import type { Engine, LogOptions } from "../../../src/libpod/engine.ts";
import type { PeerConnection } from "../../support/peer.ts";
import {
  type Answer,
  collect,
  endless,
  fails,
  FakePodman,
  replies,
  type Script,
  withEngine,
} from "./fake.ts";

interface Written {
  readonly text: string;
  readonly stream?: string;
  readonly partial?: boolean;
  /** Milliseconds. */
  readonly at?: number;
}

const start = Date.parse("2026-11-21T22:00:00Z");
const lines: readonly Written[] = ["one", "two", "three", "four"].map(
  (text, index) => ({ text, at: index * 1000 }),
);

function timeOf({ at = 0 }: Written): string {
  return new Date(start + at).toISOString();
}

/** A reply of Podman 1.9. */
function log(line: Written): object {
  return {
    log: {
      device: line.stream ?? "stdout",
      parseLogType: line.partial === true ? "P" : "F",
      time: timeOf(line),
      msg: line.text,
      cid: "c",
    },
  };
}

const terminator = {
  log: { device: "", parseLogType: "", time: "", msg: "", cid: "" },
};

/** A line of a file, as Podman 1.0 sends it. */
function fileLine(line: Written): string {
  return `${timeOf(line)} ${line.stream ?? "stdout"} ${line.partial === true ? "P" : "F"} ${line.text}\n`;
}

/** A container whose log grows, and that ends, when the test says so. */
class Container {
  readonly written: Written[] = [];
  readonly #waiters: (() => void)[] = [];
  readonly #followers: PeerConnection[] = [];
  #ended = false;

  write(...some: readonly Written[]): void {
    this.written.push(...some);
    for (const follower of this.#followers)
      endless(...some.map(log))({ method: "" }, follower);
  }

  /** Ends it; what it still writes reaches the file alone. */
  end(...last: readonly Written[]): void {
    this.written.push(...last);
    this.#ended = true;
    for (const resolve of this.#waiters) resolve();
  }

  readonly script: Script = {
    GetContainersLogs: (call, connection) => {
      const { follow, tail } = call.parameters ?? {};
      const all = this.written.slice(
        tail === -1 ? 0 : Math.max(0, this.written.length - Number(tail)),
      );
      if (follow !== true) {
        endless(...all.map(log), terminator)(call, connection);
      } else {
        this.#followers.push(connection);
        if (all.length > 0) endless(...all.map(log))(call, connection);
      }
    },
    GetContainerLogs: (_call, connection) => {
      connection.reply({ container: this.written.map(fileLine) });
    },
    WaitContainer: async (_call, connection) => {
      if (!this.#ended)
        await new Promise<void>((resolve) => {
          this.#waiters.push(resolve);
        });
      connection.reply({ exitcode: 0 });
    },
    GetContainer: (_call, connection) => {
      const status = this.#ended ? "exited" : "running";
      connection.reply({ container: { id: "c", status } });
    },
  };
}

const daemons = ["io.podman (1.9)", "io.podman (1.0)"] as const;

async function texts(engine: Engine, options?: LogOptions): Promise<string[]> {
  return (await collect(engine.containerLogs("c", options))).map(
    ({ text }) => text,
  );
}

describe.each(daemons)("logs of %s", (daemon) => {
  it("are what is there, and end", async () => {
    const container = new Container();
    container.write(
      { text: "out", at: 1 },
      { text: "err", stream: "stderr", at: 2 },
    );
    await withEngine(daemon, container.script, async (engine) => {
      expect(await collect(engine.containerLogs("c"))).toEqual([
        {
          containerId: "c",
          stream: "stdout",
          text: "out",
          time: new Date(start + 1),
        },
        {
          containerId: "c",
          stream: "stderr",
          text: "err",
          time: new Date(start + 2),
        },
      ]);
    });
  });

  it("puts the parts of a line together", async () => {
    const container = new Container();
    container.write(
      { text: "begin ", partial: true },
      { text: "aside", stream: "stderr" },
      { text: "end" },
    );
    await withEngine(daemon, container.script, async (engine) => {
      expect(await texts(engine)).toEqual(["aside", "begin end"]);
    });
  });

  it("begins where it is told to", async () => {
    const container = new Container();
    container.write(...lines);
    const since = new Date(start + 1000);
    await withEngine(daemon, container.script, async (engine) => {
      expect(await texts(engine, { tail: 2 })).toEqual(["three", "four"]);
      expect(await texts(engine, { tail: 0 })).toEqual([]);
      expect(await texts(engine, { tail: 9 })).toHaveLength(4);
      expect(await texts(engine, { since })).toEqual(["two", "three", "four"]);
      expect(await texts(engine, { since, tail: 1 })).toEqual(["four"]);
      expect(await texts(engine, { since, tail: 9 })).toHaveLength(3);
    });
  });

  it("follows until the container has ended, and misses nothing of its end", async () => {
    const container = new Container();
    container.write({ text: "one" });
    await withEngine(daemon, container.script, async (engine) => {
      const stream = engine.containerLogs("c", { follow: true });
      const next = async (): Promise<string | undefined> =>
        (await stream.next()).value?.text;
      expect(await next()).toBe("one");
      container.write({ text: "two" });
      expect(await next()).toBe("two");
      container.end({ text: "three" }, { text: "four" });
      expect(await next()).toBe("three");
      expect(await next()).toBe("four");
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    });
  });

  it("follows from the last lines on", async () => {
    const container = new Container();
    container.write(...lines);
    await withEngine(daemon, container.script, async (engine) => {
      const stream = engine.containerLogs("c", { follow: true, tail: 1 });
      expect((await stream.next()).value?.text).toBe("four");
      container.end({ text: "five" });
      expect((await collect(stream)).map(({ text }) => text)).toEqual(["five"]);
    });
  });

  it("ends where a container was removed that was followed", async () => {
    const container = new Container();
    container.write({ text: "one" });
    const script = {
      ...container.script,
      WaitContainer: fails("ContainerNotFound", { name: "c", id: "c" }),
    };
    await withEngine(daemon, script, async (engine) => {
      expect(await texts(engine, { follow: true })).toEqual(["one"]);
    });
  });

  it("stops when it is aborted, and when its time is over", async () => {
    const container = new Container();
    container.write({ text: "one" });
    await withEngine(daemon, container.script, async (engine) => {
      const controller = new AbortController();
      const stream = engine.containerLogs("c", {
        follow: true,
        signal: controller.signal,
      });
      await stream.next();
      const next = stream.next();
      controller.abort(new Error("enough"));
      await expect(next).rejects.toMatchObject({ code: "ABORTED" });
      const timed = engine.containerLogs("c", { follow: true, timeout: 50 });
      await expect(collect(timed)).rejects.toMatchObject({ code: "TIMEOUT" });
    });
  });

  it("is left in the middle, and the daemon can be asked other things", async () => {
    const container = new Container();
    container.write(...lines);
    await withEngine(daemon, container.script, async (engine) => {
      for await (const { text } of engine.containerLogs("c", { follow: true }))
        if (text === "two") break;
      expect(await texts(engine)).toHaveLength(4);
    });
  });
});

describe("waiting", () => {
  function states(...list: readonly string[]): Answer {
    let index = 0;
    return (_call, connection) => {
      const status = list[Math.min(index++, list.length - 1)];
      connection.reply({ container: { id: "c", status } });
    };
  }

  it("does not take the daemon's word for a container that was never started", async () => {
    const script = {
      WaitContainer: replies({ exitcode: 0 }),
      GetContainer: states("configured", "created", "exited"),
    };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      expect(await engine.waitContainer("c")).toBe(0);
      expect(
        fake.methods.filter((name) => name === "WaitContainer"),
      ).toHaveLength(3);
      // In nanoseconds: a smaller number is a circle without pause.
      expect(fake.input("WaitContainer")).toEqual({
        name: "c",
        interval: 250_000_000,
      });
    });
  });

  it("sends Podman 1.0 nothing that it does not know", async () => {
    const script = {
      WaitContainer: replies({ exitcode: 7 }),
      GetContainer: states("exited"),
    };
    await withEngine("io.podman (1.0)", script, async (engine, fake) => {
      expect(await engine.waitContainer("c")).toBe(7);
      expect(fake.input("WaitContainer")).toEqual({ name: "c" });
    });
  });

  it("knows the code of what was removed meanwhile", async () => {
    const script = {
      WaitContainer: replies({ exitcode: 3 }),
      GetContainer: fails("ContainerNotFound", { id: "c" }),
    };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      expect(await engine.waitContainer("c")).toBe(3);
    });
  });

  it("ends with its signal, also between two looks", async () => {
    const script = {
      WaitContainer: replies({ exitcode: 0 }),
      GetContainer: states("created"),
    };
    const options = { pollInterval: 60_000 };
    await withEngine(
      "io.podman (1.9)",
      script,
      async (engine, fake) => {
        const controller = new AbortController();
        const waiting = engine.waitContainer("c", {
          signal: controller.signal,
        });
        await expect.poll(() => fake.methods).toContain("GetContainer");
        controller.abort();
        await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
      },
      options,
    );
  });

  it("of many does not keep others from being asked", async () => {
    const container = new Container();
    await withEngine("io.podman (1.9)", container.script, async (engine) => {
      const waiting = Array.from({ length: 40 }, () =>
        engine.waitContainer("c"),
      );
      expect(await texts(engine, { timeout: 10_000 })).toEqual([]);
      container.end();
      expect(new Set(await Promise.all(waiting))).toEqual(new Set([0]));
    });
  });

  it("does not stand in the way of other calls", async () => {
    const container = new Container();
    const fake = await FakePodman.start("io.podman (1.9)", {
      ...container.script,
      StopContainer(_call, connection) {
        container.end();
        connection.reply({ container: "c" });
      },
    });
    const { openPodman } =
      await import("../../../src/libpod/engines/podman/index.ts");
    const engine = await openPodman(fake.endpoint);
    const [code] = await Promise.all([
      engine.waitContainer("c"),
      engine.stopContainer("c"),
    ]);
    expect(code).toBe(0);
    await engine.close();
    await fake.close();
  });
});
