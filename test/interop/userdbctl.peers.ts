import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readDatabase } from "../../examples/userdb/database.ts";
import {
  findProgram,
  type Outcome,
  run,
  startDaemon,
  temporaryFolder,
} from "./support/programs.ts";
import { serveStaff, staff } from "./support/staff.ts";
import {
  hasNamespace,
  hasSystemd,
  machineId,
  makeSystem,
  startUserdbd,
  type System,
  systemd,
} from "./support/system.ts";

/** systemd's own tool, asking a service of ours. */
function userdbctl(system: System, ...words: string[]): Promise<Outcome> {
  return run(
    system.inside(systemd.userdbctl, "--no-pager", "--no-legend", ...words),
    // Boxes and arrows of the tables depend on it, and so does what is coloured.
    { LC_ALL: "C.UTF-8", SYSTEMD_COLORS: "0", TERM: "dumb" },
  );
}

/** What it shows of one thing: `UID: 5101` as `UID`, and lines without a label below it. */
function labels(text: string): Readonly<Record<string, string>> {
  const shown: Record<string, string> = {};
  let last = "";
  for (const line of text.trimEnd().split("\n")) {
    const [, label, value = ""] =
      /^ *(?:([A-Z][\w. ]*): )?(.*)$/.exec(line) ?? [];
    if (label === undefined) shown[last] += ` ${value.trim()}`;
    else shown[(last = label)] = value;
  }
  return shown;
}

/** The rows of a table, without those that show ranges, as words. */
function rows(text: string): readonly (readonly string[])[] {
  return text
    .trimEnd()
    .split("\n")
    .filter((line) => !/[↑↓]/.test(line))
    .map((line) => line.trim().split(/ {2,}| (?=\d|-)/));
}

/** With systemd's daemon in between, and without. */
const ways = [
  { way: "by itself", multiplexer: false },
  { way: "through systemd-userdbd", multiplexer: true },
];

