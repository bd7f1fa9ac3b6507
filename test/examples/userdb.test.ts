import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BadService,
  ConflictingRecordFound,
  type GetGroupRecordInput,
  type GetUserRecordInput,
  NoRecordFound,
  NonMatchingRecordFound,
  UserDatabaseClient,
  userDatabaseService,
} from "../../generated/io.systemd.UserDatabase/index.ts";
import { type Database, readDatabase } from "../../examples/userdb/database.ts";
import {
  userDatabase,
  type UserDatabaseOptions,
} from "../../examples/userdb/service.ts";
import { run } from "../interop/support/programs.ts";
import { memoryEndpoint } from "../../src/runtime/transport/memory.ts";
import { VarlinkServer } from "../../src/runtime/varlink/server.ts";
import {
  ExpectedMore,
  InvalidParameter,
} from "../../src/runtime/varlink/standard.ts";

/** `examples/userdb` through its generated client and server. */
const machineId = "0123456789abcdef0123456789abcdef";
const service = "io.example.Staff";
const staff = readDatabase(
  readFileSync(
    new URL("../../examples/userdb/staff.json", import.meta.url),
    "utf8",
  ),
);

interface Served extends AsyncDisposable {
  readonly client: UserDatabaseClient;
}

async function serve(
  database: Database,
  options: Partial<UserDatabaseOptions> = {},
): Promise<Served> {
  const problems: unknown[] = [];
  const server = new VarlinkServer({
    vendor: "",
    product: "",
    version: "",
    url: "",
    onError: (error) => problems.push(error),
  });
  const handlers = userDatabase(() => database, {
    service,
    machineId,
    ...options,
  });
  server.add(userDatabaseService(handlers));
  const endpoint = memoryEndpoint();
  await server.listen(endpoint);
  const client = await UserDatabaseClient.connect(endpoint, {
    replies: "strict",
  });
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      await client.$close();
      await server.close();
      expect(problems).toEqual([]);
    },
  };
}

describe("look-ups", () => {
  test("find a user by name, alias or number, or by both that agree", async () => {
    await using served = await serve(staff);
    for (const query of [
      { userName: "ada" },
      { userName: "countess" },
      { uid: 5101 },
      { userName: "ada", uid: 5101 },
      { userName: "countess", uid: 5101 },
    ])
      expect(
        (await served.client.getUserRecord({ service, ...query })).record[
          "realName"
        ],
      ).toBe("Ada Lovelace");
  });

  test("find a group by name or number, or by both that agree", async () => {
    await using served = await serve(staff);
    for (const query of [
      { groupName: "engine" },
      { gid: 5110 },
      { groupName: "engine", gid: 5110 },
    ])
      expect(
        (await served.client.getGroupRecord({ service, ...query })).record[
          "members"
        ],
      ).toEqual(["ada", "babbage"]);
  });

  test.each([
    { query: { userName: "nobody" }, error: NoRecordFound },
    { query: { uid: 1 }, error: NoRecordFound },
    { query: { userName: "nobody", uid: 1 }, error: NoRecordFound },
    { query: { userName: "__proto__" }, error: NoRecordFound },
    { query: { userName: "" }, error: NoRecordFound },
    { query: { userName: "ada", uid: 5102 }, error: ConflictingRecordFound },
    { query: { userName: "ada", uid: 1 }, error: ConflictingRecordFound },
    { query: { userName: "nobody", uid: 5102 }, error: ConflictingRecordFound },
    { query: { uid: -1 }, error: InvalidParameter },
    { query: { uid: 65_535 }, error: InvalidParameter },
    { query: { uid: 4_294_967_295 }, error: InvalidParameter },
    { query: { userName: "ada", uid: 2 ** 40 }, error: InvalidParameter },
    { query: { userName: "ada", uidMin: 5102 }, error: NonMatchingRecordFound },
    { query: { uid: 5102, uidMax: 5101 }, error: NonMatchingRecordFound },
    {
      query: { userName: "ada", dispositionMask: ["system"] },
      error: NonMatchingRecordFound,
    },
    {
      query: { userName: "ada", uuid: "00000000000000000000000000000000" },
      error: NonMatchingRecordFound,
    },
    {
      query: { userName: "ada", fuzzyNames: ["charles"] },
      error: NonMatchingRecordFound,
    },
    { query: { service: "io.example.Other" }, error: BadService },
    { query: { service: "", userName: "ada" }, error: BadService },
  ] satisfies {
    readonly query: Partial<GetUserRecordInput>;
    readonly error: unknown;
  }[])("answer $query with $error.name", async ({ query, error }) => {
    await using served = await serve(staff);
    const input = { service, ...query };
    await expect(served.client.getUserRecord(input)).rejects.toThrow(error);
  });

  test.each([
    { query: { groupName: "nothing" }, error: NoRecordFound },
    {
      query: { groupName: "engine", gid: 5111 },
      error: ConflictingRecordFound,
    },
    { query: { gid: 5110, gidMin: 5111 }, error: NonMatchingRecordFound },
    { query: { gid: -1 }, error: InvalidParameter },
    { query: { service: "other" }, error: BadService },
  ] satisfies {
    readonly query: Partial<GetGroupRecordInput>;
    readonly error: unknown;
  }[])("of groups answer $query with $error.name", async ({ query, error }) => {
    await using served = await serve(staff);
    const input = { service, ...query };
    await expect(served.client.getGroupRecord(input)).rejects.toThrow(error);
  });
});

