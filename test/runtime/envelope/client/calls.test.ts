import { afterEach, describe, expect, it } from "vitest";
import type { PortolanError } from "../../../../src/runtime/errors.ts";
import type { EnvelopeConnectOptions } from "../../../../src/runtime/envelope/client/options.ts";
import { EnvelopeError } from "../../../../src/runtime/envelope/error.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { matching } from "../../../support/matching.ts";
import {
  failure,
  type Place,
  transports,
  turns,
} from "../../../support/peer.ts";
import {
  Code,
  framed,
  MiniClient,
  MiniError,
  type Peer,
  startPeer,
} from "./support.ts";

let place: Place;
let peer: Peer;
let client: MiniClient;
const reported: PortolanError[] = [];

async function start(
  make: () => Promise<Place> = () =>
    Promise.resolve({
      endpoint: memoryEndpoint(),
      remove: () => Promise.resolve(),
    }),
  options: EnvelopeConnectOptions = {},
): Promise<void> {
  reported.length = 0;
  place = await make();
  peer = await startPeer(place.endpoint);
  client = await MiniClient.connect(place.endpoint, {
    onProtocolError: (error) => reported.push(error),
    ...options,
  });
}

afterEach(async () => {
  await client.$close();
  await peer.close();
  await place.remove();
});

describe.each(transports)("calls over %s", (_name, make) => {
  it("resolve with the result of the same name", async () => {
    await start(make);
    const call = client.list({ mask: "*" });
    const connection = await peer.accept();
    expect(await connection.request()).toEqual({
      command: "List",
      input: { mask: "*" },
    });
    connection.reply({ List: { name: ["a", "b"] }, time: 5 });
    expect(await call).toEqual({ name: ["a", "b"] });
  });

  it("give the whole response when asked for", async () => {
    await start(make);
    const call = client.list.reply();
    const connection = await peer.accept();
    await connection.answer({
      List: { name: [] },
      time: 5,
      more: "known later",
    });
    expect(await call).toEqual({
      result: { name: [] },
      response: {
        error: 0,
        text: "",
        List: { name: [] },
        time: 5,
        more: "known later",
      },
    });
  });

  it("fill in a result that was left out, and give none where there is none", async () => {
    await start(make);
    const list = client.list();
    const connection = await peer.accept();
    await connection.answer();
    expect(await list).toEqual({ list: [] });
    const create = client.create({ name: "a" });
    await connection.answer();
    expect(await create).toBeUndefined();
  });

  it("take pushes between replies for nobody's reply", async () => {
    await start(make);
    const call = client.list();
    const connection = await peer.accept();
    await connection.request();
    connection.send(
      { error: 0, Watch: { name: "x", state: "dead" } },
      { error: 0, text: "", List: { name: ["a"] } },
    );
    expect(await call).toEqual({ name: ["a"] });
    expect(reported).toMatchObject([
      { code: "PROTOCOL", message: matching(/pushed Watch/) },
    ]);
  });

  it("are lost with their connection, before and in the middle of a reply", async () => {
    await start(make);
    const calls = [client.create(), client.create()];
    const [one, two] = [await peer.accept(), await peer.accept()];
    await one.request();
    await two.request();
    one.end();
    two.write(framed({ error: 0, text: "a long text" }).subarray(0, 9));
    two.end();
    expect(await failure(calls[0] ?? Promise.resolve())).toMatchObject({
      code: "CONNECTION_LOST",
      message: matching(/before Create was answered/),
    });
    expect(await failure(calls[1] ?? Promise.resolve())).toMatchObject({
      code: "CONNECTION_LOST",
      message: matching(/in the middle of a message/),
    });
  });
});

describe("errors", () => {
  it("have code, name, text, partial result and response", async () => {
    await start();
    const call = client.wait({ name: ["a"], timeout: 0 });
    const connection = await peer.accept();
    await connection.request();
    connection.send({ error: 4, text: "no a", Wait: { name: "a" }, time: 7 });
    const error = await failure(call);
    expect(error).toMatchObject({
      code: "ENVELOPE_ERROR",
      name: "NotFound",
      errorName: "NotFound",
      error: 4,
      text: "no a",
      message: "no a, in answer to Wait",
      method: "Wait",
      service: "Mini",
      result: { name: "a" },
      response: { error: 4, time: 7 },
    });
    expect(MiniError.is(error)).toBe(true);
    expect(error instanceof MiniError).toBe(true);
    expect(EnvelopeError.is(error)).toBe(true);
  });

  it("are what an absent code means", async () => {
    await start();
    const call = client.create({ name: "a" });
    const connection = await peer.accept();
    await connection.request();
    connection.send({});
    expect(await failure(call)).toMatchObject({
      error: Code.Lost,
      errorName: "Lost",
      text: "",
      message: "Lost, in answer to Create",
    });
  });

  it("keep a code that has no name", async () => {
    await start();
    const call = client.create({});
    const connection = await peer.accept();
    await connection.request();
    connection.send({ error: 999, text: "new" });
    expect(await failure(call)).toMatchObject({ error: 999, name: "999" });
  });

  it("are of one service, whichever copy of the class made them", () => {
    class OtherError extends EnvelopeError {
      static override readonly service = "Other";
    }
    const error = new MiniError(Code.NotFound, "gone", {
      result: { name: "a" },
    });
    expect(error).toMatchObject({
      message: "gone",
      service: "Mini",
      result: { name: "a" },
    });
    expect("response" in error || "method" in error).toBe(false);
    expect(OtherError.is(error)).toBe(false);
    expect(MiniError.is(new OtherError(1))).toBe(false);
    expect(MiniError.is(new Error("x"))).toBe(false);
    const cause = new Error("why");
    expect(new MiniError(Code.Unknown, "", { cause }).cause).toBe(cause);
    expect(new OtherError(7).message).toBe("7");
  });

  it("leave the connection in use", async () => {
    await start();
    const call = client.create({});
    const connection = await peer.accept();
    await connection.request();
    connection.send({ error: 4 });
    await failure(call);
    await turns(4);
    const next = client.create({});
    await connection.answer();
    await next;
    expect(peer.accepted).toBe(1);
  });
});

