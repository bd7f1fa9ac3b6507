import type { MoreResponse } from "portolan/podman/1.9";
import type { Call } from "../../../runtime/varlink/types.ts";
import type { ImageProgress, ProgressStream } from "../../engine.ts";
import type { Served19 } from "./answers.ts";

/** A step of what takes long, which ends with its result. */
export type Steps = AsyncGenerator<ImageProgress, string, undefined>;

type Replies<R> = AsyncGenerator<R, R, undefined> | Promise<R>;

/**
 * Tells the steps of something long line by line, and its result last; without `more`
 * all in one reply.
 *
 * @param wrap Puts a reply under the name that the method has for it.
 */
export function tellSteps<R>(
  served: Served19,
  { more }: Call,
  steps: () => Steps | ProgressStream,
  wrap: (reply: MoreResponse) => R,
): Replies<R> {
  return more ? stepByStep(served, steps, wrap) : atOnce(served, steps, wrap);
}

async function* stepByStep<R>(
  served: Served19,
  steps: () => Steps,
  wrap: (reply: MoreResponse) => R,
): AsyncGenerator<R, R, undefined> {
  try {
    const all = steps();
    for (;;) {
      const { done, value } = await all.next();
      if (done === true) return wrap({ logs: [], id: value });
      yield wrap({ logs: [`${value.text}\n`], id: "" });
    }
  } catch (error) {
    throw served.translate(error);
  }
}

async function atOnce<R>(
  served: Served19,
  steps: () => Steps,
  wrap: (reply: MoreResponse) => R,
): Promise<R> {
  const logs: string[] = [];
  const all = steps();
  for (;;) {
    const { done, value } = await served.attempt(all.next());
    if (done === true) return wrap({ logs, id: value });
    logs.push(`${value.text}\n`);
  }
}
