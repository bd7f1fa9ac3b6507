import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rm,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import fc from "fast-check";
import {
  findService,
  listRegistry,
  registryEndpoint,
} from "../../../src/runtime/registry/lookup.ts";
import { isInterfaceName } from "../../../src/runtime/registry/names.ts";
import { publishService } from "../../../src/runtime/registry/publish.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { interfaceNameFault } from "../../../grammar/varlink/names.ts";
import { serve } from "../server/support.ts";

let folder = "";
const servers: Server[] = [];

const at = (...names: string[]): string => path.join(folder, ...names);

async function listen(file: string): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  server.listen(file);
  await once(server, "listening");
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "registry-"));
  await mkdir(at("registry"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

describe("names of interfaces", () => {
  test.each([
    "io.systemd.Hostname",
    "a.b",
    "a-b.c--d.0",
    `a.${"b".repeat(253)}`,
  ])("%s is one", (name) => expect(isInterfaceName(name)).toBe(true));

  test.each([
    "",
    ".",
    "..",
    "a",
    "a.",
    ".a",
    "a..b",
    "a.b/c",
    "../a.b",
    "a.b\0",
    "a.b\n",
    "a.-b",
    "a.b-",
    "1a.b",
    "a_b.c",
    "ä.b",
    "__proto__",
    `a.${"b".repeat(254)}`,
  ])("%j is none, wherever it is given", async (name) => {
    expect(isInterfaceName(name)).toBe(false);
    const directory = at("registry");
    const refused = { code: "INVALID_INPUT" };
    await expect(findService(name, { directory })).rejects.toMatchObject(
      refused,
    );
    await expect(
      publishService(name, "/tmp/x", { directory }),
    ).rejects.toMatchObject(refused);
    expect(() => registryEndpoint(name)).toThrow(/no name of an interface/);
  });

  test("are those of the grammar, in linear time", () => {
    const alphabet = fc.constantFrom("a", "Z", "0", "-", ".", "_", "/");
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (name) => {
        const right = interfaceNameFault(name) === undefined;
        expect(isInterfaceName(name)).toBe(right);
      }),
      { numRuns: 2000 },
    );
    expect(isInterfaceName(`a.${"a-".repeat(126)}`)).toBe(false);
  });
});

