import { describe, expect, test } from "vitest";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import type { EnvelopeConfig } from "../../../src/model/proto/envelope.ts";
import { MINI, MINI_CONFIG, serviceOf } from "./support.ts";

const mini = serviceOf(MINI);
const bound = bindEnvelope(mini, MINI_CONFIG);

function methodOf(name: string, config: Partial<EnvelopeConfig> = {}) {
  const service = bindEnvelope(mini, { ...MINI_CONFIG, ...config });
  const found = service.methods.find((method) => method.name === name);
  if (found?.envelope === undefined) throw new Error(`no method ${name}`);
  return { ...found, envelope: found.envelope };
}

describe("the methods", () => {
  test("are the request's optional fields of one message, in the order of the file", () => {
    expect(bound.methods.map(({ name }) => name)).toEqual([
      "make",
      "watch",
      "unwatch",
      "constructor",
    ]);
    expect(bound.wire).toBe("envelope");
    expect(bound.members).toEqual([...bound.methods, ...mini.types]);
    expect(bound.types).toBe(mini.types);
  });

  test("have the docs of their field, and its messages' fields", () => {
    const make = methodOf("make");
    expect(make.docs).toBe("Makes a thing.");
    expect(make.deprecated).toBe(false);
    expect(methodOf("constructor").deprecated).toBe(true);
    expect(make.input.fields.map(({ name }) => name)).toEqual([
      "thing",
      "wait",
      "soft",
      "label",
    ]);
    expect(make.output.fields.map(({ name }) => name)).toEqual(["name"]);
    expect(methodOf("unwatch").output.fields).toEqual([]);
  });

  test("have the result of the response's field of the same name, whatever its number", () => {
    const parts = bound.methods.map(({ name, envelope }) => [
      name,
      envelope?.requestField,
      envelope?.input.join("."),
      envelope?.responseField,
      envelope?.output?.join("."),
    ]);
    const none = [undefined, undefined];
    expect(parts).toEqual([
      ["make", 1, "example.mini.MakeRequest", 20, "example.mini.MakeResult"],
      [
        "watch",
        2,
        "example.mini.WatchRequest",
        2000,
        "example.mini.WatchResult",
      ],
      ["unwatch", 12, "example.mini.WatchRequest", ...none],
      ["constructor", 3, "example.mini.Nothing", ...none],
    ]);
  });

  test("have no settings but those that are theirs", () => {
    // `constructor` is a name that every object has.
    for (const { envelope } of bound.methods) {
      expect(envelope).toMatchObject({ idempotent: false });
      expect(envelope?.push).toBeUndefined();
      expect(envelope?.bound).toBeUndefined();
      expect(envelope?.unbound).toBeUndefined();
      expect(envelope?.extraTime).toBeUndefined();
      expect(envelope?.ownTime).toBeUndefined();
      expect(envelope?.bare).toBeUndefined();
    }
  });

  test("take every setting", () => {
    const config: Partial<EnvelopeConfig> = {
      push: {
        watch: {
          stop: "unwatch",
          ends: [
            { state: "over", mode: "FAST" },
            { state: { input: "target" } },
          ],
        },
      },
      bound: { make: { name: "thing.name", when: "thing.bound" } },
      unbound: {
        make: { name: "label", where: { soft: true, "thing.name": "" } },
        unwatch: { name: "target" },
      },
      extraTime: { make: 1500, constructor: 1 },
      ownTime: { make: { field: "wait", absent: 0 } },
      idempotent: ["watch"],
      bare: ["constructor"],
    };
    expect(methodOf("watch", config).envelope).toMatchObject({
      idempotent: true,
      push: {
        stop: "unwatch",
        ends: [
          new Map<string, unknown>([
            ["state", "over"],
            ["mode", 7],
          ]),
          new Map([["state", { input: "target" }]]),
        ],
      },
    });
    expect(methodOf("make", config).envelope).toMatchObject({
      idempotent: false,
      bound: { name: ["thing", "name"], when: ["thing", "bound"] },
      unbound: {
        name: ["label"],
        where: new Map<string, unknown>([
          ["soft", true],
          ["thing.name", ""],
        ]),
      },
      extraTime: 1500,
      ownTime: { field: ["wait"], absent: 0 },
    });
    expect(methodOf("unwatch", config).envelope.unbound).toEqual({
      name: ["target"],
      where: new Map(),
    });
    expect(methodOf("constructor", config).envelope).toMatchObject({
      extraTime: 1,
      bare: true,
    });
  });
});

describe("the envelope", () => {
  test("is what the configuration says", () => {
    const { envelope } = bindEnvelope(mini, {
      ...MINI_CONFIG,
      error: { ...MINI_CONFIG.error, message: "text" },
      timestamp: "now",
      address: "unix:/run/mini.socket",
      priority: ["watch", "make"],
      failures: {
        method: { code: "BAD", text: "no such thing" },
        internal: { code: "LOST" },
      },
    });
    expect(envelope).toMatchObject({
      label: "mini",
      request: ["example", "mini", "Request"],
      response: ["example", "mini", "Response"],
      error: { field: "code", enum: ["example", "mini", "Code"] },
      success: { name: "FINE", number: 0 },
      absent: { name: "LOST", number: 2 },
      errorMessage: "text",
      timestamp: "now",
      address: "unix:/run/mini.socket",
      priority: ["watch", "make"],
    });
    const { method, subscription, internal } = envelope?.failures ?? {};
    expect([method?.code.number, method?.text]).toEqual([1, "no such thing"]);
    expect([internal?.code.number, internal?.text]).toEqual([2, undefined]);
    expect(subscription).toBeUndefined();
  });

  test("takes its label from the configuration, else from the package", () => {
    expect(bound.envelope?.label).toBe("mini");
    const named = bindEnvelope(mini, { ...MINI_CONFIG, label: "Other_1" });
    expect(named.envelope?.label).toBe("Other_1");
  });

  test("may have a response that has nothing but the code", () => {
    const small = bindEnvelope(
      serviceOf(
        `syntax = "proto3";
         enum E { OK = 0; }
         message Q { Q self = 1; optional Q other = 2; }
         message A { E e = 1; }`,
      ),
      {
        label: "Small",
        request: "Q",
        response: "A",
        error: { field: "e", success: "OK", absent: "OK" },
      },
    );
    expect(small.methods.map(({ name }) => name)).toEqual(["self", "other"]);
    expect(small.envelope?.errorMessage).toBeUndefined();
    expect(small.envelope?.failures).toEqual({});
  });
});
