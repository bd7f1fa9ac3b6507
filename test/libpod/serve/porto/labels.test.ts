import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { code, openBench, refusal } from "./support.ts";

describe("labels", () => {
  it("are set where they are what was expected, and say what they were", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const label = "AB.c";
    const set = (more: object): ReturnType<typeof porto.setLabel> =>
      porto.setLabel({ name: "a", label, value: "1", ...more });
    expect(await set({})).toMatchObject({ state: "stopped" });
    expect(await set({ value: "2", prev_value: "1" })).toMatchObject({
      prev_value: "1",
      state: "stopped",
    });
    const busy = await refusal(set({ prev_value: "1" }));
    expect(busy.errorName).toBe("Busy");
    expect(busy.result).toMatchObject({ prev_value: "2", state: "stopped" });
    const state = await refusal(set({ state: "running" }));
    expect(state.errorName).toBe("InvalidState");
    expect(state.result).toMatchObject({ prev_value: "2", state: "stopped" });
    const missing = await refusal(set({ label: "AB.d", prev_value: "x" }));
    expect(missing.errorName).toBe("LabelNotFound");
    expect(missing.result).toMatchObject({ state: "stopped" });
    await set({ label: "AB.d", prev_value: "" });
    await set({ value: "" });
    expect(await bench.get("a", "labels")).toBe("AB.d: 1");
    expect(await code(set({ name: "nope" }))).toBe("ContainerDoesNotExist");
    expect(await code(set({ name: "/" }))).toBe("Permission");
  });

  it("have names and values of their own kind", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const set = (label: string, value = "v"): Promise<string> =>
      porto.setLabel({ name: "a", label, value }).then(
        () => "Success",
        (error: { errorName: string }) => error.errorName,
      );
    for (const label of ["AB.c", `${"A".repeat(16)}.x`, "AB.c.d/e".slice(0, 6)])
      expect([label, await set(label)]).toEqual([label, "Success"]);
    for (const label of [
      "",
      "A.c",
      `${"A".repeat(17)}.x`,
      "ab.c",
      "AB",
      "PORTO.x",
      "PORTOX.y",
      "AB.c d",
      `AB.${"x".repeat(126)}`,
    ])
      expect([label, await set(label)]).toEqual([label, "InvalidLabel"]);
    expect(await set("AB.c", "x".repeat(257))).toBe("InvalidLabel");
    expect(await set("AB.c", "a;b")).toBe("InvalidLabel");
  });

  it("are a hundred at most", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const all = Array.from({ length: 100 }, (_, index) => `AB.n${index}: 1`);
    await bench.set("a", { labels: all.join("; ") });
    const name = "a";
    const label = "AB.more";
    const property = `labels[${label}]`;
    for (const request of [
      () => porto.setLabel({ name, label, value: "1" }),
      () => porto.incLabel({ name, label }),
      () => porto.setProperty({ name, property, value: "1" }),
    ])
      expect(await code(request())).toBe("ResourceNotAvailable");
    await porto.incLabel({ name: "a", label: "AB.n1" });
    await porto.setLabel({ name: "a", label: "AB.n2", value: "" });
    await porto.incLabel({ name: "a", label: "AB.more" });
  });

  it("count with 64 bits, and not beyond", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const number = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    await fc.assert(
      fc.asyncProperty(number, number, async (first, second) => {
        fc.pre(first !== 0n);
        const name = "a";
        const label = "AB.n";
        await porto.setLabel({ name, label, value: "" });
        expect((await porto.incLabel({ name, label, add: first })).result).toBe(
          first,
        );
        const sum = first + second;
        const answer = porto.incLabel({ name, label, add: second });
        if (BigInt.asIntN(64, sum) === sum)
          expect((await answer).result).toBe(sum);
        else {
          const error = await refusal(answer);
          expect(error.errorName).toBe("InvalidValue");
          expect(error.result).toMatchObject({ result: first });
        }
      }),
      { numRuns: 30 },
    );
    const zero = porto.incLabel({ name: "a", label: "AB.no", add: 0n });
    expect(await code(zero)).toBe("LabelNotFound");
    await porto.setLabel({ name: "a", label: "AB.word", value: "x" });
    const word = porto.incLabel({ name: "a", label: "AB.word" });
    expect(await code(word)).toBe("InvalidValue");
  });

  it("lose no step where several count at once", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    await porto.create({ name: "a" });
    const steps = Array.from({ length: 20 }, () =>
      porto.incLabel({ name: "a", label: "AB.n" }),
    );
    const results = (await Promise.all(steps)).map(({ result }) => result);
    expect(results.toSorted((a = 0n, b = 0n) => Number(a - b))).toEqual(
      Array.from({ length: 20 }, (_, index) => BigInt(index + 1)),
    );
  });

  it("are found by mask, name, value and state", async () => {
    await using bench = await openBench();
    const { porto } = bench;
    for (const name of ["a", "b", "b/c"]) {
      await porto.create({ name });
      await bench.set(name, { "labels[AB.n]": name[0] ?? "" });
    }
    await bench.set("b", { "labels[XY.z]": "1" });
    await porto.start({ name: "b" });
    const find = async (input: object): Promise<string[]> =>
      (await porto.findLabel({ label: "AB.n", ...input })).list.map(
        ({ name, label, value, state }) => `${name} ${label}=${value} ${state}`,
      );
    expect(await find({})).toEqual([
      "a AB.n=a stopped",
      "b AB.n=b meta",
      "b/c AB.n=b stopped",
    ]);
    expect(await find({ value: "b", state: "stopped" })).toEqual([
      "b/c AB.n=b stopped",
    ]);
    expect(await find({ mask: "*", label: "*" })).toEqual([
      "a AB.n=a stopped",
      "b AB.n=b meta",
      "b XY.z=1 meta",
    ]);
    expect(await find({ label: "NO.ne" })).toEqual([]);
  });
});
