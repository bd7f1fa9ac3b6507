import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import fc from "fast-check";
import { ErrorOccurred } from "portolan/podman/1.9";
import { afterEach, beforeEach, expect, it } from "vitest";
import { failure } from "../../../support/peer.ts";
import { all, type Bench, create, openBench } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

/** So many bytes of what comes, the rest left for who is next. */
async function takeBytes(
  stream: AsyncIterable<Buffer> & {
    readonly unshift: (chunk: Buffer) => void;
    readonly iterator: (options: {
      destroyOnReturn: boolean;
    }) => AsyncIterable<Buffer>;
  },
  length: number,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let missing = length;
  if (missing === 0) return Buffer.alloc(0);
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    parts.push(chunk.subarray(0, missing));
    const surplus = chunk.subarray(missing);
    missing -= chunk.length - surplus.length;
    if (surplus.length > 0) stream.unshift(surplus);
    if (missing === 0) break;
  }
  return Buffer.concat(parts);
}

/** Sends a file; the connection speaks Varlink again. */
async function sendFile(data: Buffer): Promise<string> {
  const sent = await bench.podman.sendFile.upgrade({
    type: "",
    length: data.length,
  });
  sent.stream.write(data);
  const file = sent.output.file_handle;
  const receipt = await takeBytes(sent.stream, file.length + 1);
  expect(receipt.toString()).toBe(`${file}:`);
  sent.release();
  return file;
}

async function receiveFile(file: string, remove = false): Promise<Buffer> {
  const received = await bench.podman.receiveFile.upgrade({
    path: file,
    delete: remove,
  });
  const data = await takeBytes(received.stream, received.output.len);
  received.release();
  return data;
}

