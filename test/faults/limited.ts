// A program that may open few files, and does what its parent tells it: serves
// (`limited.ts server PATH`) or calls (`limited.ts client PATH`).
import { unixEndpoint } from "../../src/runtime/transport/unix.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { ECHO, HANG, serveFaults } from "./support.ts";

const [, , role = "", path = ""] = process.argv;
const endpoint = unixEndpoint(path);

function tell(message: object): void {
  process.send?.(message);
}

function leave(): void {
  tell({ closed: true });
  process.disconnect();
}

async function serve(): Promise<void> {
  const { server, errors } = await serveFaults(endpoint);
  process.on("message", (order) => {
    if (order === "state")
      tell({ connections: server.connections, errors: errors.map(String) });
    else void server.close({ timeout: 100 }).then(leave);
  });
}

/** How a call ended: its reply, or the message of its error. */
async function result(reply: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await reply);
  } catch (error) {
    return String(error);
  }
}

async function call(): Promise<void> {
  const client = await VarlinkClient.connect(endpoint, {
    maxConnections: Infinity,
  });
  process.on("message", (order) => {
    if (order === "close") {
      void client.close().then(leave);
      return;
    }
    const calls = Array.from({ length: Number(order) }, () =>
      client.call(HANG, {}, { timeout: 500 }),
    );
    void Promise.all(calls.map(result)).then(async (results) =>
      tell({
        results,
        after: await result(client.call(ECHO, { text: "after" })),
      }),
    );
  });
}

await (role === "server" ? serve() : call());
tell({ ready: true });
