import { createServer, type Server, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  PortolanError,
  VarlinkClient,
  VarlinkError,
  VarlinkServer,
} from "../../../src/runtime/index.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { Client } from "../../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import type { Handler, Method } from "../../../src/runtime/varlink/types.ts";
import * as bigint from "../../types/generated/bigint/index.ts";

const MAX = 2n ** 64n - 1n;
const MIN = -(2n ** 63n);
const info = {
  vendor: "Portolan",
  product: "Test",
  version: "1",
  url: "https://example.org",
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const description: InterfaceDescriptor = {
  interface: "org.example.exact",
  int: "bigint",
  types: { Limit: { soft: "int", hard: "?int", notes: "[string]string" } },
  methods: {
    Echo: {
      input: { n: "int", limit: "?Limit", free: "?object" },
      output: { n: "int", limit: "?Limit", free: "?object" },
    },
    Count: { input: { from: "int", to: "int" }, output: { n: "int" } },
    Fail: { input: { n: "int" }, output: {} },
  },
  errors: { Exceeded: { by: "int", all: "[]int" } },
  description: ["interface org.example.exact", ""],
};

interface Limit {
  readonly soft: bigint;
  readonly hard?: bigint | null | undefined;
  readonly notes: { readonly [key: string]: string };
}
interface Value {
  readonly n: bigint;
  readonly limit?: Limit | null | undefined;
  readonly free?: object | null | undefined;
}
interface Echo {
  readonly input: Value;
  readonly output: Value;
}
interface Count {
  readonly input: { readonly from: bigint; readonly to: bigint };
  readonly output: { readonly n: bigint };
}
interface Fail {
  readonly input: { readonly n: bigint };
  readonly output: { readonly [key: string]: never };
}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as generated code does it: the base class makes the methods
interface ExactClient {
  readonly echo: Method<Echo>;
  readonly count: Method<Count>;
  readonly fail: Method<Fail>;
}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
class ExactClient extends Client {
  static override readonly descriptor: InterfaceDescriptor = description;
}

interface Handlers {
  readonly echo?: Handler<Echo>;
  readonly count?: Handler<Count>;
  readonly fail?: Handler<Fail>;
}

async function serve(
  handlers: Handlers,
  onError: (error: unknown) => void = () => {},
): Promise<Endpoint> {
  const server = new VarlinkServer({ ...info, onError });
  server.add(service(description, handlers));
  const at = memoryEndpoint();
  await server.listen(at);
  closing.push(() => server.close());
  return at;
}

async function connect(
  at: Endpoint | string,
  options: { readonly replies?: "lenient" | "strict" } = {},
): Promise<ExactClient> {
  const client = await ExactClient.connect(at, options);
  closing.push(() => client.$close());
  return client;
}

/** A peer that notes every message and answers each with the same text. */
async function rawPeer(
  reply: string,
): Promise<{ readonly address: string; readonly received: string[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), "portolan-exact-"));
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let text = "";
    sockets.add(socket);
    socket.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      const messages = text.split("\0");
      text = messages.pop() ?? "";
      for (const message of messages) {
        received.push(message);
        socket.write(`${reply}\0`);
      }
    });
  });
  const file = path.join(folder, "s");
  await new Promise<void>((resolve) => server.listen(file, resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });
  return { address: `unix:${file}`, received };
}

