import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDatabase } from "../../examples/userdb/database.ts";
import {
  BadService,
  ConflictingRecordFound,
  NoRecordFound,
  UserDatabaseClient,
} from "../../generated/io.systemd.UserDatabase/index.ts";
import { VarlinkError } from "../../src/runtime/errors.ts";
import {
  ExpectedMore,
  InvalidParameter,
  MethodNotFound,
  MethodNotImplemented,
} from "../../src/runtime/varlink/standard.ts";
import type { Daemon } from "./support/programs.ts";
import { serveStaff, staff } from "./support/staff.ts";
import {
  hasSystemd,
  machineId,
  makeSystem,
  startUserdbd,
  type System,
} from "./support/system.ts";
import { startTap } from "./support/tap.ts";

/**
 * `systemd-userdbd` is systemd's own user database: what the C library knows, what
 * was dropped in, and (as `io.systemd.Multiplexer`) what all other services tell.
 */
const service = "io.systemd.NameServiceSwitch";
const multiplexer = "io.systemd.Multiplexer";

describe.skipIf(!hasSystemd)("our client and systemd-userdbd", () => {
  let system: System;
  let daemon: Daemon;
  let client: UserDatabaseClient;

  beforeAll(async () => {
    system = makeSystem();
    daemon = await startUserdbd(system);
    client = await UserDatabaseClient.connect(
      `unix:${system.socket(multiplexer)}`,
      { replies: "strict" },
    );
  });

  afterAll(async () => {
    await client.$close();
    await daemon[Symbol.asyncDispose]();
    system[Symbol.dispose]();
  });

  test("agree on a user, by name, by number and by both", async () => {
    for (const query of [
      { userName: "grace" },
      { uid: 2101 },
      { userName: "grace", uid: 2101 },
    ]) {
      const reply = await client.getUserRecord({ service, ...query });
      expect(reply).toMatchObject({
        record: {
          userName: "grace",
          uid: 2101,
          gid: 2101,
          homeDirectory: "/home/grace",
          shell: "/bin/bash",
          lastPasswordChangeUSec: 1_641_600_000_000_000,
          privileged: { hashedPassword: ["$6$salt$hash"] },
          status: { [machineId]: { service } },
        },
      });
      expect(reply.incomplete ?? false).toBe(false);
    }
  });

  test("agree that what is null was not asked for", async () => {
    // systemd 252 refuses a null that it is sent.
    const query = { userName: "grace", uid: null };
    const { record } = await client.getUserRecord({ service, ...query });
    expect(record["uid"]).toBe(2101);
    const input = { service, groupName: "code", userName: null };
    const heard: unknown[] = [];
    for await (const one of client.getMemberships.more(input)) heard.push(one);
    expect(heard).toEqual([{ userName: "grace", groupName: "code" }]);
  });

  test("agree on a group, by name, by number and by both", async () => {
    for (const query of [
      { groupName: "navy" },
      { gid: 2110 },
      { groupName: "navy", gid: 2110 },
    ])
      expect(await client.getGroupRecord({ service, ...query })).toMatchObject({
        record: { groupName: "navy", gid: 2110, members: ["grace", "alan"] },
      });
  });

  test("agree on lists, one reply a record", async () => {
    const users: unknown[] = [];
    for await (const { record } of client.getUserRecord.more({ service }))
      users.push(record["userName"]);
    expect(users).toEqual(["root", "nobody", "grace", "alan"]);

    const groups: unknown[] = [];
    for await (const { record } of client.getGroupRecord.more({ service }))
      groups.push(record["groupName"]);
    expect(groups).toEqual(["root", "nogroup", "grace", "navy", "code"]);
  });

  test.each([
    { query: {}, found: ["grace navy", "alan navy", "grace code"] },
    { query: { userName: "grace" }, found: ["grace navy", "grace code"] },
    { query: { groupName: "navy" }, found: ["grace navy", "alan navy"] },
    { query: { userName: "grace", groupName: "code" }, found: ["grace code"] },
  ])("agree on memberships: $query", async ({ query, found }) => {
    const heard: string[] = [];
    const input = { service, ...query };
    for await (const one of client.getMemberships.more(input))
      heard.push(`${one.userName} ${one.groupName}`);
    expect(heard.toSorted()).toEqual(found.toSorted());
  });

  test("agree on errors", async () => {
    const { getUserRecord, getGroupRecord, getMemberships } = client;
    const nope = "io.systemd.UserDatabase.Nope";
    for (const [call, error] of [
      [() => getUserRecord({ service, userName: "nope" }), NoRecordFound],
      [() => getUserRecord({ service, uid: 4711 }), NoRecordFound],
      [() => getGroupRecord({ service, groupName: "nope" }), NoRecordFound],
      [() => getMemberships({ service, userName: "root" }), NoRecordFound],
      [() => getUserRecord({ service: "X", uid: 0 }), BadService],
      [() => getGroupRecord({ service: "", gid: 0 }), BadService],
      [() => getMemberships({ service: "X", userName: "grace" }), BadService],
      [
        () => getUserRecord({ service, userName: "grace", uid: 2102 }),
        ConflictingRecordFound,
      ],
      [
        () => getGroupRecord({ service, groupName: "navy", gid: 2111 }),
        ConflictingRecordFound,
      ],
      [() => client.$connection.call(nope), MethodNotFound],
      [() => getUserRecord.more({ service: "X" }).next(), BadService],
      [
        () => getUserRecord.more({ service, userName: "nope" }).next(),
        NoRecordFound,
      ],
      [
        () => getMemberships.more({ service, groupName: "nope" }).next(),
        NoRecordFound,
      ],
    ] as const)
      await expect(call()).rejects.toThrow(error);
  });

  test("agree on errors that are declared nowhere", async () => {
    // systemd 252 puts its own error codes into `io.systemd.System`; later ones
    // answer with what the specification has for it.
    const list = client.getUserRecord({ service });
    await expect(list).rejects.toSatisfy(
      (error) =>
        ExpectedMore.is(error) ||
        (VarlinkError.is(error) &&
          error.error === "io.systemd.System" &&
          "errno" in error.parameters),
    );
    const negative = client.getUserRecord({ service, uid: -1 });
    await expect(negative).rejects.toSatisfy(
      (error) =>
        InvalidParameter.is(error) ||
        (VarlinkError.is(error) && error.error === "io.systemd.System"),
    );
  });

  test("agree on who it is, where it says", async () => {
    await expect(
      client.$connection.getInfo().then(
        ({ interfaces }) => interfaces.includes("io.systemd.UserDatabase"),
        (error: unknown) => MethodNotImplemented.is(error),
      ),
    ).resolves.toBe(true);
  });

  test("keep streams and calls apart", async () => {
    const stream = client.getUserRecord.more({ service });
    expect((await stream.next()).value?.record["userName"]).toBe("root");
    const alan = await client.getUserRecord({ service, userName: "alan" });
    expect(alan.record["uid"]).toBe(2102);
    await stream.return();
    const again = client.getMemberships.more({ service, groupName: "code" });
    expect((await again.next()).value).toEqual({
      userName: "grace",
      groupName: "code",
    });
    await again.return();
  });

  test("answer a pipeline in order", async () => {
    const names = ["alan", "grace", "root", "nobody", "alan"];
    const replies = await client.$pipeline((line) =>
      Promise.all(
        names.map((userName) => line.getUserRecord({ service, userName })),
      ),
    );
    expect(replies.map(({ record }) => record["userName"])).toEqual(names);
  });

  const asRoot = process.geteuid?.() === 0;

  test.runIf(asRoot)("mark what others than root may not see", async () => {
    // The peer of a connection is who has opened it.
    async function ask(uid: number) {
      process.seteuid?.(uid);
      try {
        await using own = await UserDatabaseClient.connect(
          `unix:${system.socket(multiplexer)}`,
        );
        return await own.getUserRecord({ service, userName: "grace" });
      } finally {
        process.seteuid?.(0);
      }
    }
    const stranger = await ask(2102);
    expect(stranger.incomplete).toBe(true);
    expect(stranger.record).not.toHaveProperty("privileged");
    const herself = await ask(2101);
    expect(herself.incomplete ?? false).toBe(false);
    expect(herself.record).toHaveProperty("privileged");
  });
});

