import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeclaredError, VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { Client, VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import type {
  Method,
  MethodTypes,
} from "../../../src/runtime/varlink/types.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  startPeer,
  turns,
} from "../../support/peer.ts";

const descriptor: InterfaceDescriptor = {
  interface: "io.example",
  types: {
    Port: { number: "int", name: "?string" },
    Box: {
      name: "string",
      ports: "[]Port",
      labels: "[string]string",
      inner: "?Box",
    },
    State: ["up", "down"],
  },
  methods: {
    Create: { input: { box: "Box" }, output: { id: "string" } },
    List: { input: {}, output: { boxes: "[]Box", state: "State" } },
    Then: { input: {}, output: {} },
    ToString: { input: {}, output: {} },
    Call: { input: {}, output: {} },
  },
  errors: { NotFound: { names: "[]string" } },
  description: [],
};

interface Input extends MethodTypes {
  readonly input: object;
  readonly output: { readonly [name: string]: unknown };
}

interface ExampleMethods {
  readonly create: Method<Input>;
  readonly list: Method<Input>;
  readonly then$: Method<Input>;
  readonly toString$: Method<Input>;
  readonly call: Method<Input>;
}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as generated code does it: the base class makes the methods
interface ExampleClient extends ExampleMethods {}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
class ExampleClient extends Client {
  static override readonly descriptor: InterfaceDescriptor = descriptor;
}

class NotFound extends DeclaredError<{ readonly names: readonly string[] }> {
  static override readonly error: string = "io.example.NotFound";
}

let peer: Peer;
let client: ExampleClient;
let connection: PeerConnection;

beforeEach(async () => {
  peer = await startPeer(memoryEndpoint());
  client = await ExampleClient.connect(peer.endpoint);
  connection = await peer.accept();
});

afterEach(async () => {
  await client.$close();
  await peer.close();
});

