/** What a program of these tests does when its parent asks for it. */
export type Answers = {
  readonly [question: string]: (argument: number) => unknown;
};

/** A question of the parent, or its answer. */
export interface Question {
  readonly id: number;
  readonly question: string;
  readonly argument: number;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  /** Why there is no value. */
  readonly error?: string;
}

/** Answers the parent, until it is gone. */
export function answerParent(answers: Answers): void {
  process.on("message", (message) => void answer(message as Question));
  process.on("disconnect", () => process.exit());
  process.send?.({ id: 0 } satisfies Answer);

  async function answer({ id, question, argument }: Question): Promise<void> {
    let reply: Answer;
    try {
      const value = await answers[question]?.(argument);
      reply = { id, value };
    } catch (error) {
      reply = {
        id,
        error: error instanceof Error ? String(error.stack) : String(error),
      };
    }
    process.send?.(reply);
  }
}
