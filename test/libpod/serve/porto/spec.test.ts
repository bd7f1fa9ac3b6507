import { describe, expect, it } from "vitest";
import type { TContainerSpecInput } from "portolan/porto";
import { code, openBench } from "./support.ts";

const spec = {
  name: "a",
  private: "note",
  labels: { map: [{ key: "AB.c", val: "d" }] },
  command: "sleep 1",
  env: { var: [{ name: "A", value: "é" }, { name: "B" }] },
  ulimit: { ulimit: [{ type: "nofile", soft: 100n, hard: 200n }] },
  task_cred: { user: "root", group: "daemon" },
  capabilities: { cap: ["KILL", "CHOWN"] },
  bind: { bind: [{ source: "/x", target: "/y", flag: ["ro", "rec"] }] },
  symlink: { map: [{ key: "/l", val: "/t" }] },
  devices: { device: [{ device: "/dev/null", access: "rw" }] },
  cpu_limit: 1.5,
  cpu_weight: 2,
  cpu_set: { policy: "set", list: "0-1" },
  cpu_period: 50_000_000n,
  memory_limit: 2n ** 60n,
  io_limit: { map: [{ key: "sda r", val: 5n }] },
  net: { cfg: [{ opt: "L3", arg: ["eth0"] }] },
  ip: { cfg: [{ dev: "eth0", ip: "10.0.0.1" }] },
  ip_limit: { policy: "some", ip: ["10.0.0.0/8"] },
  sysctl: { map: [{ key: "net.x", val: "1" }] },
  umask: 22,
  oom_score_adj: -5,
  respawn_delay: 2_000_000_000n,
  max_respawns: 4n,
  isolate: false,
  virt_mode: "app",
  hostname: "h",
} satisfies TContainerSpecInput;

describe("CreateFromSpec", () => {
  it("sets what can be read back, in text and in typed fields", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.createFromSpec({ container: spec, start: true });
    expect(await get("a", "state")).toBe("running");
    expect(await get("a", "env")).toBe("A=é;B");
    expect(await get("a", "ulimit")).toBe("nofile: 100 200");
    expect(await get("a", "group")).toBe("daemon");
    expect(await get("a", "umask")).toBe("022");
    expect(await get("a", "memory_limit")).toBe(String(2n ** 60n));
    const properties = Object.keys(spec).filter((name) => name !== "name");
    const { containers } = await porto.listContainersBy({
      filters: [{ name: "a" }],
      field_options: { properties },
    });
    expect(containers[0]?.spec).toMatchObject({
      ...spec,
      env: {
        var: [
          { name: "A", value: "é" },
          { name: "B", unset: true },
        ],
      },
      task_cred: { user: "root", uid: 0, group: "daemon" },
      ip_limit: { policy: "some" },
    });
  });

  it("gives back what makes the same container", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.createFromSpec({ container: spec });
    const told = async (name: string): Promise<TContainerSpecInput> => {
      const { containers } = await porto.listContainersBy({
        filters: [{ name }],
      });
      return { ...containers[0]?.spec, name: "" };
    };
    const first = await told("a");
    // A folder of its own is named after the container.
    await porto.createFromSpec({ container: { ...first, name: "b" } });
    expect(await told("b")).toEqual(first);
  });

  it("makes all of it or nothing", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    const attempts = [
      { container: { name: "a", cpu_policy: "fast" } },
      { container: { name: "a", labels: { map: [{ key: "bad", val: "x" }] } } },
      { container: { name: "a", command: "echo '" }, start: true },
      {
        container: { name: "a" },
        volumes: [{ backend: "plain" }, { layers: ["nope"] }],
      },
    ];
    const codes = [];
    for (const attempt of attempts)
      codes.push(await code(porto.createFromSpec(attempt)));
    expect(codes).toEqual([
      "InvalidValue",
      "InvalidLabel",
      "InvalidCommand",
      "LayerNotFound",
    ]);
    expect((await porto.list()).name).toEqual([]);
    expect((await porto.listVolumes()).volumes).toEqual([]);
    await porto.create({ name: "a" });
    const again = porto.createFromSpec({ container: { name: "a" } });
    expect(await code(again)).toBe("ContainerAlreadyExists");
    expect((await porto.list()).name).toEqual(["a"]);
  });

  it("builds volumes first, which can be the container's root", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.createFromSpec({
      container: { name: "a", command: "sleep 1" },
      volumes: [
        { links: [{ container: "a", container_root: true }] },
        { links: [{ container: "a", target: "/data", required: true }] },
        {},
      ],
      start: true,
    });
    const root = "/place/porto_volumes/1/volume";
    expect(await get("a", "root")).toBe(root);
    expect(await get("a", "root_path")).toBe(root);
    expect(await get("a", "volumes_linked")).toBe(
      `${root};/place/porto_volumes/2/volume /data !;/place/porto_volumes/3/volume`,
    );
    expect(await get("a", "volumes_required")).toBe("/data");
    await porto.destroy({ name: "a" });
    expect((await porto.listVolumes()).volumes).toEqual([]);
  });
});

