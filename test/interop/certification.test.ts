import { describe, expect, test } from "vitest";
import { CertificationClient } from "../../generated/org.varlink.certification/index.ts";
import { memoryEndpoint } from "../../src/runtime/transport/memory.ts";
import { unixEndpoint } from "../../src/runtime/transport/unix.ts";
import { certify } from "./certification/client.ts";
import { startCertification } from "./certification/server.ts";
import { answers, replies, withoutNulls } from "./certification/values.ts";
import { temporaryFolder } from "./support/programs.ts";
import { say } from "./support/say.ts";
import { startTap } from "./support/tap.ts";

const name = "org.varlink.certification";

/** Every byte by itself. */
function bytes(chunk: Buffer): Buffer[] {
  return Array.from(chunk, (byte) => Buffer.of(byte));
}

describe("our client and our server", () => {
  test("certify each other, in one piece and byte by byte", async () => {
    for (const split of [undefined, bytes]) {
      const endpoint = memoryEndpoint(split === undefined ? {} : { split });
      await using server = await startCertification(endpoint);
      await using client = await CertificationClient.connect(endpoint, {
        maxConnections: 1,
        replies: "strict",
      });
      const certificate = await certify(client);
      expect(certificate.answers).toEqual(withoutNulls(answers));
      expect(certificate.replies).toEqual(replies);
      expect(certificate.allOk).toBe(true);
      expect(server.problems).toEqual([]);
    }
  });

  test("take several tests at a time", async () => {
    const endpoint = memoryEndpoint();
    await using server = await startCertification(endpoint);
    const certificates = await Promise.all(
      Array.from({ length: 20 }, async () => {
        await using client = await CertificationClient.connect(endpoint, {
          maxConnections: 1,
        });
        return await certify(client);
      }),
    );
    expect(certificates.every(({ allOk }) => allOk)).toBe(true);
    expect(new Set(certificates.map(({ clientId }) => clientId)).size).toBe(20);
    expect(server.problems).toEqual([]);
  });

  test("put nothing on the wire but what the specification names", async () => {
    using folder = temporaryFolder();
    await using server = await startCertification(
      unixEndpoint(folder("server")),
    );
    await using tap = await startTap(folder("tap"), folder("server"));
    await using client = await CertificationClient.connect(
      `unix:${folder("tap")}`,
      { maxConnections: 1 },
    );
    await certify(client);
    const [heard, ...others] = tap.connections;
    expect(others).toEqual([]);
    const client_id = "client-1";
    const mytype = JSON.stringify(withoutNulls(answers.Test09.mytype));
    const float = String(Math.PI);
    const five = `"bool":false,"int":2,"float":${float},"string":"a lot of string"`;
    const calls = [
      ["Start", ""],
      ["Test01", ""],
      ["Test02", '"bool":true'],
      ["Test03", '"int":1'],
      ["Test04", '"float":1'],
      ["Test05", '"string":"ping"'],
      ["Test06", five],
      ["Test07", `"struct":{${five}}`],
      ["Test08", '"map":{"bar":"Bar","foo":"Foo"}'],
      ["Test09", '"set":{"one":{},"two":{},"three":{}}'],
      ["Test10", `"mytype":${mytype}`],
      ["Test11", `"last_more_replies":${JSON.stringify(replies)}`],
      ["End", ""],
    ].map(([method, parameters]) => {
      const id = method === "Start" ? "" : `"client_id":"${client_id}"`;
      const all = [id, parameters].filter((text) => text !== "").join(",");
      const flag =
        method === "Test10"
          ? ',"more":true'
          : method === "Test11"
            ? ',"oneway":true'
            : "";
      return `{"method":"${name}.${method}"${all === "" ? "" : `,"parameters":{${all}}`}${flag}}`;
    });
    // Members may stand in any order, so only their texts' lengths are exact.
    expect(heard?.calls.map((text) => JSON.parse(text) as unknown)).toEqual(
      calls.map((text) => JSON.parse(text) as unknown),
    );
    expect(heard?.calls.map(({ length }) => length)).toEqual(
      calls.map(({ length }) => length),
    );
    const said: readonly object[] = [
      { client_id },
      ...(Object.values(withoutNulls(answers)) as object[]),
      ...replies.map((string) => ({ string })),
      { all_ok: true },
    ];
    expect(heard?.replies.map((text) => JSON.parse(text) as unknown)).toEqual(
      said.map((parameters, index) => {
        const streamed = index >= 10 && index < 19;
        return streamed ? { parameters, continues: true } : { parameters };
      }),
    );
    expect(server.problems).toEqual([]);
  });
});

describe("our server refuses", () => {
  const client_id = "client-1";
  const start = { method: `${name}.Start` };
  const first = { method: `${name}.Test01`, parameters: { client_id } };

  async function withServer(
    ...messages: object[]
  ): Promise<readonly unknown[]> {
    using folder = temporaryFolder();
    await using server = await startCertification(
      unixEndpoint(folder("server")),
    );
    const heard = await say(
      folder("server"),
      messages.map((message) => `${JSON.stringify(message)}\0`).join(""),
    );
    expect(server.problems.length).toBeLessThanOrEqual(1);
    return heard;
  }

  test.each([
    { what: "a flag that is false", message: { ...first, more: false } },
    { what: "a flag that is null", message: { ...first, oneway: null } },
    { what: "a flag that is not asked for", message: { ...first, more: true } },
    {
      what: "a member of a vendor",
      message: { ...first, "org.example.trace": 1 },
    },
    {
      what: "a call out of order",
      message: {
        method: `${name}.Test02`,
        parameters: { client_id, bool: true },
      },
    },
  ])("$what", async ({ message }) => {
    const [, reply] = await withServer(start, message);
    expect(reply).toEqual({
      error: `${name}.CertificationError`,
      parameters: { wants: first, got: message },
    });
  });

  test("a wrong value, and goes on with the right one", async () => {
    const wrong = {
      method: `${name}.Test02`,
      parameters: { client_id, bool: false },
    };
    const right = { ...wrong, parameters: { client_id, bool: true } };
    const [, , refused, accepted] = await withServer(
      start,
      first,
      wrong,
      right,
    );
    expect(refused).toEqual({
      error: `${name}.CertificationError`,
      parameters: { wants: right, got: wrong },
    });
    expect(accepted).toEqual({ parameters: answers.Test02 });
  });

  test("a client that it does not know", async () => {
    expect(await withServer(first)).toEqual([
      { error: `${name}.ClientIdError` },
    ]);
  });

  test("to confirm what was not done", async () => {
    const end = { method: `${name}.End`, parameters: { client_id } };
    expect(await withServer(start, end)).toEqual([
      { parameters: { client_id } },
      { parameters: { all_ok: false } },
    ]);
  });

  test("silently what comes wrong and oneway, and says so at the end", async () => {
    const oneway = { ...first, oneway: true };
    const end = { method: `${name}.End`, parameters: { client_id } };
    expect(await withServer(start, oneway, end)).toEqual([
      { parameters: { client_id } },
      { parameters: { all_ok: false } },
    ]);
  });
});
