import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  CertificationClient,
  CertificationError,
  ClientIdError,
} from "../../generated/org.varlink.certification/index.ts";
import { unixEndpoint } from "../../src/runtime/transport/unix.ts";
import { tcpEndpoint } from "../../src/runtime/transport/tcp.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { certify } from "./certification/client.ts";
import { startCertification } from "./certification/server.ts";
import { answers, replies, withoutNulls } from "./certification/values.ts";
import { declarations } from "./support/declarations.ts";
import {
  type Daemon,
  findProgram,
  type Folder,
  run,
  startDaemon,
  temporaryFolder,
} from "./support/programs.ts";
import { say } from "./support/say.ts";
import { startTap } from "./support/tap.ts";

/** The certification program of varlink-go: Debian's package `varlink-go`. */
const go = findProgram("varlink-go-certification") ?? "";

const name = "org.varlink.certification";

function startGo(folder: Folder): Promise<Daemon> {
  return startDaemon([go, `--varlink=unix:${folder("go")}`], folder("go"));
}

describe.skipIf(go === "")("our client and Go's server", () => {
  test.each([
    { how: "in one piece", bytewise: false },
    { how: "byte by byte", bytewise: true },
  ])("certify each other, $how", async ({ bytewise }) => {
    using folder = temporaryFolder();
    await using _ = await startGo(folder);
    await using tap = await startTap(folder("tap"), folder("go"), { bytewise });
    await using client = await CertificationClient.connect(
      `unix:${folder("tap")}`,
      { maxConnections: 1, replies: "strict" },
    );
    const certificate = await certify(client);
    expect(withoutNulls(certificate.answers)).toEqual(withoutNulls(answers));
    expect(certificate.replies).toEqual(replies);
    expect(certificate.allOk).toBe(true);
    expect(tap.connections).toHaveLength(1);
  });

  test("take many tests at a time", async () => {
    using folder = temporaryFolder();
    await using _ = await startGo(folder);
    // Go's server knows a hundred clients, and forgets them at their end.
    const certificates = await Promise.all(
      Array.from({ length: 50 }, async () => {
        await using client = await CertificationClient.connect(
          `unix:${folder("go")}`,
          { maxConnections: 1 },
        );
        return await certify(client);
      }),
    );
    expect(certificates.every(({ allOk }) => allOk)).toBe(true);
  });

  test("agree on who the service is and on its interface", async () => {
    using folder = temporaryFolder();
    await using _ = await startGo(folder);
    await using client = await VarlinkClient.connect(`unix:${folder("go")}`);
    expect(await client.getInfo()).toEqual({
      vendor: "Varlink",
      product: "Certification",
      version: "1",
      url: "https://github.com/varlink/go",
      interfaces: ["org.varlink.service", name],
    });
    const ours = new URL(`../../interfaces/${name}.varlink`, import.meta.url);
    expect(declarations(await client.getInterfaceDescription(name))).toEqual(
      declarations(readFileSync(ours, "utf8")),
    );
  });

  test("agree on errors, after each of which the connection goes on", async () => {
    using folder = temporaryFolder();
    await using _ = await startGo(folder);
    await using tap = await startTap(folder("tap"), folder("go"));
    await using client = await VarlinkClient.connect(`unix:${folder("tap")}`, {
      maxConnections: 1,
    });
    const typed = new CertificationClient(client);
    const { client_id } = await typed.start();

    const service = "org.varlink.service";
    for (const [method, parameters, error, told] of [
      // Go names what is missing by its bare name, systemd by its full one.
      [`${name}.Nope`, {}, `${service}.MethodNotFound`, { method: "Nope" }],
      ["a.b.C", {}, `${service}.InterfaceNotFound`, { interface: "a.b" }],
      [
        `${service}.GetInterfaceDescription`,
        { interface: "a.b" },
        `${service}.InvalidParameter`,
        { parameter: "interface" },
      ],
      [
        `${name}.Test02`,
        { client_id, bool: "no" },
        `${service}.InvalidParameter`,
        { parameter: "parameters" },
      ],
      [
        `${name}.Test02`,
        undefined,
        `${service}.InvalidParameter`,
        { parameter: "parameters" },
      ],
    ] as const)
      await expect(client.call(method, parameters)).rejects.toMatchObject({
        code: "VARLINK_ERROR",
        error,
        parameters: told,
        method,
      });
    await expect(typed.test01({ client_id: "x" })).rejects.toThrow(
      ClientIdError,
    );
    // It sends null for both parameters, which are no nullable ones.
    await expect(typed.test02({ client_id, bool: false })).rejects.toSatisfy(
      (error) =>
        CertificationError.is(error) && error.parameters.wants === null,
    );
    expect(await typed.test01({ client_id })).toEqual(answers.Test01);
    expect(tap.connections).toHaveLength(1);
  });

  test("agree on the forms of calls", async () => {
    using folder = temporaryFolder();
    await using _ = await startGo(folder);
    await using client = await CertificationClient.connect(
      `unix:${folder("go")}`,
      { maxConnections: 1 },
    );
    const { client_id } = await client.start();
    const many: object[] = [];
    for await (const item of client.test01.more({ client_id })) many.push(item);
    expect(many).toEqual([answers.Test01]);

    // What is oneway gets no answer, not even where there is no such method.
    const loose = client.$connection;
    const answered = await client.$pipeline(async (line) => {
      const sent = [
        line.$connection.oneway(`${name}.Nope`, {}),
        line.test01.oneway({ client_id: "nobody" }),
        line.test01({ client_id }),
        line.test02({ client_id, bool: true }),
        line.$connection.oneway("a.b.C", {}),
        line.test03({ client_id, int: 1 }),
      ];
      return await Promise.all(sent);
    });
    expect(answered.filter((answer) => answer !== undefined)).toEqual([
      answers.Test01,
      answers.Test02,
      answers.Test03,
    ]);
    // Test10 wants `more`, and says so with an error of its own.
    await expect(
      loose.call(`${name}.Test10`, { client_id, ...answers.Test09 }),
    ).rejects.toThrow(CertificationError);
    const stopped = client.test10.more({ client_id, ...answers.Test09 });
    expect((await stopped.next()).value).toEqual({ string: replies[0] });
    await stopped.return();
    expect(await client.end({ client_id })).toEqual({ all_ok: true });
  });

  test("find each other again when the service was restarted", async () => {
    using folder = temporaryFolder();
    const first = await startGo(folder);
    await using client = await CertificationClient.connect(
      `unix:${folder("go")}`,
    );
    expect((await certify(client)).allOk).toBe(true);
    await first[Symbol.asyncDispose]();
    await expect(client.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^CONNECT(_FAILED|ION_LOST)$/) as string,
    });
    await using _ = await startGo(folder);
    expect((await certify(client)).allOk).toBe(true);
  });
});

