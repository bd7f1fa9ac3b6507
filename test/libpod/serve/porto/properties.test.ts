import { describe, expect, it } from "vitest";
import { EError } from "portolan/porto";
import { code, openBench, refusal } from "./support.ts";

describe("a property", () => {
  it("has its default, and then what was set, written as Porto does", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    const cases: readonly (readonly [string, string, string, string])[] = [
      ["command", "", "  sleep 1 ", "sleep 1"],
      ["memory_limit", "0", "1.5G", "1610612736"],
      ["memory_guarantee", "0", "64M", "67108864"],
      ["cpu_limit", "0c", "1.50c", "1.5c"],
      ["cpu_guarantee", "0c", "50", "2c"],
      ["cpu_period", "100000000", "50ms", "50000000"],
      ["cpu_weight", "1", "0.50", "0.5"],
      ["cpu_policy", "normal", "idle", "idle"],
      ["cpu_set", "", "0-2,7", "0-2,7"],
      ["respawn_delay", "1000000000ns", "2s", "2000000000ns"],
      ["max_respawns", "", "3", "3"],
      ["aging_time", "86400", "60", "60"],
      ["isolate", "true", "false", "false"],
      ["weak", "false", "true", "true"],
      ["enable_porto", "true", "none", "false"],
      ["umask", "02", "0022", "022"],
      ["ulimit", "", "nofile: 1K 2K; core: 0", "core: 0 0; nofile: 1024 2048"],
      ["env", "", "A=1; B=x y;C", "A=1;B=x y;C"],
      ["io_limit", "", "1M", "1048576"],
      ["net_limit", "", "eth0: 1K; default: 2", "default: 2; eth0: 1024"],
      ["labels", "", "BB.b: 2; AA.a: 1", "AA.a: 1; BB.b: 2"],
      ["bind", "", "/a /b ro,rec;/c /d", "/a /b ro,rec;/c /d"],
      ["net", "inherited", "L3 eth0;MTU eth0 1400", "L3 eth0;MTU eth0 1400"],
      ["ip_limit", "any", "10.0.0.0/8", "10.0.0.0/8"],
      ["ip", "", "eth0 10.0.0.1", "eth0 10.0.0.1"],
      ["sysctl", "", "net.x: 1", "net.x: 1"],
      ["symlink", "", "/a/../b: /c", "/b: /c"],
      ["devices", "", "/dev/null rw", "/dev/null rw"],
      ["capabilities_ambient", "", "NET_RAW;KILL", "NET_RAW;KILL"],
      ["oom_score_adj", "0", "-500", "-500"],
      ["virt_mode", "app", "os", "os"],
      ["user", "root", "nobody", "nobody"],
      ["hostname", "", "h", "h"],
      [
        "resolv_conf",
        "inherit",
        "nameserver 1;search x",
        "nameserver 1;search x",
      ],
      ["volumes_required", "", "/x;/y", "/x;/y"],
      ["private", "", "any; text: here", "any; text: here"],
    ];
    for (const [property, initial, value, expected] of cases) {
      expect([property, await get("a", property)]).toEqual([property, initial]);
      await bench.set("a", { [property]: value });
      expect([property, await get("a", property)]).toEqual([
        property,
        expected,
      ]);
    }
  });

  it("is refused where its value makes no sense", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const cases: readonly (readonly [string, string, string])[] = [
      ["bogus", "1", "InvalidProperty"],
      ["state", "running", "InvalidValue"],
      ["env[]", "x", "InvalidProperty"],
      ["command[0]", "x", "InvalidValue"],
      ["memory_limit", "1K", "InvalidValue"],
      ["memory_limit", "much", "InvalidValue"],
      ["memory_limit", "1X", "InvalidValue"],
      ["memory_limit", "-1", "InvalidValue"],
      ["memory_limit", "99999999E", "InvalidValue"],
      ["cpu_limit", "1x", "InvalidValue"],
      ["cpu_period", "2s", "InvalidValue"],
      ["cpu_policy", "fast", "InvalidValue"],
      ["cpu_set", "5-1", "InvalidValue"],
      ["cpu_set", "0-99999999999", "InvalidValue"],
      ["cpu_weight", "0", "InvalidValue"],
      ["isolate", "yes", "InvalidValue"],
      ["umask", "18", "InvalidValue"],
      ["ulimit", "what: 1", "InvalidValue"],
      ["labels", "small.x: 1", "InvalidLabel"],
      ["labels[PORTO.x]", "1", "InvalidLabel"],
      ["labels[AB.x]", "a b", "InvalidLabel"],
      ["AB.x", "é", "InvalidLabel"],
      ["net", "carrier-pigeon", "InvalidValue"],
      ["capabilities", "FLY", "InvalidValue"],
      ["private", "x".repeat(4097), "InvalidValue"],
      ["oom_score_adj", "1001", "InvalidValue"],
      ["io_limit", "sda: x", "InvalidValue"],
      ["root", "../up", "Permission"],
      ["user", "a b", "InvalidValue"],
    ];
    for (const [property, value, expected] of cases) {
      const answer = porto.setProperty({ name: "a", property, value });
      expect([property, value, await code(answer)]).toEqual([
        property,
        value,
        expected,
      ]);
    }
    expect(
      await code(
        porto.setProperty({ name: "/", property: "private", value: "x" }),
      ),
    ).toBe("Permission");
    expect(bench.mistakes).toEqual([]);
  });

  it("can be set in some states only", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await bench.run("a");
    const set = (property: string, value: string): PromiseLike<unknown> =>
      porto.setProperty({ name: "a", property, value });
    expect(await code(set("command", "x"))).toBe("InvalidState");
    await set("memory_limit", "2M");
    await porto.kill({ name: "a", sig: 9 });
    expect(await code(set("memory_limit", "3M"))).toBe("InvalidState");
    await set("private", "still");
    await set("AB.c", "label");
  });

  it("has entries where it is a map", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    await bench.set("a", {
      "env[A]": "1",
      "env[B]": "2",
      "io_limit[sda r]": "1K",
      "labels[AB.c]": "d",
      "ulimit[nofile]": "5 6",
      "symlink[/x]": "/y",
      "capabilities_ambient[KILL]": "true",
      "command_argv[0]": "echo",
      "command_argv[1]": "it's",
    });
    expect(await get("a", "env")).toBe("A=1;B=2");
    expect(await get("a", "env[B]")).toBe("2");
    expect(await get("a", "env[PORTO_NAME]")).toBe("a");
    expect(await get("a", "io_limit[sda r]")).toBe("1024");
    expect(await get("a", "labels[AB.c]")).toBe("d");
    expect(await get("a", "AB.c")).toBe("d");
    expect(await get("a", "ulimit[nofile]")).toBe("5 6");
    expect(await get("a", "symlink[/x]")).toBe("/y");
    expect(await get("a", "capabilities_ambient[KILL]")).toBe("true");
    expect(await get("a", "capabilities_ambient[CHOWN]")).toBe("false");
    expect(await get("a", "command")).toBe(String.raw`'echo' 'it'\''s'`);
    expect(await code(get("a", "io_limit[sdb]"))).toBe("InvalidValue");
    expect(await code(get("a", "symlink[/z]"))).toBe("NoValue");
    expect(await code(get("a", "AB.z"))).toBe("LabelNotFound");
    expect(await code(get("a", "state[x]"))).toBe("InvalidValue");
    await porto.create({ name: "a/b" });
    expect(await get("a/b", ".AB.c")).toBe("d");
    expect(await code(get("a/b", "AB.c"))).toBe("LabelNotFound");
  });

  it("has a value of its own only once it was set", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const real = (property: string): PromiseLike<unknown> =>
      porto.getProperty({ name: "a", property, real: true });
    expect(await code(real("command"))).toBe("NoValue");
    expect(await code(real("bogus"))).toBe("InvalidProperty");
    await real("cpu_policy");
    await real("state");
    await bench.set("a", { command: "x" });
    await real("command");
  });

  it("that is secret is not told", async () => {
    const seen: unknown[] = [];
    await using bench = await openBench({
      programs: {
        async *show({ env }) {
          seen.push(env["KEY"]);
          yield "";
        },
      },
    });
    const { porto, get } = bench;
    await porto.create({ name: "a" });
    await bench.set("a", { env_secret: "KEY=hush", command: "show" });
    expect(await get("a", "env_secret")).toMatch(
      /^KEY=<secret salt=\w+ md5=\w+>$/,
    );
    await porto.start({ name: "a" });
    await porto.wait({ name: ["a"] });
    expect(seen).toEqual(["hush"]);
    const { containers } = await porto.listContainersBy({
      filters: [{ name: "a" }],
      field_options: { properties: ["env_secret"] },
    });
    expect(containers[0]?.spec?.env_secret?.var).toMatchObject([
      { name: "KEY", value: "<secret>" },
    ]);
  });
});

