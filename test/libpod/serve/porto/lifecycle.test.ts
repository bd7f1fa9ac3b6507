import { describe, expect, it } from "vitest";
import { code, drive, openBench, refusal, until } from "./support.ts";

describe("names", () => {
  it("are checked, and their parents must be there", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const create = (name: string): Promise<string> =>
      code(porto.create({ name }));
    for (const name of [
      "",
      "a b",
      "ä",
      "a\u0000b",
      "a/self",
      "a*",
      "x".repeat(129),
      "x/".repeat(100) + "x".repeat(100),
    ])
      expect([name, await create(name)]).toEqual([name, "InvalidValue"]);
    expect(await create("nobody/child")).toBe("ContainerDoesNotExist");
    await porto.create({ name: "a" });
    await porto.create({ name: "a/b" });
    expect(await create("a")).toBe("ContainerAlreadyExists");
    expect(await create("/")).toBe("ContainerAlreadyExists");
    expect(await create("self")).toBe("ContainerAlreadyExists");
    expect((await porto.list()).name).toEqual(["a", "a/b"]);
  });

  it("nest sixteen levels deep and no deeper", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const names = Array.from({ length: 16 }, (_, index) =>
      Array.from({ length: index + 1 }, () => "n").join("/"),
    );
    for (const name of names) await porto.create({ name });
    const deepest = `${names.at(-1)}/n`;
    expect(await code(porto.create({ name: deepest }))).toBe("InvalidValue");
  });

  it("mean the same in all their forms", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "self/a" });
    await porto.create({ name: "/porto/a/b" });
    expect((await porto.list()).name).toEqual(["a", "a/b"]);
    for (const name of ["a/b", "self/a/b", "/porto/a/b", "a//b", "a/./b"])
      expect(await get(name, "absolute_name")).toBe("/porto/a/b");
    for (const name of ["/", "self", "."])
      expect(await get(name, "absolute_name")).toBe("/");
  });

  it("are listed by mask, and by when they changed", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    for (const name of ["ab", "ac", "ab/x", "b"]) await porto.create({ name });
    const list = async (mask: string): Promise<readonly string[]> =>
      (await porto.list({ mask })).name;
    expect(await list("*")).toEqual(["ab", "ac", "b"]);
    expect(await list("a?")).toEqual(["ab", "ac"]);
    expect(await list("*/*")).toEqual(["ab/x"]);
    expect(await list("***")).toEqual(["ab", "ab/x", "ac", "b"]);
    expect(await list("ab***")).toEqual(["ab", "ab/x"]);
    expect(await list("none")).toEqual([]);
    await clock.advance(10_000);
    const changed_since = BigInt(clock.now() / 1000);
    await porto.setProperty({ name: "b", property: "private", value: "x" });
    expect((await porto.list({ changed_since })).name).toEqual(["b"]);
  });
});

