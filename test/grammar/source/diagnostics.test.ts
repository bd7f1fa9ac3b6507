import { describe, expect, it } from "vitest";
import {
  DiagnosticCollector,
  diagnosticLimit,
} from "../../../grammar/source/diagnostics.ts";

const fill = (
  count: number,
  place: (index: number) => number,
): DiagnosticCollector => {
  const collector = new DiagnosticCollector();
  for (let index = 0; index < count; index++) {
    const start = place(index);
    collector.error("x", { start, end: start + 1 }, () => ({
      message: `at ${start}`,
    }));
  }
  return collector;
};

describe("DiagnosticCollector", () => {
  it("gives everything back by place, whatever the order of finding", () => {
    const collector = fill(5, (index) => [30, 10, 50, 20, 40][index] ?? 0);
    expect(collector.finish("more", 99).map(({ span }) => span.start)).toEqual([
      10, 20, 30, 40, 50,
    ]);
  });

  it("keeps the first by place and says how many it left out", () => {
    const count = diagnosticLimit * 7 + 3;
    for (const place of [
      (index: number) => index,
      (index: number) => count - 1 - index,
    ]) {
      const told = fill(count, place).finish("more", 99_999);
      expect(told).toHaveLength(diagnosticLimit + 1);
      expect(told.slice(0, -1).map(({ span }) => span.start)).toEqual(
        Array.from({ length: diagnosticLimit }, (_, index) => index),
      );
      expect(told.at(-1)).toEqual({
        severity: "error",
        code: "more",
        message: `${count - diagnosticLimit} more problems are not shown`,
        span: { start: 99_999, end: 99_999 },
        help: "correct those above first",
      });
    }
  });

  it("says nothing more at exactly the limit, and speaks of one in the singular", () => {
    expect(
      fill(diagnosticLimit, (index) => index).finish("more", 0),
    ).toHaveLength(diagnosticLimit);
    const told = fill(diagnosticLimit + 1, (index) => index).finish("more", 0);
    expect(told.at(-1)?.message).toBe("1 more problem is not shown");
  });

  it("makes the last one an error exactly if an error is left out", () => {
    const collector = new DiagnosticCollector();
    const words = () => ({ message: "m" });
    for (let index = 0; index <= diagnosticLimit; index++) {
      collector.warning("w", { start: index, end: index }, words);
    }
    expect(collector.finish("more", 999).at(-1)?.severity).toBe("warning");
    collector.error("e", { start: 998, end: 998 }, words);
    expect(collector.finish("more", 999).at(-1)?.severity).toBe("error");
  });

  it("makes no words for what it will not tell", () => {
    const collector = new DiagnosticCollector();
    let made = 0;
    for (let index = 0; index < 100_000; index++) {
      collector.error("x", { start: index, end: index }, () => {
        made += 1;
        return { message: "m" };
      });
    }
    expect(made).toBeLessThanOrEqual(diagnosticLimit * 2);
    expect(collector.errors).toBe(100_000);
  });
});
