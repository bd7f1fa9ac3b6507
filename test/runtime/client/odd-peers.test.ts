import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import { Client } from "../../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import type { ConnectOptions } from "../../../src/runtime/varlink/options.ts";
import type {
  Method,
  MethodTypes,
} from "../../../src/runtime/varlink/types.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  startPeer,
  transports,
  turns,
} from "../../support/peer.ts";

/**
 * What services do that the specification does not allow, most of it seen of
 * Podman: a client has to cope where it can, and no other call may suffer.
 */
const descriptor: InterfaceDescriptor = {
  interface: "io.example.odd",
  types: { Line: { text: "string", tags: "[]string" } },
  methods: {
    List: {
      input: {},
      output: { names: "[]string", labels: "[string]string", note: "?string" },
    },
    Start: { input: { name: "string" }, output: { name: "string" } },
    Logs: { input: {}, output: { line: "Line" } },
  },
  errors: { NotFound: { names: "[]string" } },
  description: [],
};

interface Untyped extends MethodTypes {
  readonly input: object;
  readonly output: { readonly [name: string]: unknown };
}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as generated code does it: the base class makes the methods
interface OddClient {
  readonly list: Method<Untyped>;
  readonly start: Method<Untyped>;
  readonly logs: Method<Untyped>;
}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
class OddClient extends Client {
  static override readonly descriptor: InterfaceDescriptor = descriptor;
}