describe("output", () => {
  it("is read whole, in parts, and as text that is not cut", async () => {
    await using bench = await openBench({
      programs: {
        async *talk() {
          yield "один\n";
          yield { stderr: "oops" };
          yield "two\n";
          await new Promise(() => undefined);
        },
      },
    });
    const { porto, get } = bench;
    await bench.run("a", "talk");
    await bench.clock.advance(0);
    expect(await get("a", "stdout")).toBe("один\ntwo\n");
    expect(await get("a", "stderr")).toBe("oops");
    expect(await get("a", "stdout[9]")).toBe("two\n");
    expect(await get("a", "stdout[9:2]")).toBe("tw");
    expect(await get("a", "stdout[0:3]")).toBe("о");
    expect(await get("a", "stdout[:4]")).toBe("two\n");
    expect(await get("a", "stdout[100]")).toBe("");
    expect(await get("a", "stdout_offset")).toBe("0");
    expect(await code(get("a", "stdout[x]"))).toBe("InvalidValue");
    await porto.stop({ name: "a" });
    expect(await code(get("a", "stdout"))).toBe("InvalidState");
    await bench.set("a", { stdout_path: "/dev/null" });
    await porto.start({ name: "a" });
    expect(await code(get("a", "stdout"))).toBe("InvalidData");
  });

  it("has a limit, and tells what is lost", async () => {
    await using bench = await openBench({
      programs: {
        async *talk() {
          yield "0123456789";
          await new Promise(() => undefined);
        },
      },
    });
    const { get } = bench;
    await bench.run("a", "talk");
    await bench.clock.advance(0);
    await bench.set("a", { stdout_limit: "4" });
    expect(await get("a", "stdout")).toBe("6789");
    expect(await get("a", "stdout_offset")).toBe("6");
    expect(await get("a", "stdout[7]")).toBe("789");
    expect(await code(get("a", "stdout[5]"))).toBe("InvalidData");
  });

  it("is counted on where the engine itself has dropped some", async () => {
    const size = 1536 * 1024;
    await using bench = await openBench({
      programs: {
        async *talk() {
          for (let at = 0; at < size; at += 1024) yield "x".repeat(1024);
          yield "end";
          await new Promise(() => undefined);
        },
      },
    });
    const { get } = bench;
    await bench.run("a", "talk");
    await bench.clock.advance(0);
    const offset = Number(await get("a", "stdout_offset"));
    expect(offset).toBeGreaterThan(0);
    expect(offset + (await get("a", "stdout")).length).toBe(size + 3);
    expect(await get("a", `stdout[${size}]`)).toBe("end");
  });
});