describe("a container", () => {
  it("goes from stopped to running to dead, and back", async () => {
    await using bench = await openBench({
      programs: { job: { output: ["done"], runsFor: 500, exitCode: 3 } },
    });
    const { porto, get, clock } = bench;
    const watch = await bench.watch({ name: ["***"] });
    await bench.run("a", "job");
    expect(await watch.take(3)).toEqual([
      "a:stopped",
      "a:starting",
      "a:running",
    ]);
    expect(await code(porto.start({ name: "a" }))).toBe("InvalidState");
    await clock.advance(500);
    expect(await watch.take(1)).toEqual(["a:dead:exit_code=3"]);
    expect(await get("a", "exit_code")).toBe("3");
    expect(await get("a", "exit_status")).toBe("768");
    expect(await get("a", "stdout")).toBe("done\n");
    expect(await code(porto.start({ name: "a" }))).toBe("InvalidState");
    await porto.stop({ name: "a" });
    expect(await watch.take(2)).toEqual(["a:stopping", "a:stopped"]);
    expect(await code(get("a", "exit_code"))).toBe("InvalidState");
    expect(await code(get("a", "stdout"))).toBe("InvalidState");
    await porto.start({ name: "a" });
    expect(await watch.take(2)).toEqual(["a:starting", "a:running"]);
    await porto.destroy({ name: "a" });
    expect(await watch.take(3)).toEqual([
      "a:stopping",
      "a:stopped",
      "a:destroyed",
    ]);
    expect(await code(get("a", "state"))).toBe("ContainerDoesNotExist");
    expect(bench.mistakes).toEqual([]);
  });

  it("that ends at once was running", async () => {
    await using bench = await openBench({ programs: { brief: {} } });
    const watch = await bench.watch({ name: ["a"] });
    await bench.run("a", "brief");
    expect(await watch.take(4)).toEqual([
      "a:stopped",
      "a:starting",
      "a:running",
      "a:dead:exit_code=0",
    ]);
  });

  it("is stopped kindly, and killed when its time is over", async () => {
    await using bench = await openBench({
      programs: { deaf: { runsFor: "forever", ignores: [15] } },
    });
    const { porto, get, clock } = bench;
    await bench.run("kind");
    await porto.stop({ name: "kind" });
    expect(clock.now()).toBe(Date.UTC(2026, 10, 21, 22, 11, 3));
    await bench.run("deaf", "deaf");
    const begin = clock.now();
    const stopped = porto.stop({ name: "deaf", timeout_ms: 5000 });
    await until(async () => (await get("deaf", "state")) === "stopping");
    expect(await code(porto.kill({ name: "deaf", sig: 9 }))).toBe(
      "InvalidState",
    );
    await drive(clock, stopped);
    expect(clock.now() - begin).toBeGreaterThanOrEqual(5000);
    expect(await get("deaf", "state")).toBe("stopped");
    await porto.start({ name: "deaf" });
    const again = clock.now();
    await porto.stop({ name: "deaf", timeout_ms: 0 });
    expect(clock.now()).toBe(again);
    await porto.stop({ name: "deaf" });
  });

  it("is killed while it runs, and tells by what", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    expect(await code(porto.kill({ name: "a", sig: 9 }))).toBe("InvalidState");
    await bench.set("a", { command: "sleep 1" });
    await porto.start({ name: "a" });
    expect(await code(porto.kill({ name: "a", sig: 65 }))).toBe("Unknown");
    await porto.kill({ name: "a", sig: 0 });
    expect(await get("a", "state")).toBe("running");
    await porto.kill({ name: "a", sig: 9 });
    const { state } = await porto.wait({ name: ["a"] });
    expect(state).toBe("dead");
    expect(await get("a", "exit_code")).toBe("-9");
    expect(await get("a", "exit_status")).toBe("9");
    expect(await code(porto.kill({ name: "/", sig: 9 }))).toBe("Permission");
  });

  it("is frozen and thawed", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    expect(await code(porto.pause({ name: "a" }))).toBe("InvalidState");
    expect(await code(porto.resume({ name: "a" }))).toBe("InvalidState");
    await bench.set("a", { command: "sleep 1" });
    await porto.start({ name: "a" });
    await porto.pause({ name: "a" });
    expect(await get("a", "state")).toBe("paused");
    expect(await code(porto.pause({ name: "a" }))).toBe("InvalidState");
    await porto.resume({ name: "a" });
    expect(await get("a", "state")).toBe("running");
    await porto.pause({ name: "a" });
    await porto.stop({ name: "a" });
    expect(await get("a", "state")).toBe("stopped");
  });

  it("cannot be started with a command that cannot be split", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    const watch = await bench.watch({ name: ["a"] });
    await porto.create({ name: "a" });
    await bench.set("a", { command: "echo 'half" });
    const error = await refusal(porto.start({ name: "a" }));
    expect(error.errorName).toBe("InvalidCommand");
    const start_error = `InvalidCommand:(${error.text})`;
    expect(await watch.take(3)).toEqual([
      "a:stopped",
      "a:starting",
      `a:stopped:start_error=${start_error}`,
    ]);
    expect(await get("a", "start_error")).toBe(start_error);
    expect(await get("a", "state")).toBe("stopped");
    await bench.set("a", { command: "echo whole" });
    await porto.start({ name: "a" });
    expect(await get("a", "start_error")).toBe("");
  });

  it("gets its command and environment, split as without a shell", async () => {
    const seen: unknown[] = [];
    await using bench = await openBench({
      programs: {
        async *show({ command, env }) {
          seen.push(command, env["A"], env["PORTO_NAME"], env["HOME"]);
          yield "";
        },
      },
    });
    const { porto } = bench;
    await porto.create({ name: "a" });
    await bench.set("a", {
      env: "A=one two;B=x",
      cwd: "/w",
      command: `show "$A" $A '$A' \${B}y z\\ z`,
    });
    await porto.start({ name: "a" });
    await porto.wait({ name: ["a"] });
    expect(seen).toEqual([
      ["show", "one two", "one", "two", "$A", "xy", "z z"],
      "one two",
      "a",
      "/w",
    ]);
  });
});

