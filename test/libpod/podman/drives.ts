import { expect } from "vitest";
import type { Engine, EngineEvent } from "../../../src/libpod/engine.ts";
import { collect, type DaemonName, outcomeOf } from "./fake.ts";
import type { RecordedReply } from "./recording.ts";

/** Parameters. */
export type Values = Readonly<Record<string, unknown>>;

/** How the engine comes to make a call of the recording, and what it must make of the reply. */
export interface Drive {
  run(
    engine: Required<Engine>,
    input: Values,
    reply: Values,
    replies: readonly RecordedReply[],
  ): unknown;
  /** Whether the engine would make this call of this daemon; default: yes. */
  applies?(daemon: DaemonName, replies: readonly RecordedReply[]): boolean;
  check?(result: never, reply: Values, replies: readonly RecordedReply[]): void;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function membersOf(value: unknown): Values {
  return (value ?? {}) as Values;
}

function inspected(json: unknown): {
  readonly Id: string;
  readonly Config: Values;
} {
  return JSON.parse(text(json) || "{}") as { Id: string; Config: Values };
}

function checkList(key: string, idsOf = "id") {
  return (result: readonly { id: string }[], reply: Values): void => {
    const list = (reply[key] ?? []) as readonly Values[];
    expect(result.map(({ id }) => id)).toEqual(list.map((one) => one[idsOf]));
  };
}

function isDate(value: unknown): void {
  expect(value).toBeInstanceOf(Date);
  expect(Number.isNaN(Number(value))).toBe(false);
}

const nothing = (): void => undefined;

/** Checks what containers are listed as. */
function checkContainer(
  summary: { readonly [name: string]: unknown },
  data: Values,
): void {
  expect(summary).toMatchObject({
    id: data["id"],
    name: data["names"],
    engineState: data["status"],
    labels: data["labels"] ?? {},
    command: data["command"] ?? [],
  });
  expect(summary["state"]).not.toBe("unknown");
  isDate(summary["createdAt"]);
}

export const drives: Readonly<Record<string, Drive>> = {
  GetVersion: {
    run: (engine) => engine.version(),
    check(result: { version: string }, reply) {
      const { version } = reply;
      expect(result.version).toBe(
        typeof version === "string" ? version : (version as Values)["version"],
      );
    },
  },
  GetInfo: {
    run: (engine) => engine.info(),
    check(result: { hostname: string; memoryTotal: bigint }, reply) {
      const { host } = reply["info"] as Record<string, Values>;
      expect(result.hostname).toBe(host?.["hostname"]);
      expect(result.memoryTotal).toBe(BigInt(host?.["mem_total"] as number));
    },
  },
  ListContainers: {
    run: (engine) => engine.listContainers(),
    check(result: readonly Values[], reply) {
      const list = (reply["containers"] ?? []) as readonly Values[];
      expect(result).toHaveLength(list.length);
      list.forEach((data, index) => checkContainer(result[index] ?? {}, data));
    },
  },
  GetContainer: {
    run: (engine, input) =>
      engine.lookupContainer(text(input["id"] ?? input["name"])),
    check(result: Values, reply) {
      checkContainer(result, reply["container"] as Values);
    },
  },
  InspectContainer: {
    run: (engine, input, reply) =>
      engine.inspectContainer(
        inspected(reply["container"]).Id ?? text(input["name"]),
      ),
    check(result: Values, reply) {
      const { Id, Config } = inspected(reply["container"]);
      expect(result["id"]).toBe(Id);
      expect(result["labels"]).toEqual(Config["Labels"] ?? {});
      expect(result["state"]).not.toBe("unknown");
      isDate(result["createdAt"]);
    },
  },
  Spec: {
    run: (engine, input) => engine.containerSpec(text(input["name"])),
    check(result: object, reply) {
      expect(result).toEqual(JSON.parse(text(reply["config"])));
    },
  },
  CreateContainer: {
    run(engine, input) {
      const create = input["create"] as Record<string, unknown> | undefined;
      const args = (create?.["args"] ?? []) as string[];
      const image = text(create?.["image"]) || (args[0] ?? "none");
      return engine.createContainer({
        name: text(create?.["name"]) || undefined,
        rootfs: { image },
        spec: { process: { args: args.slice(1) } },
      });
    },
    check(result: string, reply) {
      expect(result).toBe(reply["container"]);
    },
  },
  InitContainer: {
    run: (engine, input) => engine.initContainer(text(input["name"])),
  },
  StartContainer: {
    run: (engine, input) => engine.startContainer(text(input["name"])),
  },
  StopContainer: {
    run: (engine, input) => engine.stopContainer(text(input["name"])),
  },
  RestartContainer: {
    run: (engine, input) => engine.restartContainer(text(input["name"])),
  },
  KillContainer: {
    run: (engine, input) => engine.killContainer(text(input["name"]), 9),
  },
  PauseContainer: {
    run: (engine, input) => engine.pauseContainer(text(input["name"])),
  },
  UnpauseContainer: {
    run: (engine, input) => engine.unpauseContainer(text(input["name"])),
  },
  WaitContainer: {
    run: (engine, input) => engine.waitContainer(text(input["name"])),
    check(result: number, reply) {
      expect(result).toBe(reply["exitcode"]);
    },
  },
  RemoveContainer: {
    run: (engine, input) => engine.removeContainer(text(input["name"])),
  },
  GetContainersLogs: {
    run: (engine, input) =>
      collect(
        engine.containerLogs((input["names"] as string[])[0] ?? "", {
          follow: input["follow"] === true,
        }),
      ),
    check(result: readonly Values[], _reply, replies) {
      const lines = replies
        .map(({ parameters }) => parameters?.["log"] as Values)
        .filter((line) => line["cid"] !== "" && line["parseLogType"] === "F");
      expect(result.map((entry) => [entry["stream"], entry["text"]])).toEqual(
        lines.map((line) => [line["device"], line["msg"]]),
      );
      for (const { time } of result as { time: unknown }[]) isDate(time);
    },
  },
  GetContainerLogs: {
    // Newer daemons are asked for lines one by one, and older ones never for a stream.
    applies: (daemon, replies) =>
      daemon !== "io.podman (1.9)" &&
      !replies.some((one) => one.continues === true),
    run: (engine, input) => collect(engine.containerLogs(text(input["name"]))),
    check(result: readonly Values[], reply) {
      const lines = (reply["container"] ?? []) as readonly string[];
      expect(result.length).toBeLessThanOrEqual(lines.length);
      for (const { time } of result as { time: unknown }[]) isDate(time);
    },
  },
  GetEvents: {
    async run(engine, _input, _reply, replies) {
      const events: EngineEvent[] = [];
      for await (const event of engine.events()) {
        events.push(event);
        if (events.length === replies.length) break;
      }
      return events;
    },
    check(events: readonly EngineEvent[], _reply, replies) {
      const told = replies.map(({ parameters }) =>
        membersOf(parameters?.["events"]),
      );
      expect(events.map(({ id, status, type }) => [id, status, type])).toEqual(
        told.map((one) => [one["id"], one["status"], one["type"]]),
      );
      expect(events.map(({ time }) => time)).toEqual(
        told.map((one) => new Date(text(one["time"]))),
      );
    },
  },
  GetContainerStats: {
    run: (engine, input) => engine.containerStats(text(input["name"])),
    check(result: { cpuNanos: bigint; memoryUsage: bigint }, reply) {
      const data = reply["container"] as Values;
      expect(result.cpuNanos).toBe(BigInt(data["cpu_nano"] as number));
      expect(result.memoryUsage).toBe(BigInt(data["mem_usage"] as number));
    },
  },
  ListContainerProcesses: {
    run: (engine, input) => engine.containerProcesses(text(input["name"])),
    check(result: readonly string[], reply) {
      expect(result).toEqual(reply["container"] ?? []);
    },
  },
  ListContainerChanges: {
    run: (engine, input) => engine.containerDiff(text(input["name"])),
    check(result: Values, reply) {
      const data = reply["container"] as Values;
      expect(result["added"]).toEqual(data["added"] ?? []);
    },
  },
  Commit: {
    run: (engine, input) => engine.commitContainer(text(input["name"])),
    check(result: string, reply) {
      const made = (reply["reply"] as Values | undefined)?.["id"];
      expect(result).toBe(made ?? reply["image"]);
    },
  },
  ExportContainer: {
    run: (engine, input) =>
      engine.exportContainer(text(input["name"]), text(input["path"])),
  },
  MountContainer: {
    run: (engine, input) => engine.mountContainer(text(input["name"])),
    check(result: string, reply) {
      expect(result).toBe(reply["path"]);
    },
  },
  UnmountContainer: {
    run: (engine, input) => engine.unmountContainer(text(input["name"])),
  },
  ListPods: { run: (engine) => engine.listPods(), check: checkList("pods") },
  GetPod: {
    run: (engine, input) => engine.lookupPod(text(input["name"])),
    check(result: Values, reply) {
      const pod = reply["pod"] as Values;
      expect(result).toMatchObject({ id: pod["id"], name: pod["name"] });
      expect(result["state"]).not.toBe("unknown");
      isDate(result["createdAt"]);
    },
  },
  CreatePod: {
    run(engine, input) {
      const create = input["create"] as Values;
      return engine.createPod({ name: text(create["name"]) || undefined });
    },
    check(result: string, reply) {
      expect(result).toBe(reply["pod"]);
    },
  },
  StartPod: { run: (engine, input) => engine.startPod(text(input["name"])) },
  StopPod: { run: (engine, input) => engine.stopPod(text(input["name"])) },
  KillPod: { run: (engine, input) => engine.killPod(text(input["name"]), 9) },
  PausePod: { run: (engine, input) => engine.pausePod(text(input["name"])) },
  UnpausePod: {
    run: (engine, input) => engine.unpausePod(text(input["name"])),
  },
  RestartPod: {
    run: (engine, input) => engine.restartPod(text(input["name"])),
  },
  RemovePod: { run: (engine, input) => engine.removePod(text(input["name"])) },
  GetPodStats: {
    run: (engine, input) => engine.podStats(text(input["name"])),
    check: checkList("containers"),
  },
  ListImages: {
    run: (engine) => engine.listImages(),
    check(result: readonly Values[], reply) {
      checkList("images")(result as never, reply);
      for (const image of result) isDate(image["createdAt"]);
    },
  },
  GetImage: {
    run: (engine, input) => engine.getImage(text(input["id"] ?? input["name"])),
    check(result: Values, reply) {
      const image = reply["image"] as Values;
      expect(result["id"]).toBe(image["id"]);
      expect(result["names"]).toEqual(image["repoTags"] ?? []);
      isDate(result["createdAt"]);
    },
  },
  InspectImage: {
    run: (engine, input) => engine.inspectImage(text(input["name"])),
    check(result: Values, reply) {
      expect(result["id"]).toBe(inspected(reply["image"]).Id);
      isDate(result["createdAt"]);
    },
  },
  HistoryImage: {
    run: (engine, input) => engine.imageHistory(text(input["name"])),
    check: checkList("history"),
  },
  PullImage: {
    run: (engine, input) => outcomeOf(engine.pullImage(text(input["name"]))),
    check(result: string, reply, replies) {
      expect(result).toBe(
        reply["id"] ??
          replies
            .map(({ parameters }) => membersOf(parameters?.["reply"])["id"])
            .findLast((id) => id !== ""),
      );
    },
  },
  PushImage: {
    run: (engine, input) =>
      outcomeOf(engine.pushImage(text(input["name"]), text(input["tag"]))),
    check: nothing,
  },
  TagImage: {
    run: (engine, input) =>
      engine.tagImage(text(input["name"]), text(input["tagged"])),
  },
  UntagImage: {
    run: (engine, input) =>
      engine.untagImage(text(input["name"]), text(input["tag"])),
  },
  RemoveImage: {
    run: (engine, input) => engine.removeImage(text(input["name"])),
  },
  ImportImage: {
    run: (engine, input) =>
      outcomeOf(engine.importImage(text(input["source"]), { changes: [] })),
    check(result: string, reply) {
      expect(result).toBe(reply["image"]);
    },
  },
  LoadImage: {
    run: (engine, input) =>
      outcomeOf(engine.importImage(text(input["inputFile"]))),
    check: nothing,
  },
};
