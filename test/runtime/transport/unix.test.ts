import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import { connect, createServer } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openConnection } from "../../../src/runtime/transport/connect.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import {
  MAX_SOCKET_PATH,
  unixEndpoint,
} from "../../../src/runtime/transport/unix.ts";
import { failure, type Place, unixPlace } from "../../support/peer.ts";
import { matching } from "../../support/matching.ts";

let place: Place & { readonly folder: string };
let file: string;

beforeEach(async () => {
  place = await unixPlace();
  file = path.join(place.folder, "socket");
});

afterEach(() => place.remove());

async function listen(
  endpoint: Endpoint = unixEndpoint(file),
): Promise<() => Promise<void>> {
  const listener = await endpoint.listen((stream) =>
    stream.on("error", () => {}).end("hello"),
  );
  return () => listener.close();
}

/** What a client reads there. */
async function greeting(at: string = file): Promise<string> {
  const stream = await unixEndpoint(at).connect({});
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  stream.destroy();
  return text;
}

/** A socket file that nobody listens at, as a crashed server leaves it. */
async function makeStale(at: string): Promise<void> {
  const server = createServer();
  const elsewhere = `${at}-bound`;
  await new Promise<void>((resolve) => {
    server.listen(elsewhere, resolve);
  });
  // Closing removes the name it was bound to, and no other.
  await rename(elsewhere, at);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  expect((await lstat(at)).isSocket()).toBe(true);
}