describe("records", () => {
  test("say where they are from, and keep what they said before", async () => {
    const status = {
      other: { service: "x" },
      [machineId]: { state: "active" },
    };
    await using served = await serve(
      readDatabase(
        JSON.stringify({
          users: [{ userName: "a", uid: 1, status }],
          groups: [{ groupName: "a", gid: 1, status: null }],
        }),
      ),
    );
    const user = await served.client.getUserRecord({ service, uid: 1 });
    expect(user.record).toEqual({
      userName: "a",
      uid: 1,
      status: {
        other: { service: "x" },
        [machineId]: { state: "active", service },
      },
    });
    const group = await served.client.getGroupRecord({ service, gid: 1 });
    expect(group.record["status"]).toEqual({ [machineId]: { service } });
  });
});

describe("enumerations", () => {
  async function namesOf(query: Partial<GetUserRecordInput>) {
    await using served = await serve(staff);
    const names: unknown[] = [];
    for await (const { record } of served.client.getUserRecord.more({
      service,
      ...query,
    }))
      names.push(record["userName"]);
    return names;
  }

  test.each([
    { query: {}, names: ["ada", "babbage", "_engine"] },
    {
      query: { userName: null, uid: null },
      names: ["ada", "babbage", "_engine"],
    },
    { query: { uidMin: 5102 }, names: ["babbage", "_engine"] },
    { query: { uidMin: 5102, uidMax: 5102 }, names: ["babbage"] },
    { query: { dispositionMask: ["system"] }, names: ["_engine"] },
    {
      query: { dispositionMask: ["system", "regular"] },
      names: ["ada", "babbage", "_engine"],
    },
    { query: { fuzzyNames: ["LOVE", "engine"] }, names: ["ada", "_engine"] },
    { query: { fuzzyNames: ["@example.org"] }, names: ["ada"] },
    { query: { uuid: "6A5F1C1E6A0C4D0E9A530E1CB4C6B9A1" }, names: ["ada"] },
    { query: { userName: "countess" }, names: ["ada"] },
  ])("give $names for $query", async ({ query, names }) => {
    expect(await namesOf(query)).toEqual(names);
  });

  test.each([
    { uidMin: 9000 },
    { dispositionMask: [] },
    { fuzzyNames: [] },
    { fuzzyNames: ["nobody at all"] },
  ])("answer NoRecordFound where nothing fits %o", async (query) => {
    await expect(namesOf(query)).rejects.toThrow(NoRecordFound);
  });

  test("need `more`", async () => {
    await using served = await serve(staff);
    const { client } = served;
    await expect(client.getUserRecord({ service })).rejects.toThrow(
      ExpectedMore,
    );
    await expect(client.getGroupRecord({ service })).rejects.toThrow(
      ExpectedMore,
    );
    await expect(client.getMemberships({ service })).rejects.toThrow(
      ExpectedMore,
    );
  });

  test("of nothing answer NoRecordFound", async () => {
    await using served = await serve(readDatabase("{}"));
    const { client } = served;
    for (const stream of [
      client.getUserRecord.more({ service }),
      client.getGroupRecord.more({ service }),
      client.getMemberships.more({ service }),
    ])
      await expect(stream.next()).rejects.toThrow(NoRecordFound);
  });
});

