import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  goDuration,
  goElapsed,
  goTime,
  logTime,
  NO_TIME,
  rfc3339,
  rfc3339Nano,
} from "../../../../src/libpod/serve/podman/format.ts";

const time = fc.integer({ min: 0, max: 253_402_300_799_999 });

describe("times", () => {
  const noon = Date.UTC(2026, 10, 21, 12, 4, 5);

  it("have as much of a fraction as they need, or none", () => {
    expect(goTime(noon)).toBe("2026-11-21 12:04:05 +0000 UTC");
    expect(goTime(noon + 500)).toBe("2026-11-21 12:04:05.5 +0000 UTC");
    expect(goTime(noon + 7)).toBe("2026-11-21 12:04:05.007 +0000 UTC");
    expect(rfc3339(noon + 999)).toBe("2026-11-21T12:04:05Z");
    expect(rfc3339Nano(noon)).toBe("2026-11-21T12:04:05Z");
    expect(rfc3339Nano(noon + 120)).toBe("2026-11-21T12:04:05.12Z");
    expect(rfc3339Nano(undefined)).toBe(NO_TIME);
    expect(logTime(noon + 7)).toBe("2026-11-21T12:04:05.007000000+00:00");
  });

  it("are read back as what they were", () => {
    fc.assert(
      fc.property(time, (at) => {
        const [date, clock] = goTime(at).split(" ");
        expect(Date.parse(`${date}T${clock}Z`)).toBe(at);
        expect(Date.parse(rfc3339Nano(at))).toBe(at);
        expect(Date.parse(rfc3339(at))).toBe(at - (at % 1000));
        expect(Date.parse(logTime(at))).toBe(at);
      }),
    );
  });
});

describe("lengths of time", () => {
  it.each([
    [0n, "0s"],
    [-5n, "0s"],
    [1n, "1ns"],
    [999n, "999ns"],
    [1000n, "1µs"],
    [1500n, "1.5µs"],
    [580_617_947n, "580.617947ms"],
    [999_999_999n, "999.999999ms"],
    [1_000_000_000n, "1s"],
    [1_223_765_262n, "1.223765262s"],
    [59_999_999_999n, "59.999999999s"],
    [60_000_000_000n, "1m0s"],
    [3_600_000_000_000n, "1h0m0s"],
    [93_780_500_000_000n, "26h3m0.5s"],
  ])("%d ns is %s", (nanoseconds, text) => {
    expect(goDuration(nanoseconds)).toBe(text);
  });

  it("add up to what they were made of", () => {
    const units: Readonly<Record<string, number>> = {
      h: 3600e9,
      m: 60e9,
      s: 1e9,
      ms: 1e6,
      µs: 1e3,
      ns: 1,
    };
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 52n), (nanoseconds) => {
        let sum = 0;
        const text = goDuration(nanoseconds);
        const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s|µs|ns)/g)];
        for (const [, value, unit = ""] of parts)
          sum += Number(value) * (units[unit] ?? NaN);
        expect(parts.map(([part]) => part).join("")).toBe(text);
        expect(Math.abs(sum - Number(nanoseconds))).toBeLessThan(1);
      }),
    );
  });

  it("between two moments are never less than nothing", () => {
    expect(goElapsed(1000, 1580.9)).toBe("580ms");
    expect(goElapsed(1000, 0)).toBe("0s");
  });
});
