import * as fc from "fast-check";
import { expect } from "vitest";
import { conform } from "./conform.ts";
import {
  ALONE,
  echoes,
  full,
  INVALID,
  meet,
  serveSpecimen,
} from "./support.ts";

/** JSON of each kind, as it stands on the wire. */
const samples = {
  bool: ["true", "false"],
  int: ["0", "-1", "42", "9007199254740991"],
  float: ["0.5", "-1.25", "1e-7", "3"],
  string: ['""', '"text"', '"é\\u0000😀"'],
  list: ["[]", "[1,2]"],
  map: ["{}", '{"a":1}'],
  struct: ['{"x":1}', '{"x":1,"note":"n"}'],
  enum: ['"red"', '"green"'],
  object: ['{"deep":[{"null":null}]}'],
  any: ['[null,{"a":"b"}]'],
} as const;

type Kind = keyof typeof samples;

/** The method that takes a kind, and what else fits there. */
const methods: readonly (readonly [
  method: string,
  kind: Kind,
  also: readonly Kind[],
])[] = [
  ["TakeBool", "bool", []],
  ["TakeInt", "int", []],
  ["TakeFloat", "float", ["int"]],
  ["TakeString", "string", ["enum"]],
  ["TakeEnum", "enum", []],
  ["TakeStruct", "struct", []],
  ["TakeMap", "map", []],
  ["TakeList", "list", []],
  ["TakeObject", "object", ["struct", "map"]],
  [
    "TakeAny",
    "any",
    [
      "bool",
      "int",
      "float",
      "string",
      "list",
      "map",
      "struct",
      "enum",
      "object",
    ],
  ],
];

const lower = (method: string): string =>
  method[0]?.toLowerCase() + method.slice(1);

/** What fits a method and what does not. Values of other kinds that fit by chance are neither. */
function sort(method: (typeof methods)[number]): {
  readonly fits: readonly string[];
  readonly misfits: readonly string[];
} {
  const [name, kind, also] = method;
  const fits = [kind, ...also].flatMap((one) => samples[one]);
  const chance = (json: string): boolean =>
    (name === "TakeFloat" && /^[-0-9]/.test(json)) ||
    (name === "TakeInt" && json === "3") ||
    (name === "TakeMap" && json === '{"x":1}');
  const misfits = [...Object.values(samples).flat(), "null"].filter(
    (json) => !(fits as readonly string[]).includes(json) && !chance(json),
  );
  return { fits, misfits };
}

conform("value.types", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  for (const method of methods) {
    const { fits, misfits } = sort(method);
    for (const json of fits) {
      peer.send(
        `{"method":"${full(method[0])}","parameters":{"value":${json}}}`,
      );
      expect(await peer.next(), `${method[0]} ${json}`).toEqual({
        parameters: { value: JSON.parse(json) as unknown },
      });
    }
    for (const json of misfits) {
      peer.send(
        `{"method":"${full(method[0])}","parameters":{"value":${json}}}`,
      );
      expect(await peer.next(), `${method[0]} ${json}`).toMatchObject({
        error: INVALID,
      });
    }
  }
});

conform("value.types", "client", async () => {
  await using met = await meet({ ...ALONE, replies: "strict" });
  for (const method of methods) {
    const { fits, misfits } = sort(method);
    const call = met.method(lower(method[0]));
    for (const json of fits) {
      const value: unknown = JSON.parse(json);
      const reply = call({ value });
      expect(await met.connection.answer({ value })).toEqual({
        method: full(method[0]),
        parameters: { value },
      });
      expect(await reply, `${method[0]} ${json}`).toEqual({ value });
    }
    for (const json of misfits) {
      const value: unknown = JSON.parse(json);
      const said = `${method[0]} ${json}`;
      await expect(call({ value }), said).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
      // Clients take values of enums that are new.
      if (method[1] === "enum" && typeof value === "string") continue;
      const reply = call({
        value: JSON.parse(sort(method).fits[0] ?? "") as unknown,
      });
      await met.connection.answer({ value });
      await expect(reply, said).rejects.toMatchObject({
        code: "INVALID_REPLY",
      });
    }
  }
  await using lenient = await meet();
  const reply = lenient.method("takeInt")({ value: 1 });
  await lenient.connection.answer({ value: "one" });
  expect(await reply).toEqual({ value: "one" });
});