describe.skipIf(go === "")("Go's client and our server", () => {
  /** What Go's client prints when nothing went wrong. */
  const printed = [
    ...["true", "1", "1", "ping"].map(
      (value, index) => `Test0${index + 1}: '${value}'`,
    ),
    "Test05: 'false'",
    `Test06: '{false 2 ${Math.PI} a lot of string}'`,
    "Test07: 'map[bar:Bar foo:Foo]'",
    "Test08: 'map[one:{} three:{} two:{}]'",
    ...replies.map((reply) => `  Receive: '${reply}'`),
    `Test10: '[${replies.join(" ")}]'`,
    "Test11: ''",
    "End: 'true'",
  ];

  /** Runs it; what it prints of Test09 has an address in it. */
  async function runClient(address: string): Promise<readonly string[]> {
    const { code, stdout, stderr } = await run([
      go,
      "--client",
      `--varlink=${address}`,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    return lines.filter((line) => !/^(Start|Test09|Test10\(\))/.test(line));
  }

  test.each([
    { how: "in one piece", bytewise: false },
    { how: "byte by byte", bytewise: true },
  ])("certify each other, $how", async ({ bytewise }) => {
    using folder = temporaryFolder();
    await using server = await startCertification(unixEndpoint(folder("ours")));
    await using _ = await startTap(folder("tap"), folder("ours"), { bytewise });
    expect(await runClient(`unix:${folder("tap")}`)).toEqual(printed);
    expect(server.problems).toEqual([]);
  });

  test("certify each other over TCP", async () => {
    await using server = await startCertification(tcpEndpoint("127.0.0.1", 0));
    expect(await runClient(server.address)).toEqual(printed);
    expect(server.problems).toEqual([]);
  });

  test("take several tests at a time", async () => {
    using folder = temporaryFolder();
    await using server = await startCertification(unixEndpoint(folder("ours")));
    const outputs = await Promise.all(
      Array.from({ length: 8 }, () => runClient(`unix:${folder("ours")}`)),
    );
    for (const output of outputs) expect(output).toEqual(printed);
    expect(server.problems).toEqual([]);
  });
});

describe.skipIf(go === "")("our server and Go's, to the same messages", () => {
  const start = '{"method":"org.varlink.certification.Start"}\0';

  test.each([
    { what: "no JSON", text: "{]\0" },
    { what: "no object", text: "[]\0" },
    { what: "a NUL by itself", text: "\0" },
    {
      what: "a flag that is no boolean",
      text: `{"method":"a.b.C","more":"yes"}\0`,
    },
  ])(
    "end the connection at $what, after what came before",
    async ({ text }) => {
      using folder = temporaryFolder();
      await using peer = await startGo(folder);
      await using own = await startCertification(unixEndpoint(folder("ours")));
      for (const server of ["go", "ours"]) {
        const heard = await say(folder(server), `${start}${text}${start}`);
        expect(heard, server).toEqual([
          { parameters: { client_id: expect.any(String) as string } },
        ]);
      }
      expect(peer.stderr).not.toContain("panic");
      expect(own.problems).toHaveLength(1);
    },
  );

  test("answer what came before the client closed its side", async () => {
    using folder = temporaryFolder();
    await using peer = await startGo(folder);
    await using own = await startCertification(unixEndpoint(folder("ours")));
    for (const server of ["go", "ours"])
      expect(await say(folder(server), start.repeat(3)), server).toHaveLength(
        3,
      );
    expect(peer.stderr).toBe("");
    expect(own.problems).toEqual([]);
  });
});
