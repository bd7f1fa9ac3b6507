import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { Client, VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import type { ConnectOptions } from "../../../src/runtime/varlink/options.ts";
import type {
  JsonObject,
  MethodTypes,
  Upgraded,
  UpgradeMethod,
} from "../../../src/runtime/varlink/types.ts";
import { take } from "../../support/bytes.ts";
import { matching } from "../../support/matching.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  startPeer,
  turns,
} from "../../support/peer.ts";

let peer: Peer;
let client: VarlinkClient;

async function open(
  options: ConnectOptions = {},
  single = false,
): Promise<void> {
  peer = await startPeer(memoryEndpoint());
  client = await VarlinkClient.connect({ ...peer.endpoint, single }, options);
}

async function upgrade(): Promise<{
  readonly upgraded: Upgraded<JsonObject>;
  readonly other: PeerConnection;
}> {
  const called = client.upgrade("a.b.Shell");
  const other = await peer.accept();
  await other.answer({});
  return { upgraded: await called, other };
}

afterEach(async () => {
  await client.close();
  await peer.close();
});

describe("a reply to an upgrade", () => {
  it("that is an error leaves the connection to others", async () => {
    await open();
    const refused = failure(client.upgrade("a.b.Shell"));
    const other = await peer.accept();
    await other.call();
    other.send({ error: "a.b.Denied", parameters: { why: "no" } });
    const error = await refused;
    expect(VarlinkError.is(error)).toBe(true);
    expect(error).toMatchObject({
      error: "a.b.Denied",
      parameters: { why: "no" },
      method: "a.b.Shell",
    });
    const next = client.call("a.b.C");
    await other.answer({ ok: true });
    expect(await next).toEqual({ ok: true });
    expect(peer.accepted).toBe(1);
  });

  it("that continues breaks the protocol", async () => {
    await open();
    const called = failure(client.upgrade("a.b.Shell"));
    const other = await peer.accept();
    await other.call();
    other.send({ parameters: {}, continues: true });
    expect(await called).toMatchObject({ code: "PROTOCOL" });
    await other.ended;
  });

  it("that does not fit is an error, and closes what was upgraded", async () => {
    await open({ replies: "strict" });
    const typed = new Shell(client);
    const called = failure(typed.shell.upgrade({ command: "ls" }));
    const other = await peer.accept();
    expect(await other.call()).toEqual({
      method: "com.example.Shell",
      parameters: { command: "ls" },
      upgrade: true,
    });
    other.reply({ id: 5 });
    expect(await called).toMatchObject({ code: "INVALID_REPLY" });
    await other.ended;
  });

  it("that fits has its types", async () => {
    await open();
    const typed = new Shell(client);
    expect(
      await failure(typed.shell.upgrade({ command: 5 as never })),
    ).toMatchObject({ code: "INVALID_INPUT" });
    const called = typed.shell.upgrade({ command: "ls" });
    const other = await peer.accept();
    await other.answer({ id: "7" });
    const { output, stream } = await called;
    const id: string = output.id;
    expect(id).toBe("7");
    stream.write("x");
    expect(String(await take(other.raw(), 1))).toBe("x");
  });
});

