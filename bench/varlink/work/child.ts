/** The two kinds of process: they do what the driver asks over their channel. */
import type { Answer, Open, Question, Serve } from "../contract.ts";
import { type Warm, warm } from "./loops.ts";
import { collectGarbage, usage } from "./usage.ts";

/** A server at the address that is this program's argument. */
export async function runServer(serve: Serve): Promise<void> {
  answerQuestions((question) => {
    if (question.ask !== "usage") throw new Error(`not asked: ${question.ask}`);
    if (question.collect) collectGarbage();
    return Promise.resolve({ usage: usage() });
  });
  await serve(process.argv[2] ?? "");
  say({ ready: true });
}

/** A client, told what to do by the driver. */
export function runClient(open: Open): void {
  let ready: Warm | undefined;
  answerQuestions(async (question) => {
    if (question.ask === "usage") return { usage: usage() };
    if (question.ask === "warm") {
      ready = await warm(open, question.address, question.work);
      return { ready: true };
    }
    if (ready === undefined) throw new Error("not warm");
    return { report: await ready.measure() };
  });
  say({ ready: true });
}

function answerQuestions(
  answer: (question: Question) => Promise<Answer>,
): void {
  process.on("message", (question: Question) => {
    void (async () => {
      try {
        say(await answer(question));
      } catch (error) {
        const failed = error instanceof Error ? error.stack : undefined;
        say({ failed: failed ?? String(error) });
      }
    })();
  });
  // The driver is done with it, or gone.
  process.on("disconnect", () => process.exit());
}

function say(answer: Answer): void {
  if (process.send === undefined)
    throw new Error("this program is started by varlink/run.ts");
  process.send(answer);
}
