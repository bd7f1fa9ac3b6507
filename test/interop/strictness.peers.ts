import { describe, expect, test } from "vitest";
import { say } from "./support/say.ts";
import { serveStaff } from "./support/staff.ts";
import { hasSystemd, makeSystem, startUserdbd } from "./support/system.ts";

/**
 * Strange messages, to a server of ours and to systemd's, which is the strictest
 * there is: what ends a connection there does so here, and what does not goes on.
 */
const ours = "io.example.Staff";
const theirs = "io.systemd.Multiplexer";

/** A call to a service, with members of the test's own behind the usual ones. */
function call(service: string, members: object = {}): string {
  const parameters = { userName: "ada", service };
  const method = "io.systemd.UserDatabase.GetUserRecord";
  return `${JSON.stringify({ method, parameters, ...members })}\0`;
}

/** Says something between two calls, to both; what kind of reply comes to each call. */
async function between(
  strange: (service: string) => string,
): Promise<readonly (readonly string[])[]> {
  using system = makeSystem();
  await using _ = await startUserdbd(system);
  await using served = await serveStaff(system);
  const heard: string[][] = [];
  for (const service of [theirs, ours]) {
    const right = call(service);
    const replies = await say(
      system.socket(service),
      `${right}${strange(service)}${right}`,
    );
    heard.push(
      replies.map((reply) =>
        Object.hasOwn(reply as object, "error") ? "error" : "record",
      ),
    );
  }
  expect(served.problems.length).toBeLessThanOrEqual(1);
  return heard;
}

describe.skipIf(!hasSystemd)("systemd's server and ours", () => {
  test.each<readonly [what: string, strange: (service: string) => string]>([
    ["no JSON", () => "{]\0"],
    ["something behind the JSON", (to) => call(to).replace("\0", "x\0")],
    ["a message that is no object", () => "[]\0"],
    ["a NUL by itself", () => "\0"],
    ["no method", () => "{}\0"],
    ["a method that is no string", () => '{"method":1}\0'],
    ["parameters that are a list", (to) => call(to, { parameters: [] })],
    ["parameters that are a string", (to) => call(to, { parameters: "" })],
    ["a flag that is no boolean", (to) => call(to, { more: "yes" })],
    ["two flags", (to) => call(to, { more: true, oneway: true })],
    ["a member that nobody knows", (to) => call(to, { extra: 1 })],
    ["a message without an end", (to) => call(to).slice(0, -1)],
  ])("close at %s, the call before it answered", async (_, strange) => {
    // Behind a message without an end the next one is a part of it.
    expect(await between(strange)).toEqual([["record"], ["record"]]);
  });

  test.each<readonly [what: string, strange: (service: string) => string]>([
    [
      "a method that there is not",
      () => '{"method":"io.systemd.UserDatabase.No"}\0',
    ],
    ["an interface that there is not", () => '{"method":"a.b.C"}\0'],
    ["a name that is none", () => '{"method":"x"}\0'],
    ["parameters that are null", (to) => call(to, { parameters: null })],
    ["no parameters", (to) => call(to, { parameters: undefined })],
    [
      "a parameter that is missing",
      (to) => call(to, { parameters: { uid: 1 } }),
    ],
    [
      "a parameter that there is not",
      (to) => call(to, { parameters: { service: to, nope: 1 } }),
    ],
    [
      "a parameter of another type",
      (to) => call(to, { parameters: { service: to, uid: true } }),
    ],
    [
      "a fraction for an integer",
      (to) => call(to, { parameters: { service: to, uid: 5101.5 } }),
    ],
  ])("answer %s with an error and go on", async (_, strange) => {
    const replies = ["record", "error", "record"];
    expect(await between(strange)).toEqual([replies, replies]);
  });

  test.each<readonly [what: string, strange: (service: string) => string]>([
    ["blanks around", (to) => ` \n${call(to).replace("\0", "\t\0")}`],
    ["blanks within", (to) => call(to).replaceAll(",", " ,\r\n")],
    ["flags that are false", (to) => call(to, { more: false, oneway: false })],
    [
      "an integer written as 5101.0",
      (to) =>
        call(to, { parameters: { service: to, uid: 5101 } }).replace(
          ":5101",
          ":5101.0",
        ),
    ],
    [
      "escapes in names",
      (to) => call(to).replace("method", String.raw`\u006dethod`),
    ],
  ])("take %s", async (_, strange) => {
    const replies = ["record", "record", "record"];
    expect(await between(strange)).toEqual([replies, replies]);
  });

  test("give no answer to what is oneway and not there", async () => {
    const strange = '{"method":"io.systemd.UserDatabase.No","oneway":true}\0';
    const replies = ["record", "record"];
    expect(await between(() => strange)).toEqual([replies, replies]);
  });
});