it("what is sent comes back as it was, whatever it is", async () => {
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc
      .integer({ min: 0, max: 300_000 })
      .map((length) => new Uint8Array(length)),
  );
  await fc.assert(
    fc.asyncProperty(data, async (bytes) => {
      const file = await sendFile(Buffer.from(bytes));
      expect(readFileSync(file).equals(bytes)).toBe(true);
      expect((await receiveFile(file, true)).equals(bytes)).toBe(true);
      // Behind the bytes, and before anything else on this connection.
      expect(await failure(receiveFile(file))).toBeInstanceOf(ErrorOccurred);
      expect(existsSync(file)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

it("the next call may be glued behind the bytes, and is answered behind theirs", async () => {
  const data = Buffer.from("not varlink: \0{}\0");
  const call = (method: string, parameters: object, upgrade = false): string =>
    `${JSON.stringify({ method: `io.podman.${method}`, parameters, upgrade })}\0`;
  const socket = connect(bench.address.slice("unix:".length));
  const got = collector(socket);
  // All of it at once: the call, its bytes and what is called then.
  socket.write(
    Buffer.concat([
      Buffer.from(call("SendFile", { type: "", length: data.length }, true)),
      data,
      Buffer.from(call("ContainerExists", { name: "nope" })),
    ]),
  );
  const reply = JSON.parse(await got.until("\0")) as {
    readonly parameters: { readonly file_handle: string };
  };
  const file = reply.parameters.file_handle;
  expect(await got.until(":")).toBe(file);
  expect(await got.until("\0")).toBe('{"parameters":{"exists":1}}');
  expect(readFileSync(file).equals(data)).toBe(true);

  socket.write(
    call("ReceiveFile", { path: file, delete: false }, true) +
      call("ContainerExists", { name: "nope" }),
  );
  expect(await got.until("\0")).toBe(`{"parameters":{"len":${data.length}}}`);
  expect(await got.take(data.length)).toBe(data.toString());
  expect(await got.until("\0")).toBe('{"parameters":{"exists":1}}');
  socket.destroy();
});

it("a file that was not sent whole is not there", async () => {
  const { output, stream } = await bench.podman.sendFile.upgrade({
    type: "",
    length: 10,
  });
  stream.end("half");
  await expect(all(stream)).resolves.toEqual([]);
  expect(existsSync(output.file_handle)).toBe(false);
  expect(await failure(receiveFile(output.file_handle))).toBeInstanceOf(
    ErrorOccurred,
  );
});

it("only what came by SendFile, or was made for the client, is handed out", async () => {
  const file = await sendFile(Buffer.from("mine"));
  const folder = path.dirname(file);
  const secret = path.join(bench.folder, "secret");
  writeFileSync(secret, "not yours");
  symlinkSync(secret, path.join(folder, "link"));
  for (const wrong of [
    secret,
    "/etc/passwd",
    "",
    folder,
    path.join(folder, "link"),
    `${folder}/../${path.basename(folder)}/${path.basename(file)}`,
    `${file}\0`,
    `file://${file}`,
  ])
    expect(await failure(receiveFile(wrong)), wrong).toBeInstanceOf(
      ErrorOccurred,
    );
  expect((await receiveFile(file)).toString()).toBe("mine");
});

it("lengths that no file has are refused", async () => {
  const sent = bench.podman.sendFile.upgrade({ type: "", length: -1 });
  expect(await failure(sent)).toBeInstanceOf(ErrorOccurred);
});

it("the folder goes when the engine is closed, and with it what was in it", async () => {
  const file = await sendFile(Buffer.from("x"));
  await bench.engine.close();
  expect(existsSync(path.dirname(file))).toBe(false);
  const late = bench.podman.sendFile.upgrade({ type: "", length: 1 });
  expect(await failure(late)).toMatchObject({
    error: "io.podman.RuntimeError",
  });
});

it("an image is saved, fetched, sent back and loaded", async () => {
  const { podman } = bench;
  await podman.pullImage({ name: "alpine" });
  const { image: before } = await podman.getImage({ id: "alpine" });
  const saved = await all(
    podman.imageSave.more({ options: { name: "alpine" } }),
  );
  const { id: file } = saved.at(-1)?.reply ?? { id: "" };
  const archive = await receiveFile(file, true);
  await podman.removeImage({ name: "alpine", force: true });
  const sent = await sendFile(archive);
  const loaded = await all(
    podman.loadImage.more({
      name: "",
      inputFile: sent,
      quiet: false,
      deleteFile: true,
    }),
  );
  expect(loaded.at(-1)?.reply.id).toBe(before.repoTags.join(","));
  expect((await podman.getImage({ id: "alpine" })).image.id).toBe(before.id);
  expect(existsSync(sent)).toBe(false);
});

it("a container is exported to a file that may be fetched, or to a path that may not", async () => {
  await create(bench, "web");
  const { podman } = bench;
  const { tarfile } = await podman.exportContainer({ name: "web", path: "" });
  expect((await receiveFile(tarfile)).equals(readFileSync(tarfile))).toBe(true);
  const own = path.join(bench.folder, "web.tar");
  await podman.exportContainer({ name: "web", path: own });
  expect(await failure(receiveFile(own))).toBeInstanceOf(ErrorOccurred);
});

/** Reads a socket by marks and by numbers of characters. */
function collector(socket: AsyncIterable<Buffer>): {
  readonly until: (mark: string) => Promise<string>;
  readonly take: (length: number) => Promise<string>;
} {
  const chunks = socket[Symbol.asyncIterator]();
  let text = "";
  const more = async (): Promise<void> => {
    const step = await chunks.next();
    if (step.done === true) throw new Error(`the connection ended: ${text}`);
    text += step.value.toString();
  };
  const take = async (length: number): Promise<string> => {
    while (text.length < length) await more();
    const taken = text.slice(0, length);
    text = text.slice(length);
    return taken;
  };
  return {
    take,
    async until(mark) {
      while (!text.includes(mark)) await more();
      const taken = await take(text.indexOf(mark));
      await take(mark.length);
      return taken;
    },
  };
}
