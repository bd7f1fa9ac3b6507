import { describe, expect, it } from "vitest";
import {
  EngineError,
  InvalidState,
  NoSuchContainer,
} from "../../../src/libpod/errors.ts";
import { exitCodeOf } from "../../../src/libpod/engines/porto/states.ts";
import { FakePortod, rejection } from "./daemon.ts";

describe("waiting for the end of a container", () => {
  it.each([
    [0, 0],
    [3, 3],
    [255, 255],
    [-9, 137],
    [-15, 143],
    [-64, 192],
    [-99, 137],
  ])("Porto's exit code %i is %i", (code, expected) => {
    expect(exitCodeOf(code)).toBe(expected);
  });

  it("resolves at once for what has ended", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "dead").exitCode = -99;
    expect(await served.engine.waitContainer("a")).toBe(137);
    expect(await rejection(served.engine.waitContainer("b"))).toBeInstanceOf(
      NoSuchContainer,
    );
  });

  it("blocks while it runs, and no other call", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    const count = 40;
    for (let index = 0; index < count; index += 1)
      daemon.add(`c${index}`, "running", { command: "x" });
    let waiting = 0;
    const blocked = new Promise<void>((resolve) => {
      daemon.onCommand = (name, input) => {
        if (name === "wait" && !("timeout_ms" in input)) waiting += 1;
        if (waiting === count) setImmediate(resolve);
      };
    });
    const ends = [...daemon.containers.keys()].map((name) =>
      engine.waitContainer(name),
    );
    await blocked;
    await Promise.all(
      [...daemon.containers.keys()].map((name) => engine.stopContainer(name)),
    );
    expect(await Promise.all(ends)).toEqual(Array(count).fill(143));
  });

  it("goes on over what was not started yet, and over new starts of Porto's", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a");
    const subscribed = asked(daemon, "asyncWait");
    const end = served.engine.waitContainer("a");
    await subscribed;
    const again = asked(daemon, "asyncWait");
    daemon.enter("a", "starting");
    daemon.enter("a", "respawning");
    await again;
    const blocked = asked(daemon, "wait", "without end");
    daemon.enter("a", "running");
    await blocked;
    daemon.exit("a", 7);
    expect(await end).toBe(7);
  });

  it("says so where Porto has forgotten how it ended", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    const blocked = asked(daemon, "wait", "without end");
    const end = served.engine.waitContainer("a");
    await blocked;
    daemon.enter("a", "stopped");
    const error = await rejection(end);
    expect(error).toBeInstanceOf(InvalidState);
    expect((error as Error).message).toContain("forgotten");
  });

  it("of what was removed before it started ends", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a");
    const subscribed = asked(daemon, "asyncWait");
    const end = served.engine.waitContainer("a");
    await subscribed;
    daemon.destroy("a");
    expect(await rejection(end)).toBeInstanceOf(NoSuchContainer);
  });

  it("of what was not started ends with the operation's time", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a");
    expect(
      await rejection(served.engine.waitContainer("a", { timeout: 60 })),
    ).toMatchObject({ code: "TIMEOUT" });
  });

  it("looks again where it was started anew before it could be asked", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "dead", { command: "x" }).exitCode = 1;
    daemon.onCommand = (name) => {
      if (name !== "getProperty") return;
      daemon.enter("a", "running");
      daemon.onCommand = (next, input) => {
        if (next === "wait" && !("timeout_ms" in input))
          setImmediate(() => daemon.exit("a", 2));
      };
    };
    expect(await served.engine.waitContainer("a")).toBe(2);
  });

  it("refuses what has no process, and words that it does not know", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "meta");
    expect(await rejection(served.engine.waitContainer("a"))).toBeInstanceOf(
      InvalidState,
    );
    daemon.add("b", "running", { command: "x" });
    const blocked = asked(daemon, "wait", "without end");
    const end = served.engine.waitContainer("b");
    await blocked;
    daemon.enter("b", "dead", "exit_code", "so so");
    expect(await rejection(end)).toBeInstanceOf(EngineError);
  });
});

/** Resolves when the daemon gets a command; of waits, one that has no time limit. */
function asked(
  daemon: FakePortod,
  command: string,
  kind?: "without end",
): Promise<void> {
  return new Promise((resolve) => {
    daemon.onCommand = (name, input) => {
      if (name !== command) return;
      if (kind !== undefined && "timeout_ms" in input) return;
      // It is answered first.
      setImmediate(resolve);
    };
  });
}
