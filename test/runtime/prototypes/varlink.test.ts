// An interface whose names mean something to the language, generated, compiled and called.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emitTypescript } from "../../../src/emit/typescript/emit.ts";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import type { Service } from "../../../src/runtime/varlink/service.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import { startPeer } from "../../support/peer.ts";
import { mustBeUnpolluted } from "../../fuzz/target.ts";
import { parse } from "../../emit/typescript/inputs.ts";
import { defaults } from "../../emit/typescript/emitted.ts";
import {
  createProject,
  type Project,
  strictest,
  compilers,
} from "../../emit/typescript/project.ts";
import { info, RawPeer } from "../server/support.ts";
import { eachObject, HOSTILE, hostileInterface, LEGAL } from "./names.ts";

const NAME = "org.example.hostile";

type Handlers = Readonly<Record<string, (input: never, call: Call) => unknown>>;

interface Method {
  (input?: object): Promise<Record<string, unknown>>;
  more(input?: object): AsyncIterable<object>;
}

/** What of a generated module the tests use. */
interface Generated {
  readonly hostileService: (handlers: Handlers) => Service;
  readonly HostileClient: {
    connect(
      address: Endpoint,
      options?: object,
    ): Promise<AsyncDisposable & Readonly<Record<string, Method>>>;
  };
  readonly [error: string]: unknown;
}

interface Made {
  readonly endpoint: Endpoint;
  readonly client: AsyncDisposable & Readonly<Record<string, Method>>;
  readonly errors: unknown[];
}

const variants = [
  { int: undefined, inputs: "exact" },
  { int: undefined, inputs: "partial" },
  { int: "bigint", inputs: "exact" },
  { int: "bigint", inputs: "partial" },
] as const;

