import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import { expect } from "vitest";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { until } from "../runtime/server/support.ts";
import { unixPlace } from "../support/peer.ts";
import { conform } from "./conform.ts";
import { full, serveSpecimen } from "./support.ts";

/**
 * Node sends descriptors over nothing but its own channel to a parent. So here a
 * connection is taken for one: what goes over it is some JSON of Node's, with a
 * socket, and then a NUL.
 */
const SENDER = `
  const witness = require("net").connect(process.argv[1], () =>
    process.send("with a socket", witness, () => {
      require("fs").writeSync(3, "\\0");
      process.exit();
    }));
`;

/** Sends, over a connection, a message with a socket that is connected to `witness`. */
async function sendSocket(connection: Socket, witness: string): Promise<void> {
  const child = spawn(process.execPath, ["-e", SENDER, witness], {
    stdio: ["ignore", "inherit", "inherit", connection],
    env: { ...process.env, NODE_CHANNEL_FD: "3" },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
  // What is left of it is the other side's.
  connection.destroy();
}

/** A server that waits, at a path, for one connection and for its end. */
async function startWitness(
  file: string,
): Promise<{ readonly closed: Promise<void>; readonly server: Server }> {
  const server = createServer();
  const end = async (): Promise<void> => {
    const [socket] = (await once(server, "connection")) as [Socket];
    await once(socket.resume(), "close");
  };
  const closed = end();
  await once(server.listen(file), "listening");
  return { server, closed };
}

conform("unix.refuse-descriptors", "server", async () => {
  const place = await unixPlace();
  const file = path.join(place.folder, "witness");
  const witness = await startWitness(file);
  await using served = await serveSpecimen();
  const socket = connect(served.endpoint.address.replace(/^unix:/, ""));
  await once(socket, "connect");
  await sendSocket(socket, file);
  // The message has come, and of the socket with it there is no copy left.
  await until(() => served.protocolErrors.length > 0);
  expect(served.protocolErrors).toMatchObject([
    { message: expect.stringContaining('unknown member "cmd"') as string },
  ]);
  await witness.closed;
  witness.server.close();
  await place.remove();
});

conform("unix.refuse-descriptors", "client", async () => {
  const place = await unixPlace();
  const file = path.join(place.folder, "witness");
  const witness = await startWitness(file);
  const server = createServer({ pauseOnConnect: true });
  await once(server.listen(path.join(place.folder, "socket")), "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  await using client = await VarlinkClient.connect(place.endpoint);
  const reply = client.call(full("Nothing"));
  const [socket] = await accepted;
  await sendSocket(socket, file);
  // Members that nobody knows are nothing to a lenient client.
  expect(await reply).toEqual({});
  await witness.closed;
  witness.server.close();
  server.close();
  await place.remove();
});