describe("memberships", () => {
  async function listed(query: object) {
    await using served = await serve(staff);
    const found: string[] = [];
    const stream = served.client.getMemberships.more({ service, ...query });
    for await (const { userName, groupName } of stream)
      found.push(`${userName} in ${groupName}`);
    return found;
  }

  test("are told by users and groups, each once", async () => {
    expect(await listed({})).toEqual([
      "ada in engine",
      "ada in poets",
      "babbage in engine",
    ]);
    expect(await listed({ userName: "ada" })).toEqual([
      "ada in engine",
      "ada in poets",
    ]);
    expect(await listed({ groupName: "engine" })).toEqual([
      "ada in engine",
      "babbage in engine",
    ]);
    expect(await listed({ userName: "ada", groupName: "poets" })).toEqual([
      "ada in poets",
    ]);
  });

  test("that there are not are NoRecordFound", async () => {
    for (const query of [
      { userName: "_engine" },
      { userName: "babbage", groupName: "poets" },
    ])
      await expect(listed(query)).rejects.toThrow(NoRecordFound);
  });

  test("answer an ordinary call where there is one", async () => {
    await using served = await serve(staff);
    expect(
      await served.client.getMemberships({ service, groupName: "poets" }),
    ).toEqual({ userName: "ada", groupName: "poets" });
  });

  test("are those of another service too", async () => {
    await using served = await serve(
      readDatabase(
        '{"groups":[{"groupName":"wheel","gid":10,"members":["root"]}]}',
      ),
    );
    expect(
      await served.client.getMemberships({ service, userName: "root" }),
    ).toEqual({ userName: "root", groupName: "wheel" });
  });
});

describe("privileged parts", () => {
  test("stay here, and the record says so", async () => {
    await using served = await serve(staff);
    const { record, incomplete } = await served.client.getUserRecord({
      service,
      userName: "ada",
    });
    expect(record).not.toHaveProperty("privileged");
    expect(incomplete).toBe(true);
    const other = await served.client.getUserRecord({ service, uid: 5102 });
    expect(other.incomplete ?? false).toBe(false);
    for await (const one of served.client.getUserRecord.more({ service }))
      expect(one.record).not.toHaveProperty("privileged");
  });

  test("go where they may", async () => {
    await using served = await serve(staff, { privileged: true });
    const { record, incomplete } = await served.client.getUserRecord({
      service,
      userName: "ada",
    });
    expect(record["privileged"]).toHaveProperty("sshAuthorizedKeys");
    expect(incomplete ?? false).toBe(false);
  });
});

