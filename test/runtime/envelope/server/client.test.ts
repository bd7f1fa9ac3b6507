// Our client and our server, on every transport.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { EnvelopeClient } from "../../../../src/runtime/envelope/client.ts";
import type { EnvelopeDescriptor } from "../../../../src/runtime/envelope/descriptor.ts";
import type {
  Command,
  CommandTypes,
  EnvelopeConnection,
  Subscription,
} from "../../../../src/runtime/envelope/types.ts";
import { parseAddress } from "../../../../src/runtime/transport/address.ts";
import type { Endpoint } from "../../../../src/runtime/transport/endpoint.ts";
import {
  gate,
  removeFolders,
  transports,
  until,
} from "../../server/support.ts";
import { descriptor, MiniError, type TestHandlers } from "./support.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";

afterAll(removeFolders);

interface Types<
  I extends object,
  O extends object | void,
> extends CommandTypes {
  readonly input: I;
  readonly output: O;
  readonly response: object;
}
interface WaitInput {
  readonly name?: readonly string[];
  readonly timeout_ms?: number;
}
interface State {
  readonly name?: string;
  readonly state?: string;
}

/** What generated code declares; the runtime puts it there. */
interface MiniMethods {
  readonly create: Command<Types<{ name?: string }, void>>;
  readonly list: Command<Types<{ mask?: string }, { name: string[] }>>;
  readonly version: Command<Types<object, { tag?: string }>>;
  readonly wait: Command<Types<WaitInput, State>>;
  readonly asyncWait: Subscription<Types<WaitInput, State>>;
  readonly stopAsyncWait: Command<Types<WaitInput, void>>;
}

const CREATE = descriptor.methods["Create"]?.input ?? descriptor.request;

class MiniClient extends EnvelopeClient {
  static override readonly descriptor: EnvelopeDescriptor = {
    ...descriptor,
    methods: {
      ...descriptor.methods,
      Create: { input: CREATE, bound: { name: ["name"] } },
    },
  };
}

interface Both extends AsyncDisposable {
  readonly client: MiniClient & MiniMethods;
  readonly server: EnvelopeServer;
  readonly errors: unknown[];
}

async function both(handlers: TestHandlers, endpoint: Endpoint): Promise<Both> {
  const errors: unknown[] = [];
  const server = new EnvelopeServer(envelopeService(descriptor, handlers), {
    onError: (error) => errors.push(error),
    onProtocolError: (error) => errors.push(error),
  });
  const { address } = await server.listen(endpoint);
  const target = address.startsWith("memory:")
    ? endpoint
    : parseAddress(address);
  const client = (await MiniClient.connect(target)) as MiniClient & MiniMethods;
  return {
    client,
    server,
    errors,
    async [Symbol.asyncDispose]() {
      await client.$close();
      await server.close();
    },
  };
}

describe.each(transports)("over $name", ({ open }) => {
  it("results, errors and what comes beside them get through", async () => {
    await using pair = await both(
      {
        version: () => ({ tag: "1" }),
        list({ mask = "" }: { mask?: string }) {
          if (mask === "!")
            throw new MiniError(15, "later", { result: { name: ["one"] } });
          return mask === "" ? undefined : { name: [mask] };
        },
      },
      await open(),
    );
    const { client } = pair;
    expect(await client.version()).toEqual({ tag: "1", revision: "" });
    expect(await client.list()).toEqual({ name: [] });
    expect(await client.list({ mask: "a" })).toEqual({ name: ["a"] });
    const failure = await client
      .list({ mask: "!" })
      .catch((error) => error as unknown);
    expect(MiniError.is(failure)).toBe(true);
    expect(failure).toMatchObject({
      error: 15,
      errorName: "Busy",
      text: "later",
      result: { name: ["one"] },
    });
    await expect(client.wait({})).rejects.toMatchObject({
      errorName: "InvalidMethod",
      text: "invalid RPC method",
    });
    expect(pair.errors).toEqual([]);
  });

  it("subscriptions are taken, told, stopped, and left", async () => {
    const told = gate();
    let subscribed = 0;
    await using pair = await both(
      {
        async *asyncWait({ name }: { name: string[] }, { signal }) {
          subscribed += 1;
          try {
            for (const one of name) yield { name: one, state: "stopped" };
            await told.opened;
            for (const one of name) yield { name: one, state: "dead" };
            // Until somebody stops it.
            await sleep(2 ** 30, undefined, { signal });
          } finally {
            subscribed -= 1;
          }
        },
      },
      await open(),
    );
    const { client } = pair;
    const [one, other] = [
      client.asyncWait({ name: ["a"], timeout_ms: 100_000 }),
      client.asyncWait({ name: ["b"] }),
    ];
    expect((await one.next()).value).toEqual({ name: "a", state: "stopped" });
    expect((await other.next()).value).toEqual({ name: "b", state: "stopped" });
    told.open();
    expect((await one.next()).value).toEqual({ name: "a", state: "dead" });
    expect((await other.next()).value).toEqual({ name: "b", state: "dead" });
    await client.stopAsyncWait({ name: ["a"] });
    expect(await one.next()).toMatchObject({ done: true });
    await until(() => subscribed === 1);
    await expect(client.stopAsyncWait({ name: ["a"] })).rejects.toMatchObject({
      errorName: "InvalidValue",
      text: "Waiter not found",
    });
    await other.return();
    await until(() => subscribed === 0);
    expect(pair.errors).toEqual([]);
  });

  it("what lives as long as its client goes with it, and not before", async () => {
    const weak = new Map<string, EnvelopeConnection>();
    await using pair = await both(
      {
        create({ name }: { name: string }, { connection }) {
          weak.set(name, connection);
          connection.signal.addEventListener("abort", () => weak.delete(name));
        },
        wait: () => new Promise(() => {}),
        version: () => ({}),
      },
      await open(),
    );
    const { client, server } = pair;
    await client.create({ name: "a" });
    await client.create({ name: "b" });
    expect(weak.get("a")).toBe(weak.get("b"));
    const limit = new AbortController();
    const waiting = client.wait({}, { signal: limit.signal });
    await client.version();
    limit.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    expect([...weak.keys()]).toEqual(["a", "b"]);
    await client.$close();
    await until(() => weak.size === 0);
    await server.close({ timeout: 0 });
    expect(pair.errors).toEqual([]);
  });
});