describe("the connections of a client", () => {
  it("are used up by upgrades until these are given back", async () => {
    await open({ maxConnections: 1 });
    const { upgraded, other } = await upgrade();
    let answered = false;
    const waiting = client.call("a.b.C").then(() => (answered = true));
    await turns(10);
    expect(other.unread).toBe(0);
    expect(answered).toBe(false);
    upgraded.release();
    await other.answer({});
    await waiting;
    expect(peer.accepted).toBe(1);
  });

  it("are replaced when an upgraded one is closed", async () => {
    await open({ maxConnections: 1 });
    const { upgraded, other } = await upgrade();
    const waiting = client.call("a.b.C");
    upgraded.stream.destroy();
    await other.ended;
    await (await peer.accept()).answer({});
    await waiting;
  });

  it("are busy while the only one is upgraded", async () => {
    await open({}, true);
    const called = client.upgrade("a.b.Shell");
    const busy = await failure(client.call("a.b.C"));
    expect(busy).toMatchObject({
      code: "CONNECTION_BUSY",
      message: matching(/an upgrade is using it/),
    });
    const other = await peer.accept();
    await other.answer({});
    const upgraded = await called;
    expect(await failure(client.call("a.b.C"))).toMatchObject({
      code: "CONNECTION_BUSY",
    });
    upgraded.release();
    const next = client.call("a.b.C");
    await other.answer({});
    await next;

    const refused = failure(client.upgrade("a.b.Shell"));
    await other.call();
    other.send({ error: "a.b.Denied" });
    await refused;
    const last = client.call("a.b.C");
    await other.answer({});
    await last;
  });

  it("are not upgraded in a pipeline", async () => {
    await open();
    const other = await peer.accept();
    await client.pipeline(async (pipeline) => {
      expect(await failure(pipeline.upgrade("a.b.Shell"))).toMatchObject({
        code: "INVALID_INPUT",
        message: matching(/outside of the pipeline/),
      });
      const call = pipeline.call("a.b.C");
      expect((await other.answer({})).method).toBe("a.b.C");
      await call;
    });
  });

  it("tell of the upgrade, and of its end as of no mistake", async () => {
    const seen: (readonly [string, object])[] = [];
    const listener = (message: unknown, name: string | symbol): void => {
      seen.push([String(name), { ...(message as object) }]);
    };
    const channels = [
      "portolan:varlink:call:start",
      "portolan:varlink:call:end",
      "portolan:connection:close",
    ];
    for (const name of channels) subscribe(name, listener);
    try {
      await open();
      const { upgraded, other } = await upgrade();
      upgraded.stream.end();
      upgraded.stream.resume();
      other.end();
      await other.closed;
      await turns(3);
      const call = {
        method: "a.b.Shell",
        mode: "upgrade",
        address: "memory:",
      };
      expect(seen).toEqual([
        ["portolan:varlink:call:start", call],
        ["portolan:varlink:call:end", call],
        ["portolan:connection:close", { address: "memory:" }],
      ]);
    } finally {
      for (const name of channels) unsubscribe(name, listener);
    }
  });
});

describe("an upgrade is given up", () => {
  it("by its signal, up to the reply", async () => {
    await open();
    const controller = new AbortController();
    const { signal } = controller;
    const called = failure(client.upgrade("a.b.Shell", {}, { signal }));
    const other = await peer.accept();
    await other.call();
    controller.abort("enough");
    expect(await called).toMatchObject({ code: "ABORTED", cause: "enough" });
    await other.ended;

    const later = new AbortController();
    const confirmed = client.upgrade("a.b.Shell", {}, { signal: later.signal });
    const next = await peer.accept();
    await next.answer({});
    const { stream } = await confirmed;
    later.abort();
    await turns(3);
    next.write("on");
    expect(String(await take(stream, 2))).toBe("on");
  });

  it("by its timeout, which is for the reply", async () => {
    await open();
    const called = failure(client.upgrade("a.b.Shell", {}, { timeout: 5 }));
    const other = await peer.accept();
    expect(await called).toMatchObject({ code: "TIMEOUT" });
    await other.ended;
  });

  it.each([{ drain: false }, { drain: true }])(
    "when the client is closed with %o",
    async (options) => {
      await open();
      const { upgraded, other } = await upgrade();
      const pending = failure(client.upgrade("a.b.Other"));
      await (await peer.accept()).call();
      const closed = client.close(options);
      expect(await pending).toMatchObject({ code: "CLOSED" });
      await closed;
      await other.ended;
      expect(upgraded.stream.errored).toMatchObject({ code: "CLOSED" });
      upgraded.release();
      expect(await failure(client.upgrade("a.b.Shell"))).toMatchObject({
        code: "CLOSED",
      });
    },
  );

  it("when its connection is lost, unless it may be made again", async () => {
    await open();
    const lost = failure(client.upgrade("a.b.Shell"));
    const first = await peer.accept();
    await first.call();
    first.destroy();
    expect(await lost).toMatchObject({ code: "CONNECTION_LOST" });

    const again = client.upgrade("a.b.Shell", {}, { idempotent: true });
    const second = await peer.accept();
    await second.call();
    second.destroy();
    const third = await peer.accept();
    await third.answer({ id: "2" });
    const { output, stream } = await again;
    expect(output).toEqual({ id: "2" });
    // Not after the reply.
    third.destroy();
    stream.resume();
    stream.write("x");
    await new Promise((resolve) => stream.once("close", resolve));
    await turns(5);
    expect(peer.accepted).toBe(3);
  });
});

const descriptor: InterfaceDescriptor = {
  interface: "com.example",
  types: {},
  methods: {
    Shell: {
      input: { command: "string" },
      output: { id: "string" },
      upgrade: "required",
    },
  },
  errors: {},
  description: [],
};

interface ShellTypes extends MethodTypes {
  readonly input: { readonly command: string };
  readonly output: { readonly id: string };
}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as generated code does it: the base class makes the methods
interface Shell {
  readonly shell: UpgradeMethod<ShellTypes>;
}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
class Shell extends Client {
  static override readonly descriptor: InterfaceDescriptor = descriptor;
}
