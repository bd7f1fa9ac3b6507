// A process that may open no more files.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import {
  ECHO,
  netPlace,
  serveFaults,
  temporaryPlace,
  until,
} from "./support.ts";

/** Files that the program may open; about half of them it needs for itself. */
const FILES = 60;

let endpoint: Endpoint;
let remove: () => Promise<void>;
let child: ChildProcess | undefined;
const sockets: Socket[] = [];

beforeEach(async () => {
  ({ endpoint, remove } = await temporaryPlace());
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  if (child?.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }
  await remove();
});

/** Starts `limited.ts`, and resolves when it is ready. */
async function startLimited(
  role: "server" | "client",
): Promise<(order: string | number) => Promise<Record<string, unknown>>> {
  const program = spawn(
    "/bin/sh",
    [
      "-c",
      `ulimit -n ${FILES}; exec "$0" "$@"`,
      process.execPath,
      "--import",
      import.meta.resolve("tsx"),
      "--conditions=portolan-source",
      fileURLToPath(new URL("limited.ts", import.meta.url)),
      role,
      netPlace(endpoint) as string,
    ],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  child = program;
  const answer = async (): Promise<Record<string, unknown>> => {
    const [message] = (await once(program, "message")) as [
      Record<string, unknown>,
    ];
    return message;
  };
  await answer();
  return (order) => {
    const answered = answer();
    program.send(order);
    return answered;
  };
}

it("a server closes whom it cannot take, serves the others, and all when there is room again", async () => {
  const ask = await startLimited("server");
  await using friend = await VarlinkClient.connect(endpoint);
  expect(await friend.call(ECHO, { text: "a" })).toEqual({ text: "a" });
  let closed = 0;
  for (let count = 0; count < 2 * FILES; count += 1) {
    const socket = connect(netPlace(endpoint) as string);
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("close", () => (closed += 1));
  }
  await until("those that are too many", () => closed >= FILES);
  expect(await friend.call(ECHO, { text: "b" })).toEqual({ text: "b" });
  const full = await ask("state");
  expect(full["connections"]).toBeLessThan(FILES);
  expect(full["connections"]).toBeGreaterThan(1);
  for (const socket of sockets) socket.destroy();
  const end = Date.now() + 20_000;
  while ((await ask("state"))["connections"] !== 1 && Date.now() < end);
  await using newcomer = await VarlinkClient.connect(endpoint);
  expect(await newcomer.call(ECHO, { text: "c" })).toEqual({ text: "c" });
  expect(await ask("close")).toEqual({ closed: true });
});

it("a client says of each call why it failed, and goes on when there is room again", async () => {
  await using served = await serveFaults(endpoint);
  const ask = await startLimited("client");
  const { results, after } = (await ask(2 * FILES)) as {
    readonly results: readonly string[];
    readonly after: string;
  };
  const refused = results.filter((result) => result.includes("EMFILE"));
  expect(refused.length).toBeGreaterThan(FILES);
  expect(refused[0]).toContain("too many files open");
  // The others got their connection, or waited for one.
  for (const result of results)
    expect(result).toMatch(/EMFILE|not answered within 500 ms/);
  expect(after).toBe('{"text":"after"}');
  expect(await ask("close")).toEqual({ closed: true });
  expect(served.errors).toEqual([]);
});