describe.skipIf(!hasSystemd).each(ways)(
  "userdbctl, $way",
  ({ multiplexer }) => {
    const option = `--multiplexer=${multiplexer ? "yes" : "no"}`;

    /** Asks while our service serves, and checks that it had no trouble. */
    async function ask(...commands: readonly string[]): Promise<Outcome[]> {
      using system = makeSystem();
      await using daemon = multiplexer ? await startUserdbd(system) : undefined;
      await using served = await serveStaff(system);
      const outcomes: Outcome[] = [];
      for (const command of commands)
        outcomes.push(await userdbctl(system, option, ...command.split(" ")));
      expect(served.problems).toEqual([]);
      expect(daemon?.stderr ?? "").not.toMatch(/fail|error/i);
      return outcomes;
    }

    test("shows a user, by name and by number", async () => {
      for (const { code, stdout } of await ask("user ada", "user 5101")) {
        expect(code).toBe(0);
        expect(labels(stdout)).toMatchObject({
          "User name": "ada",
          Disposition: "regular",
          UID: "5101",
          GID: "5101 (ada)",
          "Aux. Groups": "engine poets",
          "Real Name": "Ada Lovelace",
          Directory: "/home/ada",
          Shell: "/bin/bash",
          Email: "ada@example.org",
          Service: "io.example.Staff",
        });
      }
      const [locked] = await ask("user babbage");
      expect(labels(locked?.stdout ?? "")).toMatchObject({
        "Login OK": "no (record is locked)",
        Locked: "yes",
      });
    });

    test("gives records as we keep them", async () => {
      const [user, group] = await ask(
        "--json=short user ada",
        "--json=short group engine",
      );
      const status = { [machineId]: { service: "io.example.Staff" } };
      const { privileged, ...ada } = { ...staff.users.byName.get("ada") };
      expect(privileged).toBeTypeOf("object");
      expect(JSON.parse(user?.stdout ?? "")).toEqual({ ...ada, status });
      expect(JSON.parse(group?.stdout ?? "")).toEqual({
        ...staff.groups.byName.get("engine"),
        status,
      });
    });

    test("lists users and groups, ours among the system's", async () => {
      const [users, groups] = await ask("user", "group");
      expect(users?.code).toBe(0);
      expect(
        rows(users?.stdout ?? "").map(([name]) => name?.split(" ")[0]),
      ).toEqual([
        "root",
        "grace",
        "alan",
        "ada",
        "babbage",
        "_engine",
        "nobody",
      ]);
      expect(users?.stdout).toMatch(
        /^ *babbage +regular +5102 +5102 +Charles Babbage +\/home\/babbage +\/bin\/sh$/m,
      );
      expect(users?.stdout).toMatch(/^ *_engine +system +5103 +5110 /m);
      expect(groups?.code).toBe(0);
      expect(
        rows(groups?.stdout ?? "").map(([name]) => name?.split(" ")[0]),
      ).toEqual([
        "root",
        "grace",
        "navy",
        "code",
        "ada",
        "babbage",
        "engine",
        "poets",
        "nogroup",
      ]);
    });

    test("shows a group, by name and by number", async () => {
      for (const { code, stdout } of await ask("group engine", "group 5110")) {
        expect(code).toBe(0);
        expect(labels(stdout)).toMatchObject({
          "Group name": "engine",
          GID: "5110",
          Members: "ada babbage",
          Description: "People around the Analytical Engine",
          Service: "io.example.Staff",
        });
      }
    });

    test("shows who is in which group", async () => {
      const [inEngine, ofAda, ofGrace] = await ask(
        "users-in-group engine",
        "groups-of-user ada",
        "groups-of-user grace",
      );
      expect(inEngine?.stdout).toMatch(/^ada +engine\nbabbage +engine\n$/);
      expect(ofAda?.stdout).toMatch(/^ada +engine\nada +poets\n$/);
      expect(ofGrace?.stdout).toMatch(
        /^grace +(code|navy)\ngrace +(code|navy)\n$/,
      );
    });

    test("finds nobody where there is nobody", async () => {
      // Where else it looks it hides what a service has said: so, services alone.
      const alone = "-N --with-dropin=no";
      const outcomes = await ask(
        `${alone} user nope`,
        `${alone} user 4711`,
        `${alone} group nope`,
      );
      expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
        [1, "User nope does not exist.\n"],
        [1, "User 4711 does not exist.\n"],
        [1, "Group nope does not exist.\n"],
      ]);
    });

    test("says that parts of a record were left out", async () => {
      const [user, keys] = await ask("user ada", "ssh-authorized-keys ada");
      for (const outcome of [user, keys])
        expect(outcome?.stderr).toContain(
          "lacking rights to acquire privileged",
        );
      expect(keys?.stdout).toBe("");
    });
  },
);

describe.skipIf(!hasSystemd)("userdbctl", () => {
  test("sees the service", async () => {
    using system = makeSystem();
    {
      await using _ = await serveStaff(system);
      const { stdout } = await userdbctl(system, "services");
      expect(stdout).toMatch(/^io\.example\.Staff +yes\n$/);
    }
    const { stdout } = await userdbctl(system, "services");
    expect(stdout).not.toContain("io.example.Staff");
  });

  test("gets SSH keys where they are served", async () => {
    using system = makeSystem();
    await using _ = await serveStaff(system, { privileged: true });
    const { code, stdout, stderr } = await userdbctl(
      system,
      "ssh-authorized-keys",
      "ada",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ssh-ed25519 \S+ ada@example\.org\n$/);
  });

  test("reads a long list", async () => {
    using system = makeSystem();
    const users = Array.from({ length: 2000 }, (_, index) => ({
      userName: `user${index}`,
      uid: 10_000 + index,
      gid: 10_000 + index,
      realName: `Number ${index} `.repeat(20).trim(),
    }));
    const database = readDatabase(JSON.stringify({ users }));
    await using served = await serveStaff(system, { database });
    const { code, stdout } = await userdbctl(
      system,
      "-N",
      "--json=short",
      "user",
    );
    expect(code).toBe(0);
    const names = stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { userName: string }).userName);
    expect(names).toEqual(users.map(({ userName }) => userName));
    expect(served.problems).toEqual([]);
  });
});

