import { describe, expect, it } from "vitest";
import {
  code,
  drive,
  openBench,
  refusal,
  START_SECONDS,
  until,
  written,
} from "./support.ts";

describe("Wait", () => {
  it("tells at once of the first that rests, in the order of names", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await bench.run("a");
    await porto.create({ name: "b" });
    await porto.create({ name: "c" });
    const wait = async (...name: string[]): Promise<string> =>
      written(await porto.wait({ name }));
    expect(await wait("a", "c", "b")).toBe("c:stopped");
    expect(await wait("***")).toBe("b:stopped");
    expect(await wait("a", "c*")).toBe("c:stopped");
    const { when } = await porto.wait({ name: ["b"] });
    expect(when).toBe(START_SECONDS);
  });

  it("refuses no names, and names that are not there", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    expect(await code(porto.wait({ name: [] }))).toBe("InvalidValue");
    const error = await refusal(porto.wait({ name: ["nope"] }));
    expect(error.errorName).toBe("ContainerDoesNotExist");
    expect(error.result).toMatchObject({ name: "nope" });
    expect(written(await porto.wait({ name: ["x*"], timeout_ms: 0 }))).toBe(
      ":timeout",
    );
  });

  it("blocks until one dies, or until its time is over", async () => {
    await using bench = await openBench({
      programs: { job: { runsFor: 5000, exitCode: 7 } },
    });
    const { porto, clock } = bench;
    await bench.run("a", "job");
    expect(written(await porto.wait({ name: ["a"], timeout_ms: 0 }))).toBe(
      ":timeout",
    );
    const late = porto.wait({ name: ["a"], timeout_ms: 1000 });
    expect(written(await drive(clock, late))).toBe(":timeout");
    expect(clock.now() - Number(START_SECONDS) * 1000).toBeLessThan(5000);
    const dead = porto.wait({ name: ["a"] });
    expect(written(await drive(clock, dead))).toBe("a:dead:exit_code=7");
  });

  it("does not wake for what goes on running", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    await bench.run("a");
    const waiting = porto.wait({ name: ["***"], timeout_ms: 60_000 });
    await bench.set("a", { "labels[AB.c]": "d" });
    await porto.pause({ name: "a" });
    await porto.resume({ name: "a" });
    expect(written(await drive(clock, waiting, 1000))).toBe(":timeout");
  });

  it("tells of a meta container once nothing runs in it", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "m" });
    await bench.run("m/a");
    const waiting = porto.wait({ name: ["m"] });
    await porto.kill({ name: "m/a", sig: 9 });
    expect(written(await waiting)).toBe("m:meta");
    expect(written(await porto.wait({ name: ["m"] }))).toBe("m:meta");
  });

  it("waits for labels where some are named", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    await porto.create({ name: "a" });
    await bench.set("a", { "labels[AB.c]": "1", "labels[XY.z]": "2" });
    const now = { name: ["a"], label: ["XY.*"], timeout_ms: 0 };
    expect(written(await porto.wait(now))).toBe("a:stopped:XY.z=2");
    // One that rests says nothing by that alone.
    const other = { name: ["a"], label: ["QQ.*"], timeout_ms: 100 };
    expect(written(await drive(clock, porto.wait(other)))).toBe(":timeout");
  });

  it("ends with the engine", async () => {
    await using bench = await openBench();
    const { porto, engine } = bench;
    await bench.run("a");
    let begun = false;
    const waiting = porto
      .wait({ name: ["a"] })
      .catch((error: unknown) => error);
    await until(async () => {
      begun ||= (await porto.list()).name.length === 1;
      return begun;
    });
    await engine.close();
    expect(await waiting).toMatchObject({ errorName: "SocketError" });
  });
});

describe("AsyncWait", () => {
  it("pushes how things stand: named ones first, then those of masks", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    for (const name of ["a", "b", "c"]) await porto.create({ name });
    const named = await bench.watch({ name: ["c", "nope", "a"] });
    expect(await named.take(2)).toEqual(["c:stopped", "a:stopped"]);
    const masked = await bench.watch({ name: ["b", "***"] });
    expect(await masked.take(4)).toEqual([
      "b:stopped",
      "a:stopped",
      "b:stopped",
      "c:stopped",
    ]);
  });

  it("tells of names that come to be later, and of no others", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const watch = await bench.watch({ name: ["later", "x*"] });
    for (const name of ["other", "x1", "later"]) await porto.create({ name });
    await porto.destroy({ name: "later" });
    expect(await watch.take(3)).toEqual([
      "x1:stopped",
      "later:stopped",
      "later:destroyed",
    ]);
  });

  it("tells of labels that fit, from the beginning and as they change", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    await bench.set("a", { labels: "AB.c: 1; XY.z: 2" });
    const watch = await bench.watch({ name: ["***"], label: ["AB.*"] });
    expect(await watch.take(1)).toEqual(["a:stopped:AB.c=1"]);
    await bench.set("a", { "labels[XY.z]": "3", "labels[AB.c]": "4" });
    await porto.setLabel({ name: "a", label: "AB.c", value: "" });
    await porto.incLabel({ name: "a", label: "AB.n", add: -5n });
    await bench.set("a", { "labels[AB.n]": "-5" });
    await porto.start({ name: "a" });
    expect(await watch.take(5)).toEqual([
      "a:stopped:AB.c=4",
      "a:stopped:AB.c=",
      "a:stopped:AB.n=-5",
      "a:starting",
      "a:meta",
    ]);
  });

  it("ends with its target state, at once if that is reached", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const input = { name: ["a"], target_state: "running" };
    const watch = await bench.watch(input);
    await bench.set("a", { command: "sleep 1" });
    await porto.start({ name: "a" });
    expect(await watch.rest()).toEqual(["a:running"]);
    expect(await (await bench.watch(input)).rest()).toEqual(["a:running"]);
  });

  it("ends when its time is over, at once if it has none", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    await porto.create({ name: "a" });
    const none = await bench.watch({ name: ["a"], timeout_ms: 0 });
    expect(await none.rest()).toEqual(["a:stopped", ":timeout"]);
    const some = await bench.watch({ name: ["a"], timeout_ms: 500 });
    expect(await some.take(1)).toEqual(["a:stopped"]);
    expect(await drive(clock, some.rest())).toEqual([":timeout"]);
  });

  it("is left by leaving the loop", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    for await (const { state } of porto.asyncWait({ name: ["a"] })) {
      expect(state).toBe("stopped");
      break;
    }
    await porto.start({ name: "a" });
    expect(bench.mistakes).toEqual([]);
  });
});