const anyObject: fc.Arbitrary<object> = fc.dictionary(
  fc.string().filter((key) => key !== "__proto__"),
  fc
    .jsonValue({ maxDepth: 3 })
    .map((value): unknown => JSON.parse(JSON.stringify(value))),
);

conform("value.object", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  await fc.assert(
    fc.asyncProperty(anyObject, async (value) => {
      peer.send({ method: full("TakeObject"), parameters: { value } });
      expect(await peer.next()).toEqual({ parameters: { value } });
    }),
    { numRuns: 50 },
  );
  for (const value of [[], "{}", 1, true, null]) {
    peer.send({ method: full("TakeObject"), parameters: { value } });
    expect(await peer.next()).toMatchObject({ error: INVALID });
  }
});

conform("value.object", "client", async () => {
  await using met = await meet({ ...ALONE, replies: "strict" });
  const take = met.method("takeObject");
  await fc.assert(
    fc.asyncProperty(anyObject, async (value) => {
      const reply = take({ value });
      expect((await met.connection.answer({ value })).parameters).toEqual({
        value,
      });
      expect(await reply).toEqual({ value });
    }),
    { numRuns: 50 },
  );
  await expect(take({ value: [] })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});

conform("value.any", "server", async () => {
  await using served = await serveSpecimen({
    ...echoes,
    nothing: () => ({ value: null }),
  });
  const peer = await served.connect();
  for (const value of [true, 0, 1.5, "", {}, [], [null], { a: null }]) {
    peer.send({ method: full("TakeAny"), parameters: { value } });
    expect(await peer.next()).toEqual({ parameters: { value } });
  }
  peer.send({ method: full("TakeAny"), parameters: { value: null } });
  expect(await peer.next()).toEqual({
    error: INVALID,
    parameters: { parameter: "value" },
  });
  await using careless = await serveSpecimen({
    takeAny: () => ({ value: null }),
  });
  const other = await careless.connect();
  other.send({ method: full("TakeAny"), parameters: { value: 1 } });
  expect(await other.next()).toHaveProperty("error");
});

conform("value.any", "client", async () => {
  await using met = await meet({ replies: "strict" });
  const take = met.method("takeAny");
  for (const value of [true, 0, 1.5, "", {}, [], [null]]) {
    const reply = take({ value });
    await met.connection.answer({ value });
    expect(await reply).toEqual({ value });
  }
  await expect(take({ value: null })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  const reply = take({ value: 1 });
  await met.connection.answer({ value: null });
  await expect(reply).rejects.toMatchObject({ code: "INVALID_REPLY" });
});

conform("value.null-is-absent", "server", async () => {
  const seen: unknown[] = [];
  await using served = await serveSpecimen({
    takeNullable({ value }: { value?: number | null }) {
      seen.push(value ?? "nothing");
      return {};
    },
  });
  const peer = await served.connect();
  for (const parameters of ['{"value":null}', "{}", "null"]) {
    peer.send(
      `{"method":"${full("TakeNullable")}","parameters":${parameters}}`,
    );
    expect(await peer.next()).toEqual({});
  }
  expect(seen).toEqual(["nothing", "nothing", "nothing"]);
});

conform("value.null-is-absent", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    for (const message of [
      '{"parameters":{"value":null}}',
      '{"parameters":{}}',
      "{}",
    ]) {
      const reply = met.method("takeNullable")();
      await met.connection.call();
      met.connection.write(`${message}\0`);
      expect((await reply)["value"] ?? "nothing").toBe("nothing");
    }
  }
});

conform("value.omit-null", "server", async () => {
  await using served = await serveSpecimen({
    takeNullable: () => ({ value: null }),
    takeStruct: () => ({ value: { x: 1, note: null } }),
  });
  const peer = await served.connect();
  peer.send(
    { method: full("TakeNullable") },
    { method: full("TakeStruct"), parameters: { value: { x: 1 } } },
  );
  await peer.take(2);
  expect(peer.text).toBe('{}\0{"parameters":{"value":{"x":1}}}\0');
});

conform("value.omit-null", "client", async () => {
  await using met = await meet();
  for (const [method, input, sent] of [
    ["takeNullable", { value: null }, undefined],
    ["takeStruct", { value: { x: 1, note: null } }, { value: { x: 1 } }],
  ] as const) {
    const reply = met.method(method)(input);
    expect((await met.connection.answer({})).parameters).toEqual(sent);
    await reply;
  }
});