describe.skipIf(!hasSystemd)("when systemd-userdbd is killed", () => {
  test("every call and stream settles, and a new daemon is found", async () => {
    using system = makeSystem();
    // A service that never answers keeps what is asked through the daemon open.
    const silent = createServer((socket) => socket.resume());
    silent.listen(system.socket("io.example.Silent"));
    await once(silent, "listening");
    await using client = await (async () => {
      await using first = await startUserdbd(system);
      const own = await UserDatabaseClient.connect(
        `unix:${system.socket(multiplexer)}`,
      );
      const asked = once(silent, "connection");
      const input = { service: multiplexer, userName: "nobody-else" };
      const call = own.getUserRecord(input).catch((error: unknown) => error);
      const next = own.getMemberships
        .more({ service: multiplexer, userName: "nobody-else" })
        .next()
        .catch((error: unknown) => error);
      await asked;
      await first[Symbol.asyncDispose]();
      const lost = { code: "CONNECTION_LOST" };
      expect(await Promise.all([call, next])).toMatchObject([lost, lost]);
      return own;
    })();
    silent.close();
    rmSync(system.socket("io.example.Silent"), { force: true });
    rmSync(system.socket(multiplexer));
    await using _ = await startUserdbd(system);
    const input = { service, userName: "grace" };
    expect((await client.getUserRecord(input)).record["uid"]).toBe(2101);
  });
});