describe.each(transports)("a service at %s", (_, make) => {
  let peer: Peer;
  let remove: () => Promise<void>;
  let closing: (() => Promise<void>)[];
  let reported: PortolanError[];

  beforeEach(async () => {
    const place = await make();
    remove = () => place.remove();
    peer = await startPeer(place.endpoint);
    closing = [];
    reported = [];
  });

  afterEach(async () => {
    for (const close of closing) await close();
    await peer.close();
    await remove();
  });

  async function connect(
    options: ConnectOptions = {},
  ): Promise<{ client: OddClient; connection: PeerConnection }> {
    const client = await OddClient.connect(peer.endpoint, {
      onProtocolError: (error) => reported.push(error),
      ...options,
    });
    closing.push(() => client.$close());
    return { client, connection: await peer.accept() };
  }

  /** A call on a connection of its own, under way while the others misbehave. */
  async function bystander(
    client: OddClient,
  ): Promise<() => Promise<readonly unknown[]>> {
    const stream = client.logs.more({});
    const first = stream.next();
    const own = await peer.accept();
    await own.call();
    const item = { line: { text: "a", tags: [] } };
    own.send({ parameters: item, continues: true });
    await first;
    return async () => {
      own.send({ parameters: item });
      return [await stream.next(), await stream.next()];
    };
  }

  const undisturbed = [
    { done: false, value: { line: { text: "a", tags: [] } } },
    { done: true, value: undefined },
  ];

  it("that replies twice is told apart from its next reply, and nobody else suffers", async () => {
    const { client, connection } = await connect();
    const first = client.start({ name: "a" });
    await connection.call();
    const other = await bystander(client);
    connection.send(
      { parameters: { name: "a" } },
      { parameters: { name: "again" } },
    );
    expect(await first).toEqual({ name: "a" });
    await connection.ended;
    expect(reported).toMatchObject([{ code: "PROTOCOL" }]);
    const second = client.start({ name: "b" });
    await (await peer.accept()).answer({ name: "b" });
    expect(await second).toEqual({ name: "b" });
    expect(await other()).toEqual(undisturbed);
  });

  it("that replies with an error and then with success is believed once", async () => {
    const { client, connection } = await connect();
    const start = client.start({ name: "a" });
    await connection.call();
    connection.send(
      { error: "io.example.odd.NotFound", parameters: { names: null } },
      { parameters: { name: "a" } },
    );
    expect(await failure(start)).toMatchObject({
      error: "io.example.odd.NotFound",
      parameters: { names: [] },
    });
    await connection.ended;
    const again = client.start({ name: "a" });
    await (await peer.accept()).answer({ name: "a" });
    expect(await again).toEqual({ name: "a" });
  });

  it("whose stream never ends is left, and nothing else waits for it", async () => {
    const { client, connection } = await connect();
    const stream = client.logs.more({});
    const first = stream.next();
    await connection.call();
    // Podman marks the end by an empty item that says that more follow.
    connection.send(
      { parameters: { line: { text: "a", tags: null } }, continues: true },
      { parameters: { line: { text: "", tags: null } }, continues: true },
    );
    expect((await first).value).toEqual({ line: { text: "a", tags: [] } });
    expect((await stream.next()).value).toEqual({
      line: { text: "", tags: [] },
    });
    const list = client.list();
    await (await peer.accept()).answer({ names: [], labels: {} });
    expect(await list).toEqual({ names: [], labels: {} });
    await stream.return();
    await connection.ended;
    expect(reported).toEqual([]);
  });

  it("whose stream falls silent is given up after idleTimeout, by itself", async () => {
    const { client, connection } = await connect();
    const stream = client.logs.more({}, { idleTimeout: 1 });
    const first = stream.next();
    await connection.call();
    const other = await bystander(client);
    connection.send({
      parameters: { line: { text: "a", tags: [] } },
      continues: true,
    });
    await first;
    expect(await failure(stream.next())).toMatchObject({ code: "TIMEOUT" });
    await connection.ended;
    expect(await other()).toEqual(undisturbed);
  });

  it.each([
    ["null", '{"parameters":{"names":null,"labels":null,"note":null}}'],
    ["absent", '{"parameters":{}}'],
    ["absent with the parameters", "{}"],
    ["absent with null parameters", '{"parameters":null}'],
  ])("whose arrays and maps are %s is read as meant", async (_what, reply) => {
    const { client, connection } = await connect();
    const list = client.list();
    await connection.call();
    connection.write(`${reply}\0`);
    const { note = null, ...rest } = await list;
    expect(note).toBeNull();
    expect(rest).toEqual({ names: [], labels: {} });
    const strict = await connect({ replies: "strict" });
    const refused = strict.client.list();
    await strict.connection.call();
    strict.connection.write(`${reply}\0`);
    expect(await failure(refused)).toMatchObject({ code: "INVALID_REPLY" });
    // It is only this reply that does not fit.
    const next = strict.client.list();
    await strict.connection.answer({ names: ["a"], labels: {} });
    expect(await next).toEqual({ names: ["a"], labels: {} });
  });

  it("that puts something next to the parameters is read, unless the client is strict", async () => {
    const { client, connection } = await connect();
    const parameters = { name: "a" };
    const odd = { parameters, id: 7, ["constructor"]: {} };
    const start = client.start({ name: "a" });
    await connection.call();
    connection.send(odd);
    expect(await start).toEqual(parameters);

    const strict = await connect({ replies: "strict" });
    const vendors = strict.client.start({ name: "a" });
    await strict.connection.call();
    strict.connection.send({ parameters, "com.example.trace": 1 });
    expect(await vendors).toEqual(parameters);
    const refused = strict.client.start({ name: "a" });
    await strict.connection.call();
    const other = await bystander(strict.client);
    strict.connection.send(odd);
    expect(await failure(refused)).toMatchObject({
      code: "PROTOCOL",
      message: expect.stringContaining('the unknown member "id"') as string,
    });
    await strict.connection.ended;
    expect(await other()).toEqual(undisturbed);
  });

  it("that answers a stream once has given its only item", async () => {
    const { client, connection } = await connect();
    const stream = client.start.more({ name: "a" });
    const first = stream.next();
    await connection.answer({ name: "a" });
    expect((await first).value).toEqual({ name: "a" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await turns(5);
    const again = client.start({ name: "b" });
    await connection.answer({ name: "b" });
    expect(await again).toEqual({ name: "b" });
    expect(peer.accepted).toBe(1);
  });

  it.each(["{}", "null", undefined])(
    "whose errors have the parameters %s is understood",
    async (parameters) => {
      const { client, connection } = await connect();
      const start = client.start({ name: "a" });
      await connection.call();
      const rest =
        parameters === undefined ? "" : `,"parameters":${parameters}`;
      connection.write(`{"error":"io.example.odd.NotFound"${rest}}\0`);
      expect(await failure(start)).toMatchObject({
        error: "io.example.odd.NotFound",
        parameters: { names: [] },
      });
    },
  );
});