conform("value.empty-is-not-null", "server", async () => {
  const seen: unknown[] = [];
  await using served = await serveSpecimen({
    takeNullables(input: object) {
      seen.push(input);
      return input;
    },
  });
  const peer = await served.connect();
  const empty = { list: [], map: {} };
  peer.send({ method: full("TakeNullables"), parameters: empty });
  expect(await peer.next()).toEqual({ parameters: empty });
  peer.send({ method: full("TakeNullables") });
  expect((await peer.next())?.parameters ?? {}).toEqual({});
  expect(seen).toEqual([empty, {}]);
});

conform("value.empty-is-not-null", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    const take = met.method("takeNullables");
    const empty = { list: [], map: {} };
    const some = take(empty);
    expect((await met.connection.answer(empty)).parameters).toEqual(empty);
    expect(await some).toEqual(empty);
    const bare = take();
    await met.connection.answer({});
    const { list, map } = await bare;
    expect([list ?? "nothing", map ?? "nothing"]).toEqual([
      "nothing",
      "nothing",
    ]);
  }
});

const holes = { list: [null, 1, null], map: { a: null, b: 2 } };

conform("value.nulls-in-collections", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: full("TakeHoles"), parameters: holes });
  expect(await peer.next()).toEqual({ parameters: holes });
  peer.send({ method: full("TakeList"), parameters: { value: [1, null] } });
  expect(await peer.next()).toMatchObject({ error: INVALID });
});

conform("value.nulls-in-collections", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    const reply = met.method("takeHoles")(holes);
    expect((await met.connection.answer(holes)).parameters).toEqual(holes);
    expect(await reply).toEqual(holes);
  }
});

conform("value.required", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  for (const parameters of [{}, { value: null }]) {
    peer.send({ method: full("TakeInt"), parameters });
    expect(await peer.next()).toEqual({
      error: INVALID,
      parameters: { parameter: "value" },
    });
  }
  for (const reply of [{}, { value: null }, undefined]) {
    await using careless = await serveSpecimen({ takeInt: () => reply });
    const other = await careless.connect();
    other.send({ method: full("TakeInt"), parameters: { value: 1 } });
    expect(await other.next()).toEqual({
      error: "invalid.portolan.InternalError",
    });
  }
});

conform("value.required", "client", async () => {
  await using met = await meet({ replies: "strict" });
  const take = met.method("takeInt");
  for (const input of [{}, { value: null }, { value: undefined }])
    await expect(take(input)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  for (const output of [{}, { value: null }]) {
    const reply = take({ value: 1 });
    await met.connection.answer(output);
    await expect(reply).rejects.toMatchObject({ code: "INVALID_REPLY" });
  }
  await using lenient = await meet();
  for (const [name, given, empty] of [
    ["takeList", [1], []],
    ["takeMap", { a: 1 }, {}],
    ["takeInt", 1, null],
  ] as const)
    for (const output of [{}, { value: null }]) {
      const reply = lenient.method(name)({ value: given });
      await lenient.connection.answer(output);
      expect((await reply)["value"] ?? null, name).toEqual(empty);
    }
});

conform("value.unknown-field", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: full("TakeInt"), parameters: { value: 1, other: 2 } });
  expect(await peer.next()).toEqual({
    error: INVALID,
    parameters: { parameter: "other" },
  });
  peer.send({
    method: full("TakeStruct"),
    parameters: { value: { x: 1, y: 2 } },
  });
  expect(await peer.next()).toEqual({
    error: INVALID,
    parameters: { parameter: "value.y" },
  });
  peer.send({ method: full("Nothing"), parameters: { some: null } });
  expect(await peer.next()).toEqual({
    error: INVALID,
    parameters: { parameter: "some" },
  });
});

conform("value.wrong-type", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  for (const [method, value, parameter] of [
    ["TakeInt", "1", "value"],
    ["TakeStruct", { x: "1" }, "value.x"],
    ["TakeList", [1, "2"], "value[1]"],
    ["TakeEnum", "blue", "value"],
  ] as const) {
    peer.send({ method: full(method), parameters: { value } });
    expect(await peer.next()).toEqual({
      error: INVALID,
      parameters: { parameter },
    });
  }
});

conform("value.unknown-reply-field", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    const reply = met.method("takeStruct")({ value: { x: 1 } });
    await met.connection.answer({
      value: { x: 1, y: { z: null } },
      other: [1],
    });
    expect(await reply).toMatchObject({ value: { x: 1 } });
  }
});