describe("what is registered", () => {
  test("are sockets and links to sockets, by names of interfaces", async () => {
    const directory = at("registry");
    await listen(at("socket"));
    await listen(at("registry", "org.example.direct"));
    await listen(at("registry", "socket"));
    await symlink(at("socket"), at("registry", "org.example.linked"));
    await symlink("../socket", at("registry", "org.example.relative"));
    await symlink("org.example.linked", at("registry", "org.example.again"));
    await symlink(at("socket"), at("registry", "__proto__"));
    await symlink(at("nowhere"), at("registry", "org.example.dangling"));
    await symlink("org.example.loop", at("registry", "org.example.loop"));
    await writeFile(at("registry", "org.example.file"), "");
    await mkdir(at("registry", "org.example.folder"));
    await mkdir(at("a;b"));
    await listen(at("a;b", "socket"));
    await symlink(at("a;b", "socket"), at("registry", "org.example.odd"));

    const entry = (name: string, socket: string): object => ({
      interface: `org.example.${name}`,
      address: `unix:${at(...socket.split("/"))}`,
      path: at("registry", `org.example.${name}`),
      scope: undefined,
    });
    const found = await listRegistry({ directory });
    expect(found).toEqual([
      entry("again", "socket"),
      entry("direct", "registry/org.example.direct"),
      entry("linked", "socket"),
      entry("odd", "registry/org.example.odd"),
      entry("relative", "socket"),
    ]);
    // Each address is one.
    for (const { address } of found)
      expect(parseAddress(address).address).toBe(address);
    for (const one of found)
      expect(await findService(one.interface, { directory })).toEqual(one);
    for (const name of ["dangling", "loop", "file", "folder", "none"])
      expect(
        await findService(`org.example.${name}`, { directory }),
      ).toBeUndefined();
  });

  test("is nothing where there is no registry", async () => {
    expect(await listRegistry({ directory: at("none") })).toEqual([]);
    expect(await findService("a.b", { directory: at("none") })).toBeUndefined();
    await expect(
      listRegistry({ directory: at("registry"), scope: "user" }),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(
      listRegistry({ scope: "all" as "user" }),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("the user's registry", () => {
  test("is in XDG_RUNTIME_DIR, and counts before the system's", async () => {
    vi.stubEnv("XDG_RUNTIME_DIR", folder);
    await mkdir(at("varlink", "registry"), { recursive: true });
    const file = at("varlink", "registry", "org.example.mine");
    await listen(file);
    const mine = {
      interface: "org.example.mine",
      address: `unix:${file}`,
      path: file,
      scope: "user",
    };
    expect(await listRegistry({ scope: "user" })).toEqual([mine]);
    expect(await listRegistry()).toContainEqual(mine);
    expect(await findService("org.example.mine")).toEqual(mine);
    expect(
      await findService("org.example.mine", { scope: "system" }),
    ).toBeUndefined();
  });

  test.each([undefined, "", "relative/run"])(
    "is none where XDG_RUNTIME_DIR is %j",
    async (value) => {
      vi.stubEnv("XDG_RUNTIME_DIR", value);
      await expect(listRegistry({ scope: "user" })).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
      const all = await listRegistry();
      expect(all.every(({ scope }) => scope === "system")).toBe(true);
    },
  );

  test("is not that of another user", async () => {
    await mkdir(at("varlink", "registry"), { recursive: true });
    await listen(at("varlink", "registry", "org.example.theirs"));
    vi.stubEnv("XDG_RUNTIME_DIR", folder);
    const uid = process.getuid?.() ?? 0;
    const spy = vi.spyOn(process, "getuid").mockReturnValue(uid + 1);
    try {
      await expect(listRegistry({ scope: "user" })).rejects.toThrow(
        /another user/,
      );
      expect(await findService("org.example.theirs")).toBeUndefined();
      await expect(
        publishService(
          "org.example.b",
          at("varlink", "registry", "org.example.theirs"),
          { scope: "user" },
        ),
      ).rejects.toThrow(/another user/);
    } finally {
      spy.mockRestore();
    }
  });
});

describe("a client by name", () => {
  test("finds who is registered, anew for each connection", async () => {
    const directory = at("registry");
    const echo = { echo: ({ text }: { text: string }) => ({ text }) };
    const endpoint = registryEndpoint("org.example.test", { directory });
    await expect(VarlinkClient.connect(endpoint)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      message: `cannot connect to registry:org.example.test: nobody is registered for org.example.test (looked in ${directory})`,
    });
    for (const name of ["one", "other"]) {
      await using served = await serve(echo, parseAddress(`unix:${at(name)}`));
      await using published = await publishService(
        "org.example.test",
        served.endpoint.address,
        { directory },
      );
      await using client = await VarlinkClient.connect(endpoint);
      const answer = await client.call("org.example.test.Echo", { text: name });
      expect(answer).toEqual({ text: name });
      expect(await readlink(published.path)).toBe(at(name));
    }
    expect(await readdir(directory)).toEqual([]);
    await expect(endpoint.listen(() => {})).rejects.toMatchObject({
      code: "LISTEN_FAILED",
    });
  });
});

describe("publishing", () => {
  const name = "org.example.demo";

  test("makes a link, and the folder for it, and removes the link", async () => {
    await listen(at("socket"));
    vi.stubEnv("XDG_RUNTIME_DIR", folder);
    const file = at("varlink", "registry", name);
    const published = await publishService(name, at("socket"), {
      scope: "user",
    });
    expect(published.path).toBe(file);
    expect((await lstat(at("varlink", "registry"))).mode & 0o777).toBe(0o700);
    expect(await readlink(file)).toBe(at("socket"));
    await published.close();
    await published.close();
    await expect(lstat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("takes an address, with its properties, and a listener", async () => {
    const directory = at("registry");
    await using served = await serve({}, parseAddress(`unix:${at("socket")}`));
    const listener = await served.server.listen(
      `unix:${at("other")};mode=0666`,
    );
    for (const [socket, target] of [
      [`unix:${at("socket")};mode=0660`, at("socket")],
      [at("socket"), at("socket")],
      [listener, at("other")],
    ] as const) {
      await using published = await publishService(name, socket, { directory });
      expect(await readlink(published.path)).toBe(target);
    }
  });

  test.each([
    "tcp:127.0.0.1:1",
    "unix:@abstract",
    "unix:",
    "socket",
    "",
    "x\0y",
  ])("refuses %j, which is no socket in the file system", async (socket) => {
    await expect(
      publishService(name, socket, { directory: at("registry") }),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("refuses what is not there, or is no socket", async () => {
    const directory = at("registry");
    await writeFile(at("file"), "");
    for (const [file, why] of [
      ["none", "listen first"],
      ["file", "is not a socket"],
    ] as const)
      await expect(
        publishService(name, at(file), { directory }),
      ).rejects.toMatchObject({
        code: "LISTEN_FAILED",
        message: expect.stringContaining(why) as string,
      });
    expect(await readdir(directory)).toEqual([]);
  });

  test("never replaces what somebody else has put there", async () => {
    const directory = at("registry");
    await listen(at("socket"));
    await listen(at("theirs"));
    const file = at("registry", name);
    for (const put of [
      () => symlink(at("theirs"), file),
      () => symlink(at("gone"), file),
      () => writeFile(file, "a file"),
      () => mkdir(file),
    ]) {
      await put();
      const before = await lstat(file, { bigint: true });
      await expect(
        publishService(name, at("socket"), { directory }),
      ).rejects.toMatchObject({
        code: "LISTEN_FAILED",
        message: expect.stringContaining("is there already") as string,
      });
      const after = await lstat(file, { bigint: true });
      expect(after.ino).toBe(before.ino);
      await rm(file, { recursive: true });
    }
  });

  test("takes over a link to the same socket, and removes no other one", async () => {
    const directory = at("registry");
    await listen(at("socket"));
    const file = at("registry", name);
    await symlink(at("socket"), file);
    const published = await publishService(name, at("socket"), { directory });
    await unlink(file);
    // The same in all but that somebody else has made it.
    await symlink(at("socket"), file);
    await published.close();
    expect(await readlink(file)).toBe(at("socket"));
    const again = await publishService(name, at("socket"), { directory });
    await again.close();
    expect(await readdir(directory)).toEqual([]);
  });

  test("is handed over: who had it before does not remove it any more", async () => {
    const directory = at("registry");
    await listen(at("socket"));
    const before = await publishService(name, at("socket"), { directory });
    const now = await publishService(name, at("socket"), { directory });
    await before.close();
    expect(await readlink(now.path)).toBe(at("socket"));
    expect(await readdir(directory)).toEqual([name]);
    await now.close();
    expect(await readdir(directory)).toEqual([]);
  });

  test("is closed as often as one likes, also at the same time", async () => {
    const directory = at("registry");
    await listen(at("socket"));
    const published = await publishService(name, at("socket"), { directory });
    await Promise.all([1, 2, 3].map(() => published.close()));
    await published.close();
    expect(await readdir(directory)).toEqual([]);
  });

  test("is handed over while the other one closes", async () => {
    const directory = at("registry");
    await listen(at("socket"));
    for (let round = 0; round < 50; round++) {
      const before = await publishService(name, at("socket"), { directory });
      const [now] = await Promise.all([
        publishService(name, at("socket"), { directory }),
        before.close(),
      ]);
      await now.close();
    }
    expect(await readdir(directory)).toEqual([]);
  });

  test("is made once of many at a time", async () => {
    const directory = at("registry");
    const sockets = Array.from({ length: 8 }, (_, index) => `socket-${index}`);
    for (const socket of sockets) await listen(at(socket));
    const results = await Promise.allSettled(
      sockets.map((socket) => publishService(name, at(socket), { directory })),
    );
    const won = results.filter(({ status }) => status === "fulfilled");
    expect(won).toHaveLength(1);
    const winner = results.findIndex(({ status }) => status === "fulfilled");
    expect(await readlink(at("registry", name))).toBe(at(`socket-${winner}`));
  });

  test("says why a folder cannot be written to", async () => {
    await listen(at("socket"));
    await writeFile(at("no-folder"), "");
    await chmod(at("registry"), 0o700);
    await expect(
      publishService(name, at("socket"), { directory: at("no-folder") }),
    ).rejects.toMatchObject({
      code: "LISTEN_FAILED",
      cause: { code: expect.stringMatching(/EEXIST|ENOTDIR/) as string },
    });
  });
});