const nss = ["x86_64", "aarch64"].some((arch) =>
  existsSync(`/usr/lib/${arch}-linux-gnu/libnss_systemd.so.2`),
);
const getent = findProgram("getent") ?? "";

describe.skipIf(!hasSystemd || !nss || getent === "")(
  "the C library, through nss-systemd",
  () => {
    test("knows our users and groups", async () => {
      using system = makeSystem();
      await using served = await serveStaff(system);
      const shown: Record<string, string> = {};
      for (const command of [
        "getent passwd ada",
        "getent passwd 5102",
        "getent group engine",
        "id ada",
      ]) {
        const { code, stdout } = await run(
          system.inside(...command.split(" ")),
        );
        expect(code, command).toBe(0);
        shown[command] = stdout.trimEnd();
      }
      expect(shown).toEqual({
        "getent passwd ada": "ada:x:5101:5101:Ada Lovelace:/home/ada:/bin/bash",
        "getent passwd 5102":
          "babbage:x:5102:5102:Charles Babbage:/home/babbage:/bin/sh",
        "getent group engine": "engine:x:5110:ada,babbage",
        "id ada":
          "uid=5101(ada) gid=5101(ada) groups=5101(ada),5110(engine),5111(poets)",
      });
      const all = await run(system.inside("getent", "passwd"));
      expect(all.stdout.split("\n").map((line) => line.split(":")[0])).toEqual([
        "root",
        "nobody",
        "grace",
        "alan",
        "ada",
        "babbage",
        "_engine",
        "",
      ]);
      expect(served.problems).toEqual([]);
    });
  },
);

describe.skipIf(!hasSystemd || !hasNamespace)("examples/userdb", () => {
  const folderOfIt = new URL("../../examples/userdb/", import.meta.url);
  const main = fileURLToPath(new URL("main.ts", folderOfIt));
  const staffFile = fileURLToPath(new URL("staff.json", folderOfIt));
  const tsx = import.meta.resolve("tsx");
  const node = [
    process.execPath,
    "--import",
    tsx,
    "--conditions=portolan-source",
  ];

  test("serves a file where systemd looks, until it is told to end", async () => {
    using system = makeSystem();
    using folder = temporaryFolder();
    const file = folder("users.json");
    writeFileSync(file, '{"users":[{"userName":"eve","uid":7001,"gid":7001}]}');
    const socket = system.socket("io.example.Staff");
    const program = await startDaemon(
      system.inside(...node, main, file),
      socket,
    );
    const look = async () => (await userdbctl(system, "user", "eve")).stdout;
    expect(labels(await look())).toMatchObject({ UID: "7001" });

    writeFileSync(file, '{"users":[{"userName":"eve","uid":7002,"gid":7002}]}');
    program.kill("SIGHUP");
    await expect.poll(look).toMatch(/UID: 7002/);
    writeFileSync(file, "{");
    program.kill("SIGHUP");
    await expect.poll(() => program.stderr).toContain("no users and groups");
    expect(await look()).toMatch(/UID: 7002/);

    program.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test("serves at the socket that systemd has opened for it", async () => {
    using system = makeSystem();
    const team = "/run/systemd/userdb/io.example.Team";
    const program = [...node, main, staffFile];
    await using _ = await startDaemon(
      system.inside(systemd.activate, `--listen=${team}`, ...program),
      system.socket("io.example.Team"),
    );
    const { code, stdout } = await userdbctl(system, "user", "ada");
    expect(code).toBe(0);
    expect(labels(stdout)).toMatchObject({ Service: "io.example.Team" });
  });
});