describe("listening at a Unix socket", () => {
  it("serves, and leaves nothing behind", async () => {
    const close = await listen();
    expect(await greeting()).toBe("hello");
    expect(await readdir(place.folder)).toEqual(["socket"]);
    await close();
    expect(await readdir(place.folder)).toEqual([]);
  });

  it.each([
    ["", 0o600],
    [";mode=0660", 0o660],
    [";mode=666;other=1", 0o666],
  ])("gives it the permissions of %j", async (property, mode) => {
    const close = await listen(parseAddress(`unix:${file}${property}`));
    expect((await lstat(file)).mode & 0o777).toBe(mode);
    await close();
  });

  it("never shows the socket with other permissions, nor outside of a private folder", async () => {
    // Every state of the folder that can be seen while it is set up.
    const seen = new Set<string>();
    const watch = { on: true };
    const watcher = (async () => {
      while (watch.on) {
        for (const name of await readdir(place.folder)) {
          const stat = await lstat(path.join(place.folder, name)).catch(
            () => undefined,
          );
          if (stat === undefined) continue;
          const kind = stat.isSocket()
            ? "socket"
            : stat.isDirectory()
              ? "folder"
              : "other";
          seen.add(`${kind} ${(stat.mode & 0o777).toString(8)}`);
        }
      }
    })();
    const endpoint = unixEndpoint(file, { mode: 0o640 });
    for (let count = 0; count < 20; count++) await (await listen(endpoint))();
    watch.on = false;
    await watcher;
    for (const state of seen)
      expect(["socket 640", "folder 700"]).toContain(state);
  });

  it("replaces a stale socket", async () => {
    await makeStale(file);
    expect(await failure(unixEndpoint(file).connect({}))).toMatchObject({
      code: "ECONNREFUSED",
    });
    const close = await listen();
    expect(await greeting()).toBe("hello");
    expect(await readdir(place.folder)).toEqual(["socket"]);
    await close();
  });

  it("refuses a live one and leaves it alone", async () => {
    const close = await listen();
    expect(await failure(listen())).toMatchObject({
      code: "LISTEN_FAILED",
      message: matching(/another process listens/),
    });
    expect(await greeting()).toBe("hello");
    expect(await readdir(place.folder)).toEqual(["socket"]);
    await close();
  });

  it("lets one of many win, over nothing and over a stale socket", async () => {
    for (const stale of [false, true]) {
      if (stale) await makeStale(file);
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, () => listen()),
      );
      const won = attempts.filter((attempt) => attempt.status === "fulfilled");
      expect(won).toHaveLength(1);
      for (const attempt of attempts) {
        if (attempt.status === "rejected") {
          expect(attempt.reason).toMatchObject({ code: "LISTEN_FAILED" });
        }
      }
      expect(await greeting()).toBe("hello");
      expect(await readdir(place.folder)).toEqual(["socket"]);
      await won[0]?.value();
    }
  });

  it("waits for nobody who died while replacing a stale socket", async () => {
    await makeStale(file);
    const claim = path.join(place.folder, ".socket.claim");
    await link(file, claim);
    expect(await failure(listen())).toMatchObject({
      code: "LISTEN_FAILED",
      message: matching(/has begun to listen/),
    });
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now + 60_000);
    try {
      const close = await listen();
      expect(await greeting()).toBe("hello");
      expect(await readdir(place.folder)).toEqual(["socket"]);
      await close();
    } finally {
      clock.mockRestore();
    }
  });

  it("never removes what is not a socket", async () => {
    await writeFile(file, "precious");
    expect(await failure(listen())).toMatchObject({
      code: "LISTEN_FAILED",
      message: matching(/not a socket/),
    });
    expect(await readFile(file, "utf8")).toBe("precious");
    await rm(file);
    // Nor what has the name that stands for the right to remove a stale one.
    await makeStale(file);
    const claim = path.join(place.folder, ".socket.claim");
    await writeFile(claim, "precious");
    await utimes(claim, 0, 0);
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    try {
      expect(await failure(listen())).toMatchObject({
        code: "LISTEN_FAILED",
        message: matching(/\.socket\.claim is in the way/),
      });
    } finally {
      clock.mockRestore();
    }
    expect(await readFile(claim, "utf8")).toBe("precious");
    await rm(claim);
    const folder = path.join(place.folder, "folder");
    await mkdir(folder);
    expect(await failure(listen(unixEndpoint(folder)))).toMatchObject({
      code: "LISTEN_FAILED",
    });
    expect((await readdir(place.folder)).sort()).toEqual(["folder", "socket"]);
  });

  it("does not remove a socket that took its place", async () => {
    const close = await listen();
    await rename(file, `${file}-moved`);
    const closeOther = await listen();
    await close();
    expect(await greeting()).toBe("hello");
    await closeOther();
  });

  it("removes nothing when it is closed again", async () => {
    const close = await listen();
    const bound = await lstat(file);
    await close();
    // A file of another process often gets the number that has become free.
    let closeOther = await listen();
    for (let count = 0; count < 50; count++) {
      if ((await lstat(file)).ino === bound.ino) break;
      await closeOther();
      closeOther = await listen();
    }
    await close();
    expect(await greeting()).toBe("hello");
    await closeOther();
  });

  it("removes it though the working directory is another one by then", async () => {
    const before = process.cwd();
    process.chdir(place.folder);
    try {
      const close = await listen(unixEndpoint("socket"));
      expect(await readdir(place.folder)).toEqual(["socket"]);
      process.chdir("/");
      await close();
    } finally {
      process.chdir(before);
    }
    expect(await readdir(place.folder)).toEqual([]);
  });

  it("says what is wrong with the folder", async () => {
    expect(
      await failure(listen(unixEndpoint(path.join(place.folder, "no", "x")))),
    ).toMatchObject({
      code: "LISTEN_FAILED",
      message: matching(/there is no folder/),
    });
    await writeFile(file, "");
    expect(
      await failure(listen(unixEndpoint(path.join(file, "x")))),
    ).toMatchObject({
      code: "LISTEN_FAILED",
    });
  });

  it("works at the longest path there is", async () => {
    if (process.platform !== "linux") return;
    const name = "x".repeat(MAX_SOCKET_PATH - place.folder.length - 1);
    const longest = path.join(place.folder, name);
    expect(Buffer.byteLength(longest)).toBe(MAX_SOCKET_PATH);
    const close = await listen(unixEndpoint(longest));
    expect(await greeting(longest)).toBe("hello");
    expect((await lstat(longest)).mode & 0o777).toBe(0o600);
    expect(await readdir(place.folder)).toEqual([name]);
    await close();
    expect(await readdir(place.folder)).toEqual([]);
  });

  it("keeps open connections when it closes", async () => {
    const held: string[] = [];
    const listener = await unixEndpoint(file).listen((stream) => {
      stream.on("data", (chunk: Buffer) => stream.write(chunk));
      held.push("one");
    });
    const stream = await unixEndpoint(file).connect({});
    stream.write("a");
    await new Promise((resolve) => {
      stream.once("data", resolve);
    });
    await listener.close();
    const answer = new Promise((resolve) => {
      stream.once("data", resolve);
    });
    stream.write("b");
    expect(String(await answer)).toBe("b");
    stream.destroy();
  });
});

function open(at: string): Promise<unknown> {
  return failure(openConnection(unixEndpoint(at), 5_000));
}

