import { EError } from "portolan/porto";
import { EngineError, InvalidState, NoSuchContainer } from "../../errors.ts";
import { type About, answered, translate } from "./errors.ts";
import { type Host, isGone } from "./host.ts";
import type { Operation } from "./operation.ts";
import { exitCodeOf } from "./states.ts";

/**
 * Milliseconds after which a container that is waited for to start is looked for
 * anew: Porto subscribes to names that do not exist as well, and says nothing of one
 * that was destroyed just before.
 */
const LOOK_AGAIN = 60_000;

/** How the end of a container is waited for. */
export class Waiting {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The exit code; of one that was not started yet, or is started again by Porto, once
   * it has ended.
   *
   * @throws InvalidState for what has no process, and for what was reset to `stopped`
   *   meanwhile: Porto forgets the code then.
   */
  async exitCode(
    id: string,
    about: About,
    operation: Operation,
  ): Promise<number> {
    let state = await this.#now(id, about, operation);
    let ran = false;
    for (;;) {
      if (state === "timeout") {
        ran = true;
        // It blocks until the container ends; other calls have other connections.
        const end = await this.#host.wait(id, about, operation);
        state = end.state ?? "";
        if (state === "dead" && end.label === "exit_code")
          return codeOf(end.value ?? "", about);
      }
      switch (state) {
        case "dead": {
          const code = await this.#recorded(id, about, operation);
          if (code !== undefined) return code;
          // It is not dead any more: started anew, or on the way there.
          await this.#changed(id, state, about, operation);
          break;
        }
        case "meta":
          throw new InvalidState(
            `${id} has no process of its own: it does not end`,
          );
        case "stopped":
          if (ran)
            throw new InvalidState(
              `${id} was stopped by somebody else, and Porto has forgotten its exit code`,
            );
          await this.#changed(id, state, about, operation);
          break;
        case "respawning":
          await this.#changed(id, state, about, operation);
          break;
        default:
          throw new EngineError(
            `${about.call} of ${id}: Porto says that it is ${state}`,
          );
      }
      state = await this.#now(id, about, operation);
    }
  }

  /**
   * Whether a container runs, or Porto is about to start it again; answers after
   * `most` milliseconds if it does, and at once when it does not any more.
   */
  async runs(
    id: string,
    about: About,
    operation: Operation,
    most: number,
  ): Promise<boolean> {
    try {
      const { state } = await this.#host.wait(id, about, operation, most);
      if (state !== "respawning") return state === "timeout";
      if (most > 0) await this.#changed(id, state, about, operation, most);
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Its state if it does not run, else `timeout`. */
  async #now(id: string, about: About, operation: Operation): Promise<string> {
    const { state = "" } = await this.#host.wait(id, about, operation, 0);
    return state;
  }

  /** The exit code of one that is dead; undefined if it is not any more. */
  async #recorded(
    id: string,
    about: About,
    operation: Operation,
  ): Promise<number | undefined> {
    try {
      const { value = "" } = await this.#host.client.getProperty(
        { name: id, property: "exit_code" },
        operation.limits,
      );
      return codeOf(value, about);
    } catch (error) {
      if (answered(error, EError.InvalidState)) return undefined;
      throw translate(error, about);
    }
  }

  /** Waits until a container is in another state, or has to be looked at again. */
  async #changed(
    id: string,
    from: string,
    about: About,
    operation: Operation,
    longest: number = LOOK_AGAIN,
  ): Promise<void> {
    const most = Math.ceil(Math.min(operation.left ?? Infinity, longest));
    const { signal } = operation;
    try {
      for await (const { name, state } of this.#host.client.asyncWait(
        { name: [id], timeout_ms: most },
        { ...(signal !== undefined && { signal }) },
      )) {
        if (name !== id) continue;
        if (state === "destroyed")
          throw new NoSuchContainer(`${id} was removed meanwhile`);
        if (state !== from) return;
      }
    } catch (error) {
      throw translate(error, about);
    }
  }
}

function codeOf(text: string, about: About): number {
  if (/^-?\d+$/.test(text)) return exitCodeOf(Number(text));
  throw new EngineError(
    `${about.call} of ${about.container ?? ""}: Porto gave "${text}" for an exit code`,
  );
}