describe("nested containers", () => {
  it("start what is around them, which without a command is meta", async () => {
    await using bench = await openBench({
      // A program of the container's name must not be taken for its command.
      programs: { a: { output: ["wrong"] }, "a/b": { output: ["wrong"] } },
    });
    const { porto, get } = bench;
    for (const name of ["a", "a/b", "a/b/c"]) await porto.create({ name });
    await bench.set("a/b/c", { command: "sleep 1" });
    await porto.start({ name: "a/b/c" });
    expect(await get("a", "state")).toBe("meta");
    expect(await get("a/b", "state")).toBe("meta");
    expect(await get("a/b/c", "state")).toBe("running");
    expect(await get("a", "stdout")).toBe("");
    expect(await get("a/b/c", "parent")).toBe("/porto/a/b");
    expect(await get("a/b/c", "level")).toBe("3");
    expect(await code(porto.kill({ name: "a", sig: 9 }))).toBe("InvalidState");
  });

  it("are paused, thawed, stopped and destroyed with it", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    await bench.run("a/b");
    await porto.pause({ name: "a" });
    expect(await get("a/b", "state")).toBe("paused");
    expect(await code(porto.resume({ name: "a/b" }))).toBe("InvalidState");
    expect(await code(porto.stop({ name: "a/b" }))).toBe("InvalidState");
    await porto.create({ name: "a/c" });
    expect(await code(porto.start({ name: "a/c" }))).toBe("InvalidState");
    await porto.resume({ name: "a" });
    expect(await get("a", "state")).toBe("meta");
    expect(await get("a/b", "state")).toBe("running");
    await porto.stop({ name: "a" });
    expect(await get("a/b", "state")).toBe("stopped");
    await porto.start({ name: "a/b" });
    await porto.destroy({ name: "a" });
    expect((await porto.list()).name).toEqual([]);
  });

  it("die with what they are in", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await bench.run("a");
    await bench.run("a/b");
    await porto.kill({ name: "a", sig: 15 });
    await until(async () => (await get("a/b", "state")) === "dead");
    expect(await get("a", "exit_code")).toBe("-15");
    expect(await get("a/b", "exit_code")).toBe("-9");
    expect(await code(porto.start({ name: "a/b" }))).toBe("InvalidState");
    await porto.stop({ name: "a/b" });
    expect(await code(porto.start({ name: "a/b" }))).toBe("InvalidState");
  });
});

describe("weak containers", () => {
  it("go with the client that made them, unless they are kept", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const visitor = await bench.connect();
    await visitor.createWeak({ name: "weak" });
    await visitor.createWeak({ name: "kept" });
    await visitor.createFromSpec({
      container: { name: "spec", weak: true, command: "sleep 1" },
      start: true,
    });
    await visitor.create({ name: "normal" });
    await visitor.create({ name: "weak/child" });
    await visitor.setProperty({
      name: "kept",
      property: "weak",
      value: "false",
    });
    // Set later it ties a container to nobody.
    await visitor.setProperty({
      name: "normal",
      property: "weak",
      value: "true",
    });
    await visitor.$close();
    await until(
      async () => !(await porto.list()).name.some((name) => /^w|^s/.test(name)),
    );
    expect((await porto.list()).name).toEqual(["kept", "normal"]);
    expect(bench.mistakes).toEqual([]);
  });

  it("do not take others of their name along", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const visitor = await bench.connect();
    await visitor.createWeak({ name: "a" });
    await porto.destroy({ name: "a" });
    await porto.create({ name: "a" });
    await visitor.createWeak({ name: "b" });
    await visitor.$close();
    await until(async () => !(await porto.list()).name.includes("b"));
    expect((await porto.list()).name).toEqual(["a"]);
  });
});