describe("a generated client", () => {
  it("calls methods by their names in TypeScript", async () => {
    const reply = client.create({ box: { name: "x", ports: [], labels: {} } });
    expect(await connection.text()).toBe(
      '{"method":"io.example.Create","parameters":{"box":{"name":"x","ports":[],"labels":{}}}}',
    );
    connection.reply({ id: "1" });
    expect(await reply).toEqual({ id: "1" });
    const other = client.call();
    expect(await connection.answer({})).toEqual({ method: "io.example.Call" });
    await other;
  });

  it("makes each method once, also for whoever takes it off the client", async () => {
    expect(client.create).toBe(client.create);
    const { list } = client;
    const reply = list();
    await connection.answer({ boxes: [], state: "up" });
    expect(await reply).toEqual({ boxes: [], state: "up" });
    expect(Object.keys(client)).toEqual(["$connection"]);
    const another = new ExampleClient(client.$connection);
    expect(another.create).not.toBe(client.create);
  });

  it("is no thenable and no surprise for the language", async () => {
    expect("then" in client).toBe(false);
    expect(await Promise.resolve(client)).toBe(client);
    expect(typeof client.then$).toBe("function");
    expect(Object.prototype.toString.call(client)).toBe("[object Object]");
    const reply = client.toString$();
    expect((await connection.answer({})).method).toBe("io.example.ToString");
    await reply;
    expect(client.constructor).toBe(ExampleClient);
  });

  it("checks inputs before anything is sent, with the exact place, as a rejection", async () => {
    const bad = {
      box: { name: "x", ports: [{ number: 1 }, { number: "2" }], labels: {} },
    };
    const words = /io\.example\.Create does not fit: box\.ports\[1\]\.number/;
    expect(await failure(client.create(bad))).toMatchObject({
      code: "INVALID_INPUT",
      message: matching(words),
    });
    expect(await failure(client.create.oneway(bad))).toMatchObject({
      message: matching(words),
    });
    expect(await failure(client.create.more(bad).next())).toMatchObject({
      message: matching(words),
    });
    expect(await failure(client.create({}))).toMatchObject({
      code: "INVALID_INPUT",
    });
    await turns(5);
    expect(connection.unread).toBe(0);
  });

  it("normalises replies, at any depth, and keeps what it does not know", async () => {
    const reply = client.list();
    await connection.answer({
      boxes: [
        {
          name: "x",
          ports: null,
          inner: { name: "y", ports: [{ number: 1 }], labels: null },
        },
      ],
      state: "sideways",
      extra: [null],
    });
    expect(await reply).toEqual({
      boxes: [
        {
          name: "x",
          ports: [],
          labels: {},
          inner: { name: "y", ports: [{ number: 1 }], labels: {} },
        },
      ],
      state: "sideways",
      extra: [null],
    });
    const empty = client.list();
    await connection.call();
    connection.write('{"parameters":null}\0');
    expect(await empty).toEqual({ boxes: [] });
  });

  it("refuses replies that do not fit where it is strict, and goes on", async () => {
    const strict = await ExampleClient.connect(peer.endpoint, {
      replies: "strict",
    });
    const other = await peer.accept();
    const reply = strict.list();
    await other.answer({
      boxes: [{ name: "x", ports: null, labels: {} }],
      state: "up",
    });
    expect(await failure(reply)).toMatchObject({
      code: "INVALID_REPLY",
      message: matching(
        /reply to io\.example\.List does not fit: boxes\[0\]\.ports/,
      ),
    });
    const stream = strict.list.more();
    const item = stream.next();
    await other.call();
    other.send(
      { parameters: { boxes: [], state: "up" }, continues: true },
      { continues: true },
    );
    expect((await item).value).toEqual({ boxes: [], state: "up" });
    expect(await failure(stream.next())).toMatchObject({
      code: "INVALID_REPLY",
    });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await other.ended;
    await strict.$close();
  });

  it("gives declared errors that their classes recognise, parameters normalised", async () => {
    const reply = client.list();
    await connection.call();
    connection.send({
      error: "io.example.NotFound",
      parameters: { names: null },
    });
    const error = await failure(reply);
    expect(NotFound.is(error)).toBe(true);
    expect(error).toBeInstanceOf(NotFound);
    expect(error).toBeInstanceOf(VarlinkError);
    expect(error).toMatchObject({ parameters: { names: [] } });
    const other = client.list();
    await connection.call();
    connection.send({
      error: "io.other.NotFound",
      parameters: { names: null },
    });
    const unknown = await failure(other);
    expect(NotFound.is(unknown)).toBe(false);
    expect(unknown).toMatchObject({
      error: "io.other.NotFound",
      parameters: { names: null },
    });
  });

  it("streams and tells", async () => {
    const items: unknown[] = [];
    const loop = (async () => {
      for await (const item of client.list.more()) items.push(item);
    })();
    expect(await connection.call()).toEqual({
      method: "io.example.List",
      more: true,
    });
    connection.send(
      { parameters: { boxes: null, state: "up" }, continues: true },
      {},
    );
    await loop;
    expect(items).toEqual([{ boxes: [], state: "up" }]);
    expect(await client.list.oneway()).toBeUndefined();
    expect(await connection.call()).toEqual({
      method: "io.example.List",
      oneway: true,
    });
  });

  it("shares its connection with others, and pipelines", async () => {
    const untyped = client.$connection;
    expect(untyped).toBeInstanceOf(VarlinkClient);
    const other = new ExampleClient(untyped);
    const reply = other.list();
    await connection.answer({ boxes: [], state: "up" });
    await reply;
    const results = client.$pipeline((pipe) => {
      expect(pipe).toBeInstanceOf(ExampleClient);
      expect(pipe).not.toBe(client);
      return Promise.all([
        pipe.call(),
        pipe.$connection.call("a.b.C"),
        pipe.then$(),
      ]);
    });
    for (const method of ["io.example.Call", "a.b.C", "io.example.Then"]) {
      expect((await connection.answer({ method })).method).toBe(method);
    }
    expect(await results).toEqual([
      { method: "io.example.Call" },
      { method: "a.b.C" },
      { method: "io.example.Then" },
    ]);
    expect(peer.accepted).toBe(1);
  });

  it("says so where a descriptor is broken, and nothing hangs", async () => {
    class BrokenClient extends Client {
      static override readonly descriptor: InterfaceDescriptor = {
        ...descriptor,
        methods: { Get: { input: {}, output: { x: "Nowhere" } } },
      };
    }
    const broken = new BrokenClient(client.$connection) as Client & {
      readonly get: Method<Input>;
    };
    const reply = (async () => await broken.get())();
    void connection.answer({ x: 1 }).catch(() => {});
    expect(await failure(reply)).toBeInstanceOf(Error);
  });

  it("may be derived from, with methods that call the generated ones", async () => {
    class Convenient extends ExampleClient {
      async names(): Promise<unknown[]> {
        const { boxes } = await this.list();
        return boxes as unknown[];
      }
    }
    const convenient = new Convenient(client.$connection);
    const names = convenient.names();
    await connection.answer({ boxes: null, state: "up" });
    expect(await names).toEqual([]);
    const piped = convenient.$pipeline((pipe) => pipe.names());
    await connection.answer({ boxes: null, state: "up" });
    expect(await piped).toEqual([]);
  });
});