describe("Get", () => {
  it("reads several properties of several containers, each for itself", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    await porto.create({ name: "b" });
    const { list } = await porto.get({
      name: ["nope", "a", "b*"],
      variable: ["state", "exit_code", "bogus"],
    });
    expect(
      list.map(({ name, keyval }) => [
        name,
        keyval.map(({ value, error }) => value ?? EError[error as never]),
      ]),
    ).toEqual(
      [
        ["nope", [4, 4, 4]],
        ["a", ["stopped", 8, 5]],
        ["b", ["stopped", 8, 5]],
      ].map(([name, values]) => [
        name,
        (values as unknown[]).map((value) =>
          typeof value === "number" ? EError[value as never] : value,
        ),
      ]),
    );
  });

  it("leaves out what has not changed", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    await porto.create({ name: "a" });
    await porto.create({ name: "b" });
    await clock.advance(5000);
    const changed_since = BigInt(clock.now() / 1000);
    await bench.set("b", { private: "x" });
    const { list } = await porto.get({
      name: ["***"],
      variable: ["state"],
      changed_since,
    });
    expect(list).toMatchObject([
      { name: "a", no_changes: true, keyval: [] },
      { name: "b", keyval: [{ value: "stopped" }] },
    ]);
  });
});

describe("the lists of properties", () => {
  it("have all that can be read, and say what can be set", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await bench.run("a");
    const { list } = await porto.listProperties();
    expect(list.length).toBeGreaterThan(140);
    const { list: told } = await porto.listDataProperties();
    const data = new Set(told.map(({ name }) => name));
    for (const { name = "", desc = "", read_only } of list) {
      expect(desc).not.toBe("");
      expect([name, data.has(name)]).toEqual([name, read_only]);
      // Only what is told of the dead alone cannot be read of one that runs.
      const value = await get("a", name).catch(() => undefined);
      if (value === undefined)
        expect((await refusal(get("a", name))).text).toContain("dead state");
    }
    const names = list.map(({ name = "" }) => name);
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it("hold of the host too, which nobody can write", async () => {
    await using bench = await openBench();
    const { get } = bench;
    expect(await get("/", "state")).toBe("meta");
    expect(await get("/", "memory_limit")).toBe(String(2 ** 32));
    expect(await get("/", "cpu_limit")).toBe("4c");
    expect(await get("/", "level")).toBe("0");
    expect(await get("/", "parent")).toBe("");
  });
});
