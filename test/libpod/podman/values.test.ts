import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  channels,
  encodeFrame,
  type Frame,
  FrameReader,
} from "../../../src/libpod/engines/podman/frames.ts";
import { describe as read } from "../../../src/libpod/engines/podman/description.ts";
import { parseContainer } from "../../../src/libpod/engines/podman/inspect/container.ts";
import { parseImage } from "../../../src/libpod/engines/podman/inspect/image.ts";
import { parsePod } from "../../../src/libpod/engines/podman/inspect/pod.ts";
import {
  Assembler,
  parseLine,
} from "../../../src/libpod/engines/podman/lines.ts";
import {
  containerDetails,
  containerState,
  podSummary,
} from "../../../src/libpod/engines/podman/summaries.ts";
import { parseTime } from "../../../src/libpod/engines/podman/times.ts";
import { EngineError } from "../../../src/libpod/errors.ts";
import { daemons } from "./fake.ts";

describe("times", () => {
  it.each([
    ["2026-11-21 22:24:05.487108943 +0000 UTC", "2026-11-21T22:24:05.487Z"],
    ["2018-12-07 13:10:15.014139258 -0600 CST", "2018-12-07T19:10:15.014Z"],
    ["2018-12-07 13:10:15 +0530 +0530", "2018-12-07T07:40:15.000Z"],
    ["2018-12-07 13:10:15.5 +0100 CET m=+0.012345", "2018-12-07T12:10:15.500Z"],
    ["2026-11-21T22:24:05.562579675+00:00", "2026-11-21T22:24:05.562Z"],
    ["2026-11-21T22:22:26Z", "2026-11-21T22:22:26.000Z"],
    ["2026-11-21T22:22:26.1-02:30", "2026-11-22T00:52:26.100Z"],
  ])("%s", (text, expected) => {
    expect(parseTime(text)?.toISOString()).toBe(expected);
  });

  it.each([
    "0001-01-01T00:00:00Z",
    "0001-01-01 00:00:00 +0000 UTC",
    "",
    undefined,
    "yesterday",
    "2026-13-41T00:00:00Z",
  ])("%s is none", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it("reads every time in both of the ways that Go writes it", () => {
    const times = fc.date({
      min: new Date("1970-01-01"),
      max: new Date("2100-01-01"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 0, max: 999_999 }),
        (time, nanos) => {
          const [date, clock = ""] = time.toISOString().split("T");
          const digits = `${clock.slice(0, -1)}${String(nanos).padStart(6, "0")}`;
          expect(parseTime(`${date}T${digits}Z`)).toEqual(time);
          expect(parseTime(`${date} ${digits} +0000 UTC`)).toEqual(time);
        },
      ),
    );
  });
});

describe("commands", () => {
  it.each([
    [{ Path: "sh", Args: ["-c", "x"] }, ["sh", "-c", "x"]],
    // Of one word Podman gives that as the others, too.
    [{ Path: "cat", Args: ["cat"] }, ["cat"]],
    [{ Path: "cat", Args: ["cat"], Config: { Cmd: ["cat"] } }, ["cat"]],
    [
      { Path: "echo", Args: ["echo"], Config: { Cmd: ["echo", "echo"] } },
      ["echo", "echo"],
    ],
    [{ Path: "cat", Args: [] }, ["cat"]],
    [{ Path: "cat", Args: null }, ["cat"]],
    [{ Path: "", Args: null }, []],
  ])("%j", (raw, expected) => {
    expect(containerDetails("c", raw, undefined).command).toEqual(expected);
  });
});

describe("states", () => {
  it.each([
    ["configured", "configured"],
    ["created", "created"],
    ["running", "running"],
    ["paused", "paused"],
    ["stopped", "exited"],
    ["exited", "exited"],
    ["removing", "removing"],
    ["Up 5 minutes", "unknown"],
    ["", "unknown"],
    ["constructor", "unknown"],
  ])("of a container: %s is %s", (word, state) => {
    expect(containerState(word)).toBe(state);
  });

  it.each<readonly [string, readonly string[]]>([
    ["created", []],
    ["created", ["configured", "created"]],
    ["running", ["running", "running"]],
    ["degraded", ["running", "exited"]],
    ["degraded", ["running", "created"]],
    ["paused", ["paused", "paused"]],
    ["exited", ["exited", "stopped"]],
    ["stopped", ["exited", "created"]],
    ["paused", ["paused", "exited"]],
    ["unknown", ["new word", "exited"]],
  ])("a pod is %s with containers that are %o", (state, members) => {
    const pod = {
      id: "p",
      name: "p",
      createdat: "",
      cgroup: "",
      status: "Running",
      labels: {},
      numberofcontainers: `${members.length}`,
      containersinfo: members.map((status) => ({ id: "c", name: "c", status })),
    };
    expect(podSummary(pod, {})).toMatchObject({
      state,
      engineState: "Running",
    });
  });
});