describe("connecting to a Unix socket", () => {
  it("says that there is none", async () => {
    expect(await open(file)).toMatchObject({
      code: "CONNECT_FAILED",
      message: matching(/no such socket; is the service running\? \(ENOENT\)/),
      cause: { code: "ENOENT" },
    });
  });

  it("says that nobody listens", async () => {
    await makeStale(file);
    expect(await open(file)).toMatchObject({
      code: "CONNECT_FAILED",
      message: matching(/nobody is listening.*ECONNREFUSED/),
      cause: { code: "ECONNREFUSED" },
    });
  });

  it("says that it may not", async () => {
    if (process.getuid?.() === 0) return;
    const close = await listen(unixEndpoint(file, { mode: 0o000 }));
    expect(await open(file)).toMatchObject({
      code: "CONNECT_FAILED",
      message: matching(/permission denied/),
    });
    await chmod(file, 0o600);
    await close();
  });

  it("waits while the backlog is full", async () => {
    // A server that does not accept: its process is this one, and busy.
    const server = createServer((socket) =>
      socket.on("error", () => {}).end("x"),
    );
    await new Promise<void>((resolve) => {
      server.listen({ path: file, backlog: 2 }, resolve);
    });
    const streams = await Promise.all(
      Array.from({ length: 40 }, () =>
        openConnection(unixEndpoint(file), 10_000),
      ),
    );
    expect(streams).toHaveLength(40);
    for (const stream of streams) stream.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  it("is aborted, before and meanwhile", async () => {
    const reason = new Error("enough");
    expect(
      await failure(
        openConnection(unixEndpoint(file), 1000, AbortSignal.abort(reason)),
      ),
    ).toMatchObject({ code: "ABORTED", cause: reason });
    const never: Endpoint = {
      address: "never:",
      connect: () => new Promise(() => {}),
      listen: () => Promise.reject(new Error("unused")),
    };
    const controller = new AbortController();
    const opening = failure(openConnection(never, Infinity, controller.signal));
    controller.abort(reason);
    expect(await opening).toMatchObject({ code: "ABORTED", cause: reason });
    expect(await failure(openConnection(never, 1))).toMatchObject({
      code: "TIMEOUT",
      message: matching(/never:.*1 ms/),
    });
  });

  it("closes a connection that comes after nobody waits for it", async () => {
    const close = await listen();
    const stream = connect(file);
    let give: (() => void) | undefined;
    const late: Endpoint = {
      address: "late:",
      connect: () =>
        new Promise((resolve) => {
          give = () => resolve(stream);
        }),
      listen: () => Promise.reject(new Error("unused")),
    };
    expect(await failure(openConnection(late, 1))).toMatchObject({
      code: "TIMEOUT",
    });
    const closed = new Promise((resolve) => {
      stream.on("close", resolve);
    });
    give?.();
    await closed;
    await close();
  });
});

describe("a path", () => {
  it.each([
    ["too long", `/${"x".repeat(MAX_SOCKET_PATH)}`, /bytes/],
    ["empty", "", /missing/],
    ["no name", "@", /missing/],
    ["two", "/a\0/b", /NUL/],
  ])("is refused at once where it is %s", (_, at, words) => {
    let error: unknown;
    try {
      unixEndpoint(at);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: "INVALID_ADDRESS",
      message: matching(words),
    });
  });
});

describe("an abstract name", () => {
  it("is reached by its exact bytes, or refused where Node pads it", async () => {
    if (process.platform !== "linux") return;
    const name = path.basename(place.folder);
    if (Number.parseInt(process.versions.node, 10) < 22) {
      expect(() => parseAddress(`unix:@${name}`)).toThrow(/use Node 22/);
      expect(() => unixEndpoint(`@${name}`)).toThrow(/use Node 22/);
      return;
    }
    const close = await listen(parseAddress(`unix:@${name}`));
    // The kernel shows the NUL before it as @, and any behind it too.
    const table = await readFile("/proc/net/unix", "utf8");
    expect(table.split("\n").some((row) => row.endsWith(` @${name}`))).toBe(
      true,
    );
    expect(await greeting(`@${name}`)).toBe("hello");
    expect(await failure(listen(parseAddress(`unix:@${name}`)))).toMatchObject({
      code: "LISTEN_FAILED",
      message: matching(/the name is in use/),
    });
    await close();
    expect(
      await failure(openConnection(parseAddress(`unix:@${name}`), 10_000)),
    ).toMatchObject({ code: "CONNECT_FAILED" });
  });
});
