import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";
import { FrameReader } from "./frames.ts";

/** Everything one connection said, message by message as text. */
export interface Overheard {
  readonly calls: readonly string[];
  readonly replies: readonly string[];
}

/** A listening tap. */
export interface Tap extends AsyncDisposable {
  readonly connections: readonly Overheard[];
}

/** How a tap treats what goes through it. */
export interface TapOptions {
  /** Passes every byte by itself, so that no message arrives in one piece. */
  readonly bytewise?: boolean;
}

/**
 * Stands between a client and a service, passes their bytes unchanged, and keeps
 * what they said.
 */
export async function startTap(
  from: string,
  to: string,
  { bytewise = false }: TapOptions = {},
): Promise<Tap> {
  const connections: Overheard[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const service = connect({ path: to, allowHalfOpen: true });
    const calls: string[] = [];
    const replies: string[] = [];
    connections.push({ calls, replies });
    pass(client, service, calls, bytewise);
    pass(service, client, replies, bytewise);
    sockets.add(client).add(service);
  });
  server.listen(from);
  await once(server, "listening");
  return {
    connections,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function pass(
  from: Socket,
  to: Socket,
  heard: string[],
  bytewise: boolean,
): void {
  const frames = new FrameReader();
  from.on("data", (chunk: Buffer) => {
    frames.push(chunk);
    for (
      let frame = frames.shift();
      frame !== undefined;
      frame = frames.shift()
    )
      heard.push(frame);
    if (bytewise) for (const byte of chunk) to.write(Buffer.of(byte));
    else to.write(chunk);
  });
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
  from.on("close", () => to.end());
}
