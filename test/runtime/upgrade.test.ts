// Client and server together: what Podman's SendFile and ReceiveFile do.
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type PortolanError, VarlinkError } from "../../src/runtime/errors.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../src/runtime/varlink/descriptor.ts";
import { VarlinkServer } from "../../src/runtime/varlink/server.ts";
import { service } from "../../src/runtime/varlink/service.ts";
import type { Call, Stream } from "../../src/runtime/varlink/types.ts";
import { pattern, take, takeAll } from "../support/bytes.ts";
import { failure, type Place, transports } from "../support/peer.ts";

const descriptor: InterfaceDescriptor = {
  interface: "com.example.files",
  types: {},
  methods: {
    Send: {
      input: { length: "int" },
      output: { path: "string" },
      upgrade: "required",
    },
    Receive: {
      input: { path: "string" },
      output: { length: "int" },
      upgrade: "required",
    },
    Reverse: { input: {}, output: {}, upgrade: "supported" },
    List: { input: {}, output: { paths: "[]string" } },
  },
  errors: { NotFound: { path: "string" } },
  description: [],
};

/** All bytes, by the plainest loop there is. */
async function loop(stream: Duplex): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

class Files {
  readonly #files = new Map<string, Buffer>();

  send({ length }: { readonly length: number }, call: Call): unknown {
    const path = `/tmp/${this.#files.size}`;
    return call.upgraded({ path }, async (stream) => {
      this.#files.set(path, await take(stream, length));
      stream.write(`${path}:`);
    });
  }

  receive({ path }: { readonly path: string }, call: Call): unknown {
    const file = this.#files.get(path);
    if (file === undefined)
      throw new VarlinkError("com.example.files.NotFound", { path });
    return call.upgraded({ length: file.length }, (stream) => {
      stream.write(file);
    });
  }

  reverse(_input: object, call: Call): unknown {
    return call.upgraded({}, async (stream) => {
      const all = await loop(stream);
      stream.end(all.toReversed());
    });
  }

  *list(): Generator<object, void> {
    for (const path of this.#files.keys()) yield { paths: [path] };
  }
}

describe.each(transports)("files on %s", (name, make) => {
  const large = name.includes("byte by byte") ? 3_000 : 1024 * 1024;
  const problems: unknown[] = [];
  let place: Place;
  let server: VarlinkServer;
  let client: VarlinkClient;

  beforeEach(async () => {
    problems.length = 0;
    place = await make();
    server = new VarlinkServer({
      vendor: "",
      product: "",
      version: "",
      url: "",
      onError: (error) => problems.push(error),
      onProtocolError: (error) => problems.push(error),
    });
    server.add(service(descriptor, new Files()));
    await server.listen(place.endpoint);
    client = await VarlinkClient.connect(place.endpoint, {
      maxConnections: 1,
      onProtocolError: (error: PortolanError) => problems.push(error),
    });
  });

  afterEach(async () => {
    await client.close();
    await server.close();
    await place.remove();
    expect(problems).toEqual([]);
  });

  async function send(file: Buffer): Promise<string> {
    const sent = await client.upgrade("com.example.files.Send", {
      length: file.length,
    });
    sent.stream.write(file);
    const { path } = sent.output as { readonly path: string };
    expect(String(await take(sent.stream, path.length + 1))).toBe(`${path}:`);
    sent.release();
    return path;
  }

  async function receive(path: string): Promise<Buffer> {
    const received = await client.upgrade("com.example.files.Receive", {
      path,
    });
    const file = await take(received.stream, Number(received.output["length"]));
    received.release();
    return file;
  }

  it("go there and back, with calls between them, on one connection", async () => {
    for (const length of [0, 1, 100, large]) {
      const file = pattern(length);
      const path = await send(file);
      expect((await receive(path)).equals(file)).toBe(true);
      expect(
        await failure(
          client.upgrade("com.example.files.Receive", { path: "" }),
        ),
      ).toMatchObject({ error: "com.example.files.NotFound" });
      expect(
        await failure(client.call("com.example.files.Send", { length })),
      ).toMatchObject({ error: "org.varlink.service.ExpectedUpgrade" });
      const paths: unknown[] = [];
      const list: Stream<object> = client.more("com.example.files.List");
      for await (const item of list) paths.push(item);
      expect(paths.at(-1)).toEqual({ paths: [path] });
    }
    expect(server.connections).toBe(1);
  });

  it("can still be sent when all that came was looped over", async () => {
    const served: number[] = [];
    server.add(
      service(
        {
          ...descriptor,
          interface: "com.example.late",
          methods: { Late: { input: {}, output: {}, upgrade: "supported" } },
        },
        {
          late: (_input: object, call: Call) =>
            call.upgraded({}, async (stream) => {
              stream.end("all there is");
              served.push((await loop(stream)).length);
            }),
        },
      ),
    );
    const { stream } = await client.upgrade("com.example.late.Late");
    expect(String(await loop(stream))).toBe("all there is");
    const bytes = pattern(large);
    stream.end(bytes);
    await once(stream, "close");
    // The client is done when the system has the bytes, and the server some time later.
    await vi.waitFor(() => expect(served).toEqual([bytes.length]), 10_000);
  });

  it("go there and back to the end of each side", async () => {
    const bytes = pattern(large);
    const { stream } = await client.upgrade("com.example.files.Reverse");
    stream.end(bytes);
    const back = await takeAll(stream);
    expect(back.equals(bytes.toReversed())).toBe(true);
    if (!stream.closed) await once(stream, "close");
    // The connection is over; the client is not.
    expect(await receive(await send(Buffer.from("x")))).toEqual(
      Buffer.from("x"),
    );
  });
});
