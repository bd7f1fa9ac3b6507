import { PortolanError } from "../runtime/errors.ts";
import type { ImageProgress, ProgressStream } from "./engine.ts";
import { InvalidState } from "./errors.ts";

/** Lines that are kept while nobody reads them. Engines send thousands. */
const MAX_KEPT = 1000;

/** Makes the stream of a transfer; the signal ends it. */
export type TransferSource = (signal: AbortSignal) => ProgressStream;

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
export class Transfer<T>
  implements AsyncIterable<ImageProgress>, PromiseLike<T>
{
  readonly #source: TransferSource;
  readonly #finish: (id: string) => Promise<T>;
  readonly #cancel = new AbortController();
  readonly #kept: ImageProgress[] = [];
  readonly #result: Promise<T>;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #outcome: { readonly error?: unknown } | undefined;
  #stream: ProgressStream | undefined;
  #step: Promise<void> | undefined;
  #driven = false;
  #read = false;

  /**
   * @param source Begins it.
   * @param finish Makes the result of the id that the stream returned.
   */
  constructor(source: TransferSource, finish: (id: string) => Promise<T>) {
    this.#source = source;
    this.#finish = finish;
    this.#result = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Those who only read the progress get the error there.
    this.#result.catch(() => undefined);
  }

  /** The result, once it is there. Begins the transfer, if that was not done. */
  // oxlint-disable-next-line unicorn/no-thenable -- a PromiseLike on purpose
  then<R = T, E = never>(
    fulfilled?: ((value: T) => R | PromiseLike<R>) | null,
    rejected?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    void this.#drive();
    return this.#result.then(fulfilled, rejected);
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
    return this.#lines();
  }

  async *#lines(): AsyncGenerator<ImageProgress, void, undefined> {
    try {
      for (;;) {
        const line = this.#kept.shift();
        if (line !== undefined) yield line;
        else if (this.#outcome === undefined) await this.#advance();
        else if ("error" in this.#outcome) throw this.#outcome.error;
        else return;
      }
    } finally {
      if (this.#outcome === undefined) await this.#abandon();
    }
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
      this.#stream ??= this.#source(this.#cancel.signal);
      const { done, value } = await this.#stream.next();
      if (this.#outcome !== undefined) return;
      if (done !== true) {
        this.#kept.push(value);
        if (this.#kept.length > MAX_KEPT) this.#kept.shift();
        return;
      }
      const result = await this.#finish(value);
      this.#outcome ??= {};
      this.#resolve(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #abandon(): Promise<void> {
    const error = new PortolanError(
      "ABORTED",
      "the reader of the progress left before the end",
    );
    this.#fail(error);
    this.#cancel.abort(error);
    try {
      await this.#stream?.return("");
    } catch {
      // The stream says that it was aborted, which the result says already.
    }
  }

  #fail(error: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#reject(error);
  }
}