describe.skipIf(!hasSystemd)(
  "systemd-userdbd between our client and our server",
  () => {
    test("finds and lists what our server has, and nothing once it is gone", async () => {
      using system = makeSystem();
      await using _ = await startUserdbd(system);
      await using client = await UserDatabaseClient.connect(
        `unix:${system.socket(multiplexer)}`,
        { replies: "strict" },
      );
      const input = { service: multiplexer };
      {
        await using served = await serveStaff(system);
        const ada = await client.getUserRecord({ ...input, userName: "ada" });
        expect(ada.record).toMatchObject({
          uid: 5101,
          memberOf: ["engine", "poets"],
        });
        expect(ada.incomplete).toBe(true);
        const engine = await client.getGroupRecord({ ...input, gid: 5110 });
        expect(engine.record["groupName"]).toBe("engine");
        const users: string[] = [];
        for await (const { record } of client.getUserRecord.more(input))
          users.push(record["userName"] as string);
        expect(users.toSorted()).toEqual([
          "_engine",
          "ada",
          "alan",
          "babbage",
          "grace",
          "nobody",
          "root",
        ]);
        const memberships: string[] = [];
        for await (const one of client.getMemberships.more({
          ...input,
          userName: "ada",
        }))
          memberships.push(one.groupName);
        expect(memberships).toEqual(["engine", "poets"]);
        expect(served.problems).toEqual([]);
      }
      const gone = client.getUserRecord({ ...input, userName: "ada" });
      await expect(gone).rejects.toThrow(NoRecordFound);
    });

    test("and our server agree on names and numbers that belong to two", async () => {
      using system = makeSystem();
      await using _ = await startUserdbd(system);
      await using served = await serveStaff(system);
      for (const asked of [multiplexer, "io.example.Staff"]) {
        await using client = await UserDatabaseClient.connect(
          `unix:${system.socket(asked)}`,
        );
        const ada = { service: asked, userName: "ada" };
        await expect(
          client.getUserRecord({ ...ada, uid: 5102 }),
        ).rejects.toThrow(ConflictingRecordFound);
        const poets = { service: asked, groupName: "poets" };
        await expect(
          client.getGroupRecord({ ...poets, gid: 5110 }),
        ).rejects.toThrow(ConflictingRecordFound);
        const { record } = await client.getUserRecord({ ...ada, uid: 5101 });
        expect(record["userName"]).toBe("ada");
      }
      expect(served.problems).toEqual([]);
    });

    test("says to our server what the interface says, and hears no more", async () => {
      using system = makeSystem();
      await using _ = await startUserdbd(system);
      const path = system.socket(".staff");
      await using served = await serveStaff(system, { path });
      const own = "io.example.Staff";
      await using tap = await startTap(system.socket(own), path);
      await using client = await UserDatabaseClient.connect(
        `unix:${system.socket(multiplexer)}`,
      );
      const input = { service: multiplexer };
      await client.getUserRecord({ ...input, uid: 5102 });
      const groups = client.getGroupRecord.more(input);
      for await (const { record } of groups) expect(record).toBeDefined();
      const nobody = client.getUserRecord({
        ...input,
        userName: "nobody-else",
      });
      await expect(nobody).rejects.toThrow(NoRecordFound);

      const asked = (
        method: string,
        parameters: object,
        flags: object = {},
      ) => ({
        method: `io.systemd.UserDatabase.${method}`,
        parameters: { ...parameters, service: own },
        ...flags,
      });
      const heard = tap.connections.map(({ calls, replies }) => ({
        calls: calls.map((text) => JSON.parse(text) as object),
        replies: replies.map((text) => JSON.parse(text) as object),
      }));
      const status = { [machineId]: { service: own } };
      const { users, groups: all } = staff;
      expect(heard.filter(({ calls }) => calls.length > 0)).toEqual([
        {
          calls: [asked("GetUserRecord", { uid: 5102 })],
          replies: [
            {
              parameters: { record: { ...users.byNumber.get(5102), status } },
            },
          ],
        },
        {
          calls: [asked("GetGroupRecord", {}, { more: true })],
          replies: all.all.map((record, index) => ({
            parameters: { record: { ...record, status } },
            ...(index < all.all.length - 1 && { continues: true }),
          })),
        },
        {
          calls: [asked("GetUserRecord", { userName: "nobody-else" })],
          replies: [{ error: "io.systemd.UserDatabase.NoRecordFound" }],
        },
      ]);
      expect(served.problems).toEqual([]);
    });

    test("passes a long list through, every record once and in order", async () => {
      using system = makeSystem();
      await using _ = await startUserdbd(system);
      const names = Array.from({ length: 3000 }, (__, index) => `user${index}`);
      const database = readDatabase(
        JSON.stringify({
          users: names.map((userName, index) => ({
            userName,
            uid: 10_000 + index,
            gid: 10_000 + index,
          })),
        }),
      );
      await using served = await serveStaff(system, { database });
      await using client = await UserDatabaseClient.connect(
        `unix:${system.socket(multiplexer)}`,
      );
      const heard: unknown[] = [];
      for await (const { record } of client.getUserRecord.more({
        service: multiplexer,
      }))
        heard.push(record["userName"]);
      const known = new Set<unknown>(names);
      expect(heard.filter((name) => known.has(name))).toEqual(names);
      expect(served.problems).toEqual([]);
    });
  },
);
