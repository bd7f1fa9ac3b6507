import type { MoreResponse } from "portolan/podman/1.9";
import type { Stream } from "../../../runtime/varlink/types.ts";
import type { ProgressStream } from "../../engine.ts";

/** Passes on what a stream of the daemon says, and returns the last id that it told. */
export async function* progress(
  replies: Stream<{ readonly reply: MoreResponse }>,
): ProgressStream {
  let made = "";
  for await (const { reply } of replies) {
    // Many replies say nothing, by the thousand: only that the daemon is still at it.
    for (const text of reply.logs) yield { text: text.replace(/\n$/, "") };
    if (reply.id !== "") made = reply.id;
  }
  return made;
}

/** What a stream of progress comes to. */
export async function outcome(stream: ProgressStream): Promise<string> {
  let step = await stream.next();
  while (step.done !== true) step = await stream.next();
  return step.value;
}
