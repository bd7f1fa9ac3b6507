import { once } from "node:events";
import { connect } from "node:net";
import { FrameReader } from "./frames.ts";

/**
 * Sends text to a server as it is, closes this side, and gives the replies that come
 * until the server closes too.
 */
export async function say(
  path: string,
  text: string,
): Promise<readonly unknown[]> {
  const socket = connect(path);
  const frames = new FrameReader();
  socket.on("data", (chunk: Buffer) => frames.push(chunk));
  socket.on("error", () => {});
  socket.end(text);
  await once(socket, "close");
  const heard: unknown[] = [];
  for (let frame = frames.shift(); frame !== undefined; frame = frames.shift())
    heard.push(JSON.parse(frame));
  return heard;
}
