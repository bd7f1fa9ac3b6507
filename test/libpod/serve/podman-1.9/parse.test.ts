import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseDuration,
  parseMount,
  parsePairs,
  parseSize,
} from "../../../../src/libpod/serve/podman-1.9/parse.ts";
import { words } from "../../../../src/libpod/serve/podman-1.9/words.ts";
import { InvalidArgument } from "../../../../src/libpod/errors.ts";

describe("sizes", () => {
  it("are bytes, or have a unit of 1024", () => {
    const units = fc.constantFrom("", "b", "k", "m", "g", "K", "M", "G");
    fc.assert(
      fc.property(fc.nat(4096), units, (number, unit) => {
        const power = ["", "b", "k", "m", "g"].indexOf(unit.toLowerCase());
        expect(parseSize(`${number}${unit}`, "memory")).toBe(
          number * 1024 ** Math.max(0, power - 1),
        );
      }),
    );
  });

  it.each([
    ["", undefined],
    ["0.5k", 512],
    ["512mb", 512 * 1024 ** 2],
    ["2 g", 2 * 1024 ** 3],
    ["1GiB", 1024 ** 3],
  ])("%j is %s", (text, size) => {
    expect(parseSize(text, "memory")).toBe(size);
  });

  it.each(["-1", "k", "1x", "1e3", "1k1", " 1", "0x10", "9999999999999999g"])(
    "%j is none",
    (text) => {
      expect(() => parseSize(text, "memory")).toThrow(InvalidArgument);
      expect(() => parseSize(text, "memory")).toThrow(/^memory: /);
    },
  );
});

describe("lengths of time", () => {
  it.each([
    ["", undefined],
    ["0", 0],
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["1h0.5s", 3_600_500],
    ["250ms", 250],
  ])("%j is %s", (text, time) => {
    expect(parseDuration(text, "timeout")).toBe(time);
  });

  it.each(["30", "s", "1d", "-1s", "1s ", "1.s"])("%j is none", (text) => {
    expect(() => parseDuration(text, "timeout")).toThrow(InvalidArgument);
  });

  it.each([
    [-5, "Less than a second"],
    [1000, "1 second"],
    [59_999, "59 seconds"],
    [60_000, "About a minute"],
    [120_000, "2 minutes"],
    [3_600_000, "About an hour"],
    [48 * 3_600_000, "2 days"],
    [20 * 24 * 3_600_000, "2 weeks"],
    [70 * 24 * 3_600_000, "2 months"],
    [800 * 24 * 3_600_000, "2 years"],
  ])("%s milliseconds in words are %j", (time, text) => {
    expect(words(time)).toBe(text);
  });
});

describe("pairs", () => {
  it("have a name and anything behind the first equals sign, the last one counting", () => {
    const name = fc.stringMatching(/^[^=\0]+$/);
    fc.assert(
      fc.property(name, fc.string(), fc.string(), (key, first, second) => {
        const pairs = parsePairs(
          [`${key}=${first}`, `${key}=${second}`],
          "env",
        );
        expect(Object.entries(pairs)).toEqual([[key, second]]);
      }),
    );
  });

  it("of variables need a value, and labels do not", () => {
    expect(parsePairs(["HOME"], "env")).toEqual({});
    expect(parsePairs(["mine"], "label")).toEqual({ mine: "" });
    for (const text of ["", "=x"])
      expect(() => parsePairs([text], "label")).toThrow(InvalidArgument);
  });
});

describe("mounts", () => {
  it.each([
    ["type=bind,source=/a,destination=/b,ro", { volume: "/a:/b:ro" }],
    ["type=bind,src=/a,dst=/b,readonly=true", { volume: "/a:/b:ro" }],
    ["type=bind,src=/a,target=/b,ro=false", { volume: "/a:/b" }],
    ["type=volume,source=data,dst=/b", { volume: "data:/b" }],
    ["target=/b", { volume: "/b" }],
    ["type=tmpfs,destination=/b,tmpfs-size=1m", { tmpfs: "/b:size=1m" }],
  ])("%s", (text, mount) => {
    expect(parseMount(text)).toEqual(mount);
  });

  it.each([
    "",
    "type=bind,source=/a",
    "type=bind,src=a,dst=/b",
    "type=x,dst=/b",
    "dst=b",
  ])("%j is none", (text) => {
    expect(() => parseMount(text)).toThrow(InvalidArgument);
  });
});