describe("inspect data", () => {
  it("takes null and nothing for every member, and keeps what it does not know", () => {
    const text = '{"Id":"a","State":null,"Config":{"Labels":null},"New":[1]}';
    expect(parseContainer(text, "a")).toEqual({
      Id: "a",
      State: null,
      Config: { Labels: null },
      New: [1],
    });
    expect(parsePod("{}", "p")).toEqual({});
    expect(parseImage('{"Labels":{"a":"b"}}', "i")).toEqual({
      Labels: { a: "b" },
    });
  });

  it.each([
    ['{"State":{"Pid":"12"}}', "State.Pid should be number, and is string"],
    ['{"Args":["a",1]}', "Args[1] should be text, and is number"],
    ['{"Args":{}}', "Args should be a list, and is object"],
    ['{"Config":[]}', "Config should be an object, and is a list"],
    ['{"Config":{"Labels":{"a":true}}}', "Config.Labels.a should be text"],
    ["null", "it should be an object, and is null"],
    ["[]", "it should be an object, and is a list"],
    ["{", "no JSON"],
  ])("%s: %s", (text, message) => {
    expect(() => parseContainer(text, "web")).toThrow(EngineError);
    expect(() => parseContainer(text, "web")).toThrow(message);
    expect(() => parseContainer(text, "web")).toThrow(
      "the inspect data of container web",
    );
  });

  it("looks at own members only", () => {
    const text = '{"Config":{"Labels":{"__proto__":"x","toString":"y"}}}';
    expect(
      Object.entries(parseContainer(text, "a").Config?.Labels ?? {}),
    ).toEqual([
      ["__proto__", "x"],
      ["toString", "y"],
    ]);
  });
});

describe("descriptions", () => {
  it("reads names, and passes over comments and places for methods", () => {
    const description = read(
      [
        "# method Ghost() -> ()",
        "interface io.podman",
        "type T (a: string, # as RFC3339: b: x",
        "  parse : int)",
        "method  Two (name: string,",
        "  timeout: int) -> (pod: string)",
        "method Later() -> (notimplemented: NotImplemented)",
      ].join("\n"),
    );
    expect(description.has("Ghost")).toBe(false);
    expect(description.has("Later")).toBe(false);
    expect(description.has("Two")).toBe(true);
    expect(description.takes("Two", "timeout")).toBe(true);
    expect(description.takes("Two", "pod")).toBe(false);
    expect(description.gives("Two", "pod")).toBe(true);
    expect(description.knows("T", "parse")).toBe(true);
    expect(description.knows("T", "b")).toBe(false);
    expect(description.has("toString")).toBe(false);
  });

  it("reads of the shipped interfaces what their descriptors say", () => {
    for (const descriptor of Object.values(daemons)) {
      const description = read(descriptor.description.join("\n"));
      for (const [name, { input, output }] of Object.entries(
        descriptor.methods,
      )) {
        for (const field of Object.keys(input))
          expect(description.takes(name, field), `${name} ${field}`).toBe(true);
        for (const field of Object.keys(output))
          expect(description.gives(name, field), `${name} ${field}`).toBe(true);
        expect(description.has(name)).toBe(!("notimplemented" in output));
      }
    }
  });
});

describe("lines of logs", () => {
  const time = new Date("2026-11-21T22:24:05.562Z");

  it("reads what the log file has", () => {
    const line = "2026-11-21T22:24:05.562579675+00:00 stderr F hi  there\n";
    expect(parseLine("c", line)).toEqual({
      containerId: "c",
      stream: "stderr",
      partial: false,
      text: "hi  there",
      time,
    });
  });

  it("takes what it does not know for output", () => {
    expect(parseLine("c", "plain\n")).toEqual({
      containerId: "c",
      stream: "stdout",
      partial: false,
      text: "plain",
      time: undefined,
    });
  });

  it("puts parts together, each stream by itself", () => {
    const assembler = new Assembler();
    const push = (line: string) => assembler.push(parseLine("c", line));
    const at = "2026-11-21T22:24:05.562Z";
    expect(push(`${at} stdout P one `)).toBeUndefined();
    expect(push(`${at} stderr F other`)?.text).toBe("other");
    expect(push(`${at} stdout P two `)).toBeUndefined();
    expect(push(`${at} stdout F three`)?.text).toBe("one two three");
    expect(push(`${at} stdout P left`)).toBeUndefined();
    expect(assembler.end().map(({ text }) => text)).toEqual(["left"]);
    expect(assembler.end()).toEqual([]);
  });
});

describe("frames", () => {
  const frame = fc.record({
    to: fc.constantFrom(...Object.values(channels)),
    data: fc.uint8Array({ maxLength: 20 }).map((data) => Buffer.from(data)),
  });

  /** What a reader gave, with the pieces of long frames put together. */
  function join(frames: readonly Frame[]): string {
    return frames.map(({ to, data }) => `${to}:${data.toString("hex")}`).join();
  }

  it("has a byte, three zeros, the length with the largest byte first, and the data", () => {
    expect([...encodeFrame(3, Buffer.alloc(258, 7)).subarray(0, 9)]).toEqual([
      3, 0, 0, 0, 0, 0, 1, 2, 7,
    ]);
  });

  it("reads the same, wherever the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
        const bytes = Buffer.concat(
          frames.map(({ to, data }) => encodeFrame(to, data)),
        );
        for (let cut = 0; cut <= bytes.length; cut++) {
          const reader = new FrameReader();
          const got = [
            ...reader.push(bytes.subarray(0, cut)),
            ...reader.push(bytes.subarray(cut)),
          ];
          expect(bytesByChannel(got)).toEqual(bytesByChannel(frames));
          // Those that mean something as a whole come whole.
          const whole = ({ to }: Frame): boolean => to === 3 || to === 4;
          expect(join(got.filter(whole))).toBe(join(frames.filter(whole)));
        }
      }),
      { numRuns: 30 },
    );
  });

  function bytesByChannel(frames: readonly Frame[]): string[] {
    return Object.values(channels).map((channel) =>
      Buffer.concat(
        frames.filter(({ to }) => to === channel).map(({ data }) => data),
      ).toString("hex"),
    );
  }

  it("refuses a last word that is too long to be one", () => {
    const header = Buffer.from([channels.quit, 0, 0, 0, 0xff, 0, 0, 0]);
    expect(() => new FrameReader().push(header)).toThrow(EngineError);
  });
});