describe("files", () => {
  test.each([
    ["", /JSON/],
    ["[]", /no object/],
    ["null", /no object/],
    ['{"users":{}}', /"users" is no list/],
    ['{"users":[1]}', /users\[0\] is no object/],
    ['{"users":[{"uid":1}]}', /users\[0\] has no "userName"/],
    ['{"users":[{"userName":"a b","uid":1}]}', /users\[0\] has no "userName"/],
    ['{"users":[{"userName":"a:b","uid":1}]}', /users\[0\] has no "userName"/],
    ['{"users":[{"userName":"1","uid":1}]}', /users\[0\] has no "userName"/],
    ['{"users":[{"userName":"a"}]}', /users\[0\] has no "uid"/],
    ['{"users":[{"userName":"a","uid":65535}]}', /users\[0\] has no "uid"/],
    ['{"users":[{"userName":"a","uid":4294967295}]}', /has no "uid"/],
    ['{"users":[{"userName":"a","uid":1.5}]}', /users\[0\] has no "uid"/],
    ['{"groups":[{"groupName":"a","gid":-1}]}', /groups\[0\] has no "gid"/],
    [
      '{"users":[{"userName":"a","uid":1},{"userName":"a","uid":2}]}',
      /named a/,
    ],
    [
      '{"users":[{"userName":"a","uid":1},{"userName":"b","uid":2,"aliases":["a"]}]}',
      /named a/,
    ],
    [
      '{"users":[{"userName":"a","uid":1},{"userName":"b","uid":1}]}',
      /number 1/,
    ],
    ['{"users":[{"userName":"a","uid":1,"memberOf":"b"}]}', /"memberOf"/],
    ['{"groups":[{"groupName":"a","gid":1,"members":[2]}]}', /"members"/],
    [
      '{"users":[{"userName":"a","uid":1,"tasksMax":18446744073709551615}]}',
      /"tasksMax" is more/,
    ],
  ])("are refused: %s", (text, said) => {
    expect(() => readDatabase(text)).toThrow(said);
  });

  test("may have users and groups of the same name and number", () => {
    const { users, groups } = readDatabase(
      '{"users":[{"userName":"a","uid":1}],"groups":[{"groupName":"a","gid":1}]}',
    );
    expect(users.byName.get("a")).toEqual({ userName: "a", uid: 1 });
    expect(groups.byNumber.get(1)).toEqual({ groupName: "a", gid: 1 });
  });
});

test("any query gets what a plain search over the records gives", async () => {
  const database = readDatabase(
    JSON.stringify({
      users: Array.from({ length: 8 }, (_, index) => ({
        userName: `user${index}`,
        uid: 100 + index,
      })),
    }),
  );
  await using served = await serve(database);
  const name = fc.option(fc.nat(9), { nil: undefined });
  const uid = fc.option(fc.integer({ min: 98, max: 110 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(name, uid, uid, uid, async (index, number, min, max) => {
      const names: unknown[] = [];
      let error: unknown;
      try {
        for await (const { record } of served.client.getUserRecord.more({
          service,
          userName: index === undefined ? null : `user${index}`,
          uid: number,
          uidMin: min,
          uidMax: max,
        }))
          names.push(record["userName"]);
      } catch (caught) {
        error = caught;
      }
      const { all } = database.users;
      const byKey = all.filter(
        (user) =>
          (index === undefined || user.userName === `user${index}`) &&
          (number === undefined || user.uid === number),
      );
      const wanted = byKey.filter(
        (user) => user.uid >= (min ?? 0) && user.uid <= (max ?? 999),
      );
      expect(names).toEqual(wanted.map(({ userName }) => userName));
      if (wanted.length > 0) {
        expect(error).toBeUndefined();
        return;
      }
      const either = all.some(
        (user) => user.userName === `user${index}` || user.uid === number,
      );
      const kind = !either
        ? NoRecordFound
        : byKey.length === 0
          ? ConflictingRecordFound
          : NonMatchingRecordFound;
      expect(error).toBeInstanceOf(kind);
    }),
    { numRuns: 300 },
  );
});

describe("the program", () => {
  const folder = new URL("../../examples/userdb/", import.meta.url);
  const main = fileURLToPath(new URL("main.ts", folder));
  const file = fileURLToPath(new URL("staff.json", folder));
  const node = [
    process.execPath,
    "--import",
    import.meta.resolve("tsx"),
    "--conditions=portolan-source",
  ];

  test("says how it is used", async () => {
    expect(await run([...node, main, "--help"])).toEqual({
      code: 0,
      stdout: "usage: userdb/main.ts FILE [ADDRESS] [--privileged]\n",
      stderr: "",
    });
  });

  test.each([
    { words: [], said: /which FILE/ },
    { words: ["/nonexistent.json"], said: /ENOENT/ },
    { words: [main], said: /no users and groups/ },
    { words: [file, "nonsense:"], said: /nonsense/ },
    { words: ["--nonsense"], said: /--nonsense/ },
  ])("fails in one line with $words", async ({ words, said }) => {
    const { code, stdout, stderr } = await run([...node, main, ...words]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(said);
  });
});
