import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitProto } from "../../../src/emit/typescript/proto/emit.ts";
import {
  EnvelopeServer,
  type EnvelopeService,
} from "../../../src/runtime/index.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import * as demo from "../../types/generated/rpc/index.ts";
import { createProject, type Project } from "../typescript/project.ts";
import { defaults } from "./emitted.ts";
import { clash } from "./inputs.ts";

/** Generated clients and servers talk to each other over a connection of real bytes. */

interface Served extends AsyncDisposable {
  readonly address: Endpoint;
}

async function serve(service: EnvelopeService): Promise<Served> {
  const server = new EnvelopeServer(service);
  const address = memoryEndpoint();
  await server.listen(address);
  return { address, [Symbol.asyncDispose]: () => server.close() };
}

describe("a generated client and a generated server", () => {
  test("commands with and without a result, errors, a subscription", async () => {
    const seen: unknown[] = [];
    await using served = await serve(
      demo.demoService({
        ping() {
          seen.push("ping");
        },
        get({ name }) {
          if (name === "")
            throw new demo.DemoError(demo.Code.NotFound, "no name");
          return { name, labels: { a: "b" }, size: 2n ** 60n };
        },
        put(input) {
          seen.push(input);
        },
        find: ({ labels }) => ({ units: labels.map((name) => ({ name })) }),
        async *watch({ names }) {
          for (const name of names) {
            await Promise.resolve();
            yield { name, state: demo.Unit_State.Off };
          }
        },
      }),
    );
    await using client = await demo.DemoClient.connect(served.address);

    expect(await client.ping()).toBeUndefined();
    expect(seen).toEqual(["ping"]);
    expect(await client.get({ name: "web" })).toEqual({
      name: "web",
      tags: [],
      labels: { a: "b" },
      parts: {},
      size: 2n ** 60n,
    });
    const { units } = await client.find({ labels: ["x", "y"] });
    expect(units.map(({ name }) => name)).toEqual(["x", "y"]);
    expect((await client.find()).units).toEqual([]);

    await client.put({
      unit: { name: "a", parts: { 7: { name: "part" } } },
      how: { case: "instead", value: { name: "b", level: 9 } },
    });
    expect(seen[1]).toMatchObject({
      unit: { name: "a", parts: { 7: { name: "part", tags: [] } }, tags: [] },
      how: { case: "instead", value: { name: "b", level: 9, tags: [] } },
    });

    const error: unknown = await client
      .get({ name: "" })
      .catch((reason: unknown) => reason);
    expect(demo.DemoError.is(error)).toBe(true);
    expect(error).toBeInstanceOf(demo.DemoError);
    expect(error).toMatchObject({
      service: "demo",
      error: demo.Code.NotFound,
      errorName: "NotFound",
      text: "no name",
    });
    // What nobody handles is an error as well.
    await expect(client.old()).rejects.toBeInstanceOf(demo.DemoError);

    const names: (string | undefined)[] = [];
    for await (const { name, state } of client.watch({ names: ["p", "q"] })) {
      names.push(name);
      expect(state).toBe(demo.Unit_State.Off);
      if (names.length === 2) break;
    }
    expect(names).toEqual(["p", "q"]);
  });
});

/** A field of this name is data like any other. */
const THEN = ["th", "en"].join("");

/** What of a module the test of hostile names uses. */
interface ClashModule {
  readonly demoService$: (handlers: object) => EnvelopeService;
  readonly DemoClient$: {
    connect(address: Endpoint): Promise<
      AsyncDisposable & {
        readonly [method: string]: (input?: object) => Promise<unknown>;
      }
    >;
  };
  readonly TResponse_Code: Readonly<Record<string, number>>;
  readonly DemoError$: new (error: number | undefined) => Error;
}

describe("names that mean something else", () => {
  let project: Project;
  let module: ClashModule;

  beforeAll(async () => {
    project = await createProject();
    const options = { ...defaults, importExtension: ".ts" } as const;
    for (const file of emitProto(clash(), options))
      await project.write(file.path, file.text);
    const index = path.join(project.folder, "demo", "index.ts");
    module = (await import(pathToFileURL(index).href)) as ClashModule;
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  test("are called, and hold values", async () => {
    const called: string[] = [];
    const create = {
      name: "web",
      __proto__$: "text",
      constructor$: { name: "inner", [THEN]: true },
      [THEN]: false,
      toString$: new Uint8Array([1]),
      hasOwnProperty$: {
        case: "isPrototypeOf",
        value: { lists: { ["__proto__"]: {} } },
      },
    };
    await using served = await serve(
      module.demoService$({
        Create: (input: object) => ({ created: [input] }),
        create() {
          throw new module.DemoError$(module.TResponse_Code["constructor$"]);
        },
        then$: () => void called.push("Then"),
        constructor$: () => void called.push("constructor"),
        ToString: () => void called.push("ToString"),
        toString$: () => void called.push("toString"),
        __proto__$: () => void called.push("__proto__"),
        class: () => void called.push("class"),
        error: () => ({ bytes: [new Uint8Array([2])] }),
      }),
    );
    // A client with a method called `then` would never be there.
    await using client = await module.DemoClient$.connect(served.address);
    for (const name of [
      "then$",
      "constructor$",
      "ToString",
      "toString$",
      "__proto__$",
      "class",
    ])
      await client[name]?.();
    expect(called).toEqual([
      "Then",
      "constructor",
      "ToString",
      "toString",
      "__proto__",
      "class",
    ]);
    const result = (await client["Create"]?.(create)) as {
      readonly created: readonly (typeof create)[];
    };
    const [created] = result.created;
    expect(created).toMatchObject({
      name: "web",
      __proto__$: "text",
      constructor$: { name: "inner", [THEN]: true },
      [THEN]: false,
    });
    const { lists } = created?.hasOwnProperty$.value ?? {};
    expect(Object.keys(lists ?? {})).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    await expect(client["create"]?.({ name: "web" })).rejects.toMatchObject({
      error: -2,
      errorName: "constructor$",
    });
    expect(await client["error"]?.()).toMatchObject({
      bytes: [expect.objectContaining({ 0: 2 })],
    });
  });
});