describe("inputs", () => {
  it("that do not fit are told by the promise, and nothing is sent", async () => {
    await start();
    const connection = await peer.accept();
    expect(await failure(client.create({ wrong: 1 }))).toMatchObject({
      code: "INVALID_INPUT",
    });
    for (const input of [null, 5, "text", ["a"]]) {
      expect(await failure(client.create(input as never))).toMatchObject({
        code: "INVALID_INPUT",
        message: "the input of Create must be an object",
      });
      expect(await failure(client.stopWatch(input as never))).toMatchObject({
        code: "INVALID_INPUT",
      });
    }
    await turns(3);
    expect(connection.unread).toBe(0);
    expect(peer.accepted).toBe(1);
  });

  it("that are too large are refused before they are sent", async () => {
    await start(undefined, { maxRequestSize: 100 });
    const connection = await peer.accept();
    expect(
      await failure(client.create({ name: "x".repeat(100) })),
    ).toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: matching(/the request of Create has \d+ bytes; .*100/),
    });
    expect(connection.unread).toBe(0);
    const call = client.create({ name: "x" });
    await connection.answer();
    await call;
  });

  it("may be left out", async () => {
    await start();
    const call = client.list();
    expect(await (await peer.accept()).answer()).toEqual({
      command: "List",
      input: {},
    });
    await call;
  });
});

describe("replies", () => {
  it("that cannot be read fail their call with the cause, and end the connection", async () => {
    await start();
    const call = client.create({});
    const connection = await peer.accept();
    await connection.request();
    connection.write(framed(Buffer.from("nonsense")));
    expect(await failure(call)).toMatchObject({
      code: "INVALID_REPLY",
      message: matching(/not JSON \(memory:, in answer to Create\)/),
      cause: { code: "MALFORMED_MESSAGE" },
    });
    await connection.ended;
  });

  it("that are too large, or have no length, fail their call", async () => {
    await start(undefined, { maxMessageSize: 50 });
    const first = client.create({});
    const one = await peer.accept();
    await one.request();
    one.send({ error: 0, text: "x".repeat(50) });
    expect(await failure(first)).toMatchObject({ code: "LIMIT_EXCEEDED" });
    const second = client.create({});
    const two = await peer.accept();
    await two.request();
    two.write(Buffer.alloc(10, 0xff));
    expect(await failure(second)).toMatchObject({ code: "PROTOCOL" });
  });

  it("that come twice close the connection and are reported", async () => {
    await start();
    const call = client.create({});
    const connection = await peer.accept();
    await connection.request();
    connection.send({ error: 0 }, { error: 0 });
    await call;
    await connection.ended;
    expect(reported).toMatchObject([
      { code: "PROTOCOL", message: matching(/after its reply to Create/) },
    ]);
    const next = client.create({});
    await (await peer.accept()).answer();
    await next;
  });

  it("are delivered even if the service ends with them", async () => {
    await start();
    const call = client.list();
    const connection = await peer.accept();
    await connection.request();
    connection.reply({ List: { name: ["last"] } });
    connection.end();
    expect(await call).toEqual({ name: ["last"] });
    expect(reported).toEqual([]);
  });
});

describe("a client", () => {
  it("lets a call that blocks stall no other", async () => {
    await start();
    const wait = client.wait({ name: ["a"] });
    const one = await peer.accept();
    await one.request();
    const list = client.list();
    const two = await peer.accept();
    await two.answer({ List: { name: [] } });
    await list;
    one.reply({ Wait: { name: "a" } });
    expect(await wait).toEqual({ name: "a" });
  });

  it("opens no more connections than allowed, and queues no more calls", async () => {
    await start(undefined, { maxConnections: 1, maxQueuedCalls: 1 });
    const connection = await peer.accept();
    const calls = [client.create({ name: "a" }), client.create({ name: "b" })];
    expect(await failure(client.create({ name: "c" }))).toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: matching(/maxQueuedCalls/),
    });
    expect((await connection.answer()).input).toEqual({ name: "a" });
    expect((await connection.answer()).input).toEqual({ name: "b" });
    await Promise.all(calls);
    expect(peer.accepted).toBe(1);
  });

  it("writes the calls of a pipeline in one go, and takes their replies in order", async () => {
    await start();
    const connection = await peer.accept();
    const results = client.$pipeline((one) =>
      Promise.all([one.create({ name: "a" }), one.list(), one.list()]),
    );
    expect((await connection.request()).command).toBe("Create");
    expect((await connection.request()).command).toBe("List");
    expect((await connection.request()).command).toBe("List");
    connection.send(
      { error: 0 },
      { error: 0, List: { name: ["1"] } },
      { error: 0, List: { name: ["2"] } },
    );
    expect(await results).toEqual([
      undefined,
      { name: ["1"] },
      { name: ["2"] },
    ]);
    expect(peer.accepted).toBe(1);
  });

  it("is made by connect alone", () => {
    expect(() => new MiniClient({} as never)).toThrow(/MiniClient\.connect/);
  });

  it("has its commands on the prototype, and is no thenable", async () => {
    await start();
    expect(Object.keys(client)).toEqual([]);
    expect("then" in client).toBe(false);
    expect(client.create).toBe(client.create);
    expect(client.$address).toBe("memory:");
  });
});