describe.each(variants)("with ints as $int and $inputs inputs", (variant) => {
  const one: unknown = variant.int === "bigint" ? 1n : 1;
  let project: Project;
  let module: Generated;
  const open: AsyncDisposable[] = [];

  beforeAll(async () => {
    project = await createProject();
    const { int, inputs } = variant;
    const options = { ...defaults, importExtension: ".ts", inputs } as const;
    const files = emitTypescript(parse(hostileInterface()), {
      ...options,
      ...(int !== undefined && { int }),
    });
    for (const file of files) await project.write(file.path, file.text);
    const index = path.join(project.folder, "demo", "index.ts");
    module = (await import(pathToFileURL(index).href)) as Generated;
  });
  afterAll(async () => {
    for (const opened of open) await opened[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
    mustBeUnpolluted();
  });

  async function serve(handlers: Handlers): Promise<Made> {
    const errors: unknown[] = [];
    const onError = (error: unknown): unknown => errors.push(error);
    const server = new VarlinkServer({ ...info, onError });
    server.add(module.hostileService(handlers));
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    // A client that had a method called `then` would never be there.
    const client = await module.HostileClient.connect(endpoint);
    open.push(client, server);
    return { endpoint, client, errors };
  }

  /** One member of each name. */
  function membersOf(names: readonly string[], value: unknown): object {
    return Object.fromEntries(names.map((name) => [name, value]));
  }

  const value = (): object => ({
    numbers: membersOf(LEGAL, one),
    lists: membersOf(LEGAL, [one]),
    maps: membersOf(HOSTILE, membersOf(LEGAL, one)),
    counts: membersOf(HOSTILE, one),
    word: "constructor",
    object: membersOf(HOSTILE, { polluted: true }),
    any: [membersOf(HOSTILE, [membersOf(HOSTILE, 1)])],
  });

  it("compiles", { timeout: 60_000 }, async () => {
    const newest = compilers.at(-1);
    if (newest === undefined) throw new Error("there is no compiler");
    expect(
      await project.compile(newest, {
        compilerOptions: {
          ...strictest,
          lib: ["es2023", "esnext.disposable"],
          customConditions: ["portolan-source"],
          allowImportingTsExtensions: true,
          noEmit: true,
        },
        include: ["demo"],
      }),
    ).toBe("");
  });

  it("members and keys go there and back, and reach no prototype", async () => {
    let seen: unknown;
    const { client, errors } = await serve({
      mirror: (input: { readonly value: object }) => {
        seen = input;
        return input;
      },
    });
    const sent = value();
    const got = await client["mirror"]?.({ value: sent });
    for (const data of [seen, got]) {
      expect(data).toEqual({ value: sent });
      eachObject(data, (object) => {
        const plain = Array.isArray(object)
          ? Array.prototype
          : Object.prototype;
        expect(Object.getPrototypeOf(object)).toBe(plain);
      });
    }
    expect(errors).toEqual([]);
  });

  it("what is absent is absent, whatever every object has", async () => {
    const { client, errors } = await serve({
      take: (input: object) => {
        expect(Object.keys(input)).toEqual([]);
        return {};
      },
    });
    expect(Object.keys((await client["take"]?.({})) ?? { none: 1 })).toEqual(
      [],
    );
    expect(errors).toEqual([]);
  });

  it.each([
    ["at once", (reply: object) => reply],
    ["later", (reply: object) => Promise.resolve(reply)],
    [
      "many times",
      function* many(reply: object) {
        yield reply;
        return reply;
      },
    ],
  ] as const)("a reply is no promise, given %s", async (_how, answer) => {
    const reply = membersOf(LEGAL, "x");
    const { client, errors } = await serve({ take: () => answer(reply) });
    const items: object[] = [];
    for await (const item of client["take"]?.more({}) ?? []) items.push(item);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(item).toEqual(reply);
    expect(errors).toEqual([]);
  });

  it("methods are found by their names alone", async () => {
    const called: string[] = [];
    const handlers = LEGAL.map((name): [string, () => object] => [
      name === "prototype" ? name : `${name}$`,
      () => {
        called.push(name);
        return {};
      },
    ]);
    const { client, endpoint } = await serve(Object.fromEntries(handlers));
    for (const [name] of handlers) {
      expect(await client[name]?.({ of: one })).toEqual({});
      expect(called.pop()).toBe(name.replace("$", ""));
    }
    const peer = new RawPeer(await endpoint.connect({}));
    const replies = await peer
      .send(
        ...HOSTILE.flatMap((name) => [
          { method: `${NAME}.${name}` },
          { method: `${name}.${name}` },
          { method: name },
          {
            method: "org.varlink.service.GetInterfaceDescription",
            parameters: { interface: name },
          },
        ]),
      )
      .end()
      .rest();
    expect(replies).toEqual(
      HOSTILE.flatMap((name) => [
        service("MethodNotFound", { method: `${NAME}.${name}` }),
        service("InterfaceNotFound", { interface: name }),
        service("InvalidParameter", { parameter: "method" }),
        service("InterfaceNotFound", { interface: name }),
      ]),
    );
    expect(called).toEqual([]);
  });

  it("methods that nobody implements are not found on objects or functions", async () => {
    const { client } = await serve({});
    for (const name of LEGAL) {
      const call = client[name === "prototype" ? name : `${name}$`]?.({});
      await expect(call).rejects.toMatchObject({
        error: "org.varlink.service.MethodNotImplemented",
      });
    }
  });

  it("errors carry such parameters, and are told by their names", async () => {
    const parameters = membersOf(LEGAL, "x");
    for (const name of LEGAL) {
      const short = `No${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
      const type = module[short] as typeof VarlinkError &
        (new (parameters: object) => VarlinkError);
      const { client, errors } = await serve({
        take: () => {
          throw new type(parameters);
        },
      });
      const error: unknown = await client["take"]?.({}).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ error: `${NAME}.${short}` });
      expect((error as VarlinkError).parameters).toEqual(parameters);
      // It stays an error, whatever its parameters are called.
      expect(String(error)).toContain(short);
      expect(errors).toEqual([]);
    }
  });

  it("no enum has a value that it does not declare", async () => {
    const { endpoint } = await serve({ mirror: (input: object) => input });
    const peer = new RawPeer(await endpoint.connect({}));
    const counts = {};
    for (const word of HOSTILE) {
      peer.send({
        method: `${NAME}.Mirror`,
        parameters: { value: { numbers: {}, counts, word } },
      });
      const reply = await peer.next();
      if (LEGAL.includes(word)) expect(reply?.error).toBeUndefined();
      else
        expect(reply).toEqual(
          service("InvalidParameter", { parameter: "value.word" }),
        );
    }
  });

  it("members that nobody declared are refused by name, or read past", async () => {
    const { endpoint } = await serve({ take: () => ({}) });
    for (const name of HOSTILE.filter((other) => !LEGAL.includes(other))) {
      const peer = new RawPeer(await endpoint.connect({}));
      peer.send(
        `{"method":"${NAME}.Take","parameters":{"${name}":{"then":"x"}}}`,
      );
      expect(await peer.next()).toEqual(
        variant.inputs === "partial"
          ? {}
          : service("InvalidParameter", { parameter: name }),
      );
      // Next to the parameters nobody has such a member.
      peer.send(`{"method":"${NAME}.Take","${name}":{"more":true}}`);
      expect(await peer.next()).toBeUndefined();
    }
  });
});

function service(error: string, parameters: object): object {
  return { error: `org.varlink.service.${error}`, parameters };
}

describe("what a service sends", () => {
  const hostile = Object.fromEntries(
    HOSTILE.map((name) => [name, { polluted: true, [name]: null }]),
  );

  it.each(["lenient", "strict"] as const)(
    "is data, read %s",
    async (replies) => {
      const peer = await startPeer(memoryEndpoint());
      const connecting = VarlinkClient.connect(peer.endpoint, { replies });
      const connection = await peer.accept();
      await using client = await connecting;
      const call = client.call("a.b.C");
      await connection.answer(hostile);
      const reply = await call;
      expect(JSON.stringify(reply)).toBe(JSON.stringify(hostile));
      expect(Object.getPrototypeOf(reply)).toBe(Object.prototype);
      await peer.close();
      mustBeUnpolluted();
    },
  );

  it("names an error as it likes", async () => {
    const peer = await startPeer(memoryEndpoint());
    const connecting = VarlinkClient.connect(peer.endpoint, {
      maxConnections: 1,
    });
    const connection = await peer.accept();
    await using client = await connecting;
    for (const error of [...HOSTILE, ...HOSTILE.map((name) => `a.${name}`)]) {
      const failed = client.call("a.b.C").catch((reason: unknown) => reason);
      await connection.call();
      connection.send({ error, parameters: hostile });
      const thrown = await failed;
      expect(VarlinkError.is(thrown)).toBe(true);
      expect(thrown).toMatchObject({ error });
      expect((thrown as VarlinkError).parameters).toEqual(hostile);
    }
    await peer.close();
    mustBeUnpolluted();
  });
});