describe("with a peer that writes its own digits", () => {
  const digits = `{"parameters":{"n":18446744073709551615,"limit":{"soft":9007199254740993,"hard":"-9223372036854775808","notes":null},"free":{"n":18446744073709551615}}}`;

  it.each(["lenient", "strict"] as const)(
    "a client reads every digit and writes every digit, %s",
    async (replies) => {
      const reply =
        replies === "strict" ? digits.replace("null", "{}") : digits;
      const { address, received } = await rawPeer(reply);
      const client = await connect(address, { replies });
      const value = {
        n: MIN,
        limit: { soft: MAX, hard: null, notes: { "18446744073709551615": "" } },
        free: { n: 1.5, big: [MAX, { small: 5n }] },
      };
      expect(await client.echo(value)).toEqual({
        n: MAX,
        limit: { soft: 9007199254740993n, hard: MIN, notes: {} },
        free: { n: MAX },
      });
      expect(received).toEqual([
        `{"method":"org.example.exact.Echo","parameters":{"n":-9223372036854775808,"limit":{"soft":18446744073709551615,"notes":{"18446744073709551615":""}},"free":{"n":1.5,"big":[18446744073709551615,{"small":5}]}}}`,
      ]);
    },
  );

  it("members that the interface does not know pass, with or without ints beside", async () => {
    const { address, received } = await rawPeer("{}");
    const client = await connect(address);
    const extra = { n: 1n, "a b": ["x"], gone: undefined };
    await client.echo(extra);
    expect(received).toEqual([
      `{"method":"org.example.exact.Echo","parameters":{"n":1,"a b":["x"]}}`,
    ]);
  });

  it.each([
    [{ n: MAX + 1n }, "n: expected an int of 64 bits, got a bigint"],
    [{ n: MIN - 1n }, "n: expected an int of 64 bits, got a bigint"],
    [
      { n: 1n, limit: { soft: 2n ** 100n, notes: {} } },
      "limit.soft: expected an int of 64 bits",
    ],
    [{ n: 1 }, "n: expected an int as a bigint, got a number"],
    [{ n: Number.NaN }, "n: expected an int as a bigint, got NaN"],
    [{ n: Infinity }, "n: expected an int as a bigint, got an infinite number"],
    [{ n: "1" }, "n: expected an int as a bigint, got a string"],
    [{}, "n: missing, expected an int"],
    [
      { n: 1n, free: { n: MAX + 1n } },
      "free.n: expected an int of 64 bits, got a bigint",
    ],
    [{ n: 1n, other: 1n }, "other: JSON cannot carry a bigint"],
  ])("a client does not send %o", async (input, message) => {
    const { address, received } = await rawPeer("{}");
    const client = await connect(address);
    const error: unknown = await client
      .echo(input as Value)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "INVALID_INPUT" });
    expect(String(error)).toContain(message);
    expect(received).toEqual([]);
  });

  it("a strict client refuses what is no int, by its path", async () => {
    const { address } = await rawPeer(
      `{"parameters":{"n":1,"limit":{"soft":18446744073709551616,"notes":{}}}}`,
    );
    const client = await connect(address, { replies: "strict" });
    await expect(client.echo({ n: 1n })).rejects.toMatchObject({
      code: "INVALID_REPLY",
      message: expect.stringContaining(
        "limit.soft: expected an int of 64 bits, got a number beyond that",
      ) as string,
    });
  });

  it("errors' parameters are exact, and their message shows them", async () => {
    const { address } = await rawPeer(
      `{"error":"org.example.exact.Exceeded","parameters":{"by":18446744073709551615,"all":[9007199254740993,"7"]}}`,
    );
    const client = await connect(address);
    const error: unknown = await client
      .echo({ n: 1n })
      .catch((reason: unknown) => reason);
    expect(VarlinkError.is(error) && error.parameters).toEqual({
      by: MAX,
      all: [9007199254740993n, 7n],
    });
    expect(String(error)).toContain(`"by":18446744073709551615`);
  });

  it("calls without a description write bigints, and read as JSON.parse does", async () => {
    const { address, received } = await rawPeer(digits);
    const client = await VarlinkClient.connect(address);
    closing.push(() => client.close());
    const reply = await client.call("a.b.C", { list: [MAX, { n: MIN }, "1"] });
    expect(reply["n"]).toBe(2 ** 64);
    expect(received).toEqual([
      `{"method":"a.b.C","parameters":{"list":[18446744073709551615,{"n":-9223372036854775808},"1"]}}`,
    ]);
    await expect(client.call("a.b.C", { n: MAX + 1n })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("between a client and a server", () => {
  it("calls carry every int, there and back", async () => {
    const at = await serve({ echo: (input) => input });
    const client = await connect(at);
    for (const n of [0n, -1n, 2n ** 53n - 1n, 2n ** 53n + 1n, MIN, MAX]) {
      const limit = { soft: n, notes: { a: "b" } };
      for (const value of [
        { n, limit },
        { n, limit: { ...limit, hard: n } },
      ])
        expect(await client.echo(value)).toEqual(value);
      // What is null may as well be absent, and comes as that.
      const value = { n, limit: { ...limit, hard: null }, free: null };
      expect(await client.echo(value)).toEqual({ n, limit });
    }
  });

  it("streams do", async () => {
    const at = await serve({
      *count({ from, to }) {
        for (let n = from; n < to; n += 1n) yield { n };
        return { n: to };
      },
    });
    const client = await connect(at);
    const seen: bigint[] = [];
    for await (const { n } of client.count.more({ from: MAX - 3n, to: MAX }))
      seen.push(n);
    expect(seen).toEqual([MAX - 3n, MAX - 2n, MAX - 1n, MAX]);
  });

  it("errors do, declared or passed on", async () => {
    const thrown: unknown[] = [
      new VarlinkError("org.example.exact.Exceeded", { by: MAX, all: [MIN] }),
      new VarlinkError("org.example.other.Gone", { id: MAX }),
    ];
    const reported: unknown[] = [];
    const at = await serve(
      {
        fail({ n }) {
          throw thrown[Number(n)];
        },
      },
      (error) => reported.push(error),
    );
    const client = await connect(at);
    await expect(client.fail({ n: 0n })).rejects.toMatchObject({
      parameters: { by: MAX, all: [MIN] },
    });
    // Nothing says what this one's parameters are: they are JSON.parse's.
    await expect(client.fail({ n: 1n })).rejects.toMatchObject({
      parameters: { id: 2 ** 64 },
    });
    expect(reported).toEqual([]);
  });

  it("a reply that does not fit is an internal error, and told by its path", async () => {
    const replies: unknown[] = [
      { n: MAX + 1n },
      { n: 1 },
      { n: 1n, limit: { soft: 1n, hard: MIN - 1n, notes: {} } },
    ];
    const reported: unknown[] = [];
    const at = await serve(
      { echo: ({ n }) => replies[Number(n)] as Value },
      (error) => reported.push(error),
    );
    const client = await connect(at);
    for (const index of replies.keys()) {
      await expect(client.echo({ n: BigInt(index) })).rejects.toMatchObject({
        error: "invalid.portolan.InternalError",
      });
    }
    expect(
      reported.map((error) => PortolanError.is(error) && error.message),
    ).toEqual([
      expect.stringContaining("n: expected an int of 64 bits"),
      expect.stringContaining("n: expected an int as a bigint, got a number"),
      expect.stringContaining("limit.hard: expected an int of 64 bits"),
    ]);
  });

  it("a server refuses what is no int with InvalidParameter", async () => {
    const at = await serve({ echo: (input) => input });
    const client = await connect(at);
    const { $connection } = client;
    for (const n of [1.5, "x", "1e3", true, 2 ** 65]) {
      await expect(
        $connection.call("org.example.exact.Echo", { n }),
      ).rejects.toMatchObject({ parameters: { parameter: "n" } });
    }
    const reply = await $connection.call("org.example.exact.Echo", {
      n: "9007199254740992",
    });
    expect(reply).toEqual({ n: 2 ** 53 });
  });
});

describe("generated code", () => {
  it("has exact ints at both ends, zeros among them", async () => {
    const seen: unknown[] = [];
    const server = new VarlinkServer(info);
    server.add(
      bigint.typesService({
        put(input) {
          seen.push(input);
          return { id: "" };
        },
        find: () => ({ units: [], total: MAX }),
        copy: ({ path: from }) => ({ size: from === "" ? MIN : 0n }),
      }),
    );
    const at = memoryEndpoint();
    await server.listen(at);
    closing.push(() => server.close());
    const client = await bigint.TypesClient.connect(at);
    closing.push(() => client.$close());

    expect(await client.find()).toEqual({ units: [], total: MAX });
    expect(await client.copy({ path: "" })).toEqual({ size: MIN });
    await client.put({
      unit: { scope: "user" },
      plain: {
        leaves: [{ value: MAX }, {}],
        data: { uuid: { high: MIN, low: 5n } },
      },
      any: MAX,
      nested: [{ a: MIN, b: null }, null],
    });
    expect(seen).toEqual([
      {
        unit: { scope: "user", name: "", tags: {} },
        plain: {
          leaf: { value: 0n, ratio: 0 },
          leaves: [
            { value: MAX, ratio: 0 },
            { value: 0n, ratio: 0 },
          ],
          data: { uuid: { high: MIN, low: 5 } },
        },
        any: MAX,
        nested: [{ a: MIN, b: null }, null],
      },
    ]);
  });
});
