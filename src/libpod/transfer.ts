import { PortolanError } from "../runtime/errors.ts";
import type { ImageProgress } from "./engine.ts";
import { InvalidState } from "./errors.ts";
import { Leavable } from "./leaving.ts";

/** Lines that are kept while nobody reads them. Engines send thousands. */
const MAX_KEPT = 1000;

/** The lines of a transfer, and at their end its result; it can be left at any time. */
type Lines<T> = AsyncGenerator<ImageProgress, T, undefined>;

/**
 * A pull, push or import under way: an async iterable of its progress and a
 * promise of its result, in one.
 *
 * ```ts
 * const image = await runtime.pullImage("alpine");
 *
 * const pull = runtime.pullImage("alpine");
 * for await (const { text } of pull) console.log(text);
 * const image = await pull;
 * ```
 *
 * It begins when it is first awaited or read. Awaiting does not need the progress
 * to be read: of lines that nobody reads the last 1000 are kept. Reading alone goes
 * at the reader's pace. Leaving the loop early cancels what is not finished: the
 * result then rejects with code `ABORTED`.
 */
export class Transfer<T> implements AsyncIterable<ImageProgress>, Promise<T> {
  readonly [Symbol.toStringTag]: string = "Transfer";
  readonly #source: () => Lines<T>;
  readonly #kept: ImageProgress[] = [];
  readonly #result: Promise<T>;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #outcome: { readonly error?: unknown } | undefined;
  #stream: Lines<T> | undefined;
  #step: Promise<void> | undefined;
  #driven = false;
  #read = false;
  /** Settles when what was left has ended. Never rejects. */
  #leaving: Promise<unknown> | undefined;

  /**
   * Transfers are made by a `Runtime`.
   *
   * @param source Begins it.
   * @internal
   */
  constructor(source: () => Lines<T>) {
    this.#source = source;
    this.#result = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Those who only read the progress get the error there.
    this.#result.catch(() => undefined);
  }

  /** The result, once it is there. Begins the transfer, if that was not done. */
  // oxlint-disable-next-line unicorn/no-thenable -- a promise on purpose
  then<R = T, E = never>(
    fulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    rejected?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#begin().then(fulfilled, rejected);
  }

  /** As a promise's. Begins the transfer, if that was not done. */
  catch<E = never>(
    rejected?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.#begin().catch(rejected);
  }

  /** As a promise's. Begins the transfer, if that was not done. */
  finally(settled?: (() => void) | null): Promise<T> {
    return this.#begin().finally(settled);
  }

  /**
   * The progress, from the first line that is still kept.
   *
   * @throws InvalidState at the second reader: there is one stream of lines
   */
  [Symbol.asyncIterator](): AsyncGenerator<ImageProgress, void, undefined> {
    if (this.#read)
      throw new InvalidState("the progress of a transfer is read only once");
    this.#read = true;
    return new Leavable(this.#lines(), () => this.#leave());
  }

  async *#lines(): AsyncGenerator<ImageProgress, void, undefined> {
    try {
      while (this.#leaving === undefined) {
        const line = this.#kept.shift();
        if (line !== undefined) yield line;
        else if (this.#outcome === undefined) await this.#advance();
        else if ("error" in this.#outcome) throw this.#outcome.error;
        else return;
      }
    } finally {
      await this.#leaving;
    }
  }

  #begin(): Promise<T> {
    void this.#drive();
    return this.#result;
  }

  async #drive(): Promise<void> {
    if (this.#driven) return;
    this.#driven = true;
    while (this.#outcome === undefined) await this.#advance();
  }

  /** One step of the stream, whoever asks for it: there is one at a time. It never rejects. */
  #advance(): Promise<void> {
    this.#step ??= this.#takeStep().finally(() => {
      this.#step = undefined;
    });
    return this.#step;
  }

  async #takeStep(): Promise<void> {
    try {
      this.#stream ??= this.#source();
      const { done, value } = await this.#stream.next();
      if (this.#outcome !== undefined) return;
      if (done === true) {
        this.#outcome = {};
        this.#resolve(value);
        return;
      }
      this.#kept.push(value);
      if (this.#kept.length > MAX_KEPT) this.#kept.shift();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Cancels what is under way. */
  #leave(): void {
    const stream = this.#stream;
    if (stream === undefined || this.#outcome !== undefined) return;
    this.#fail(
      new PortolanError(
        "ABORTED",
        "the reader of the progress left before the end",
      ),
    );
    // The stream says that it was left, if anything, which the result says already.
    this.#leaving = Promise.allSettled([stream.return(undefined as never)]);
  }

  #fail(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#reject(error);
  }
}