describe("UpdateFromSpec", () => {
  it("changes what it names, maps as a whole or in part", async () => {
    await using bench = await openBench();
    const { porto, get } = bench;
    await porto.createFromSpec({ container: spec });
    await porto.updateFromSpec({
      container: {
        name: "a",
        labels: { map: [{ key: "AB.e", val: "f" }], merge: true },
        env: { var: [{ name: "C", value: "1" }] },
        io_limit: { map: [{ key: "sdb", val: 7n }], merge: true },
      },
    });
    expect(await get("a", "labels")).toBe("AB.c: d; AB.e: f");
    expect(await get("a", "env")).toBe("C=1");
    expect(await get("a", "io_limit")).toBe("sda r: 5; sdb: 7");
    expect(await get("a", "private")).toBe("note");
    await porto.updateFromSpec({
      container: { name: "a", labels: { map: [] } },
      start: true,
    });
    expect(await get("a", "labels")).toBe("");
    expect(await get("a", "state")).toBe("running");
    const update = { container: { name: "a", command: "other" } };
    expect(await code(porto.updateFromSpec(update))).toBe("InvalidState");
    expect(await code(porto.updateFromSpec({ container: { name: "x" } }))).toBe(
      "ContainerDoesNotExist",
    );
  });
});

describe("ListContainersBy", () => {
  it("finds by name, label and time, and says what it did not find", async () => {
    await using bench = await openBench();
    const { porto, clock } = bench;
    for (const name of ["a", "b", "b/c"]) await porto.create({ name });
    await bench.set("b", { "labels[AB.x]": "1" });
    const list = async (...filters: object[]): Promise<string[]> =>
      (
        await porto.listContainersBy({
          filters,
          field_options: { properties: ["state"] },
        })
      ).containers.map(({ spec: { name } = {}, error, status }) =>
        [name, error?.error ?? status?.state].join(" "),
      );
    expect(await list({ name: "b***" })).toEqual(["b stopped", "b/c stopped"]);
    expect(await list({ name: "a" }, { name: "nope" })).toEqual([
      "a stopped",
      "nope 4",
    ]);
    const labels = { map: [{ key: "AB.x", val: "1" }] };
    expect(await list({ name: "***", labels })).toEqual(["b stopped"]);
    expect(await list()).toEqual([
      "/ meta",
      "a stopped",
      "b stopped",
      "b/c stopped",
    ]);
    await clock.advance(5000);
    const changed_since = BigInt(clock.now() / 1000);
    await bench.set("a", { private: "x" });
    expect(await list({ name: "***", changed_since })).toEqual(["a stopped"]);
  });

  it("tells what was asked for, and parts of output where they are", async () => {
    await using bench = await openBench({
      programs: { talk: { output: ["one", "two"], exitCode: 2 } },
    });
    const { porto } = bench;
    await bench.run("a", "talk");
    await porto.wait({ name: ["a"] });
    const { containers } = await porto.listContainersBy({
      filters: [{ name: "a" }],
      field_options: {
        properties: ["command", "exit_code", "stdout", "bogus", "death_time"],
        stdout_options: { stdstream_offset: 4n, stdstream_limit: 3n },
      },
    });
    expect(containers[0]).toMatchObject({
      spec: { name: "a", command: "talk" },
      status: { exit_code: 2, std_out: "two", error: [{ error: 5 }] },
    });
    expect(containers[0]?.status?.state).toBeUndefined();
    const all = await porto.listContainersBy({ filters: [{ name: "a" }] });
    expect(all.containers[0]?.status).toMatchObject({
      state: "dead",
      absolute_name: "/porto/a",
      exit_code: 2,
    });
    expect(all.containers[0]?.status?.std_out).toBeUndefined();
  });
});