describe("dead containers", () => {
  it("are started again, by hand and by themselves", async () => {
    await using bench = await openBench({
      programs: { flaky: { runsFor: 100, exitCode: 1 } },
    });
    const { porto, get, clock } = bench;
    await bench.run("a", "flaky");
    expect(await code(porto.respawn({ name: "a" }))).toBe("InvalidState");
    await clock.advance(100);
    await porto.respawn({ name: "a" });
    expect(await get("a", "state")).toBe("running");
    expect(await get("a", "respawn_count")).toBe("1");
    const watch = await bench.watch({ name: ["a"] });
    expect(await watch.take(1)).toEqual(["a:running"]);
    await bench.set("a", { respawn: "true", max_respawns: "2" });
    await clock.advance(100);
    expect(await watch.take(1)).toEqual(["a:respawning:exit_code=1"]);
    await clock.advance(1000);
    expect(await watch.take(1)).toEqual(["a:running"]);
    expect(await get("a", "respawn_count")).toBe("2");
    await clock.advance(100);
    expect(await watch.take(1)).toEqual(["a:dead:exit_code=1"]);
    expect(await code(porto.respawn({ name: "a" }))).toBe(
      "ResourceNotAvailable",
    );
    expect(bench.mistakes).toEqual([]);
  });

  it("that respawn can be stopped meanwhile", async () => {
    await using bench = await openBench({
      programs: { flaky: { runsFor: 100 } },
    });
    const { porto, get, clock } = bench;
    await porto.create({ name: "a" });
    await bench.set("a", { command: "flaky", respawn: "true" });
    await porto.start({ name: "a" });
    await clock.advance(100);
    expect(await get("a", "state")).toBe("respawning");
    await porto.stop({ name: "a" });
    await clock.advance(10_000);
    expect(await get("a", "state")).toBe("stopped");
  });

  it("go when their time is over; Podman's stay", async () => {
    await using bench = await openBench({ programs: { brief: {} } });
    const { porto, clock, engine } = bench;
    await bench.run("a", "brief");
    await bench.set("a", { aging_time: "60" });
    const id = await engine.createContainer({
      name: "theirs",
      spec: { process: { args: ["brief"] } },
    });
    await engine.startContainer(id);
    await clock.advance(59_000);
    expect((await porto.list()).name).toEqual(["a", "theirs"]);
    await clock.advance(200_000);
    expect((await porto.list()).name).toEqual(["theirs"]);
  });
});

describe("containers of others than Porto", () => {
  it("are seen, started, stopped and destroyed like Porto's own", async () => {
    await using bench = await openBench({
      programs: { brief: { output: ["hi"], exitCode: 2 } },
    });
    const { porto, get, engine } = bench;
    const watch = await bench.watch({ name: ["***"] });
    await engine.createContainer({
      name: "web",
      spec: {
        process: { args: ["brief", "a b"], env: ["X=1"], cwd: "/srv" },
        linux: { resources: { memory: { limit: 1 << 26 } } },
      },
      labels: { app: "shop" },
    });
    expect(await watch.take(1)).toEqual(["web:stopped"]);
    expect(await get("web", "command")).toBe("brief 'a b'");
    expect(await get("web", "env")).toBe("X=1");
    expect(await get("web", "cwd")).toBe("/srv");
    expect(await get("web", "memory_limit")).toBe("67108864");
    expect(await get("web", "labels")).toBe("app: shop");
    await porto.start({ name: "web" });
    expect(await watch.take(3)).toEqual([
      "web:starting",
      "web:running",
      "web:dead:exit_code=2",
    ]);
    expect(await get("web", "stdout")).toBe("hi\n");
    await porto.destroy({ name: "web" });
    expect(await engine.listContainers()).toEqual([]);
  });

  it("and Porto's are changed from both sides", async () => {
    await using bench = await openBench();
    const { porto, get, engine } = bench;
    const watch = await bench.watch({ name: ["a"] });
    await porto.create({ name: "a" });
    await bench.set("a", {
      command: "sleep 1",
      memory_limit: "64M",
      cpu_limit: "1.5c",
      "labels[AB.c]": "d",
      hostname: "box",
      bind: "/src /dst ro",
    });
    const [summary] = await engine.listContainers();
    const { id = "" } = summary ?? {};
    expect(summary?.command).toEqual(["sleep", "1"]);
    expect(summary?.labels).toEqual({ "AB.c": "d" });
    const spec = await engine.containerSpec(id);
    expect(spec.hostname).toBe("box");
    expect(spec.linux?.resources).toEqual({
      memory: { limit: 64 << 20 },
      cpu: { quota: 150_000, period: 100_000 },
    });
    expect(spec.mounts).toEqual([
      {
        type: "bind",
        source: "/src",
        destination: "/dst",
        options: ["bind", "ro"],
      },
    ]);
    await engine.startContainer(id);
    expect(await get("a", "state")).toBe("running");
    await engine.stopContainer(id);
    expect(await get("a", "state")).toBe("dead");
    expect(await watch.take(4)).toEqual([
      "a:stopped",
      "a:running",
      "a:stopping",
      "a:dead:exit_code=-15",
    ]);
    await engine.removeContainer(id);
    expect(await watch.take(1)).toEqual(["a:destroyed"]);
    expect((await porto.list()).name).toEqual([]);
  });
});
