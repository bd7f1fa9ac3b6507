import { performance } from "node:perf_hooks";
import type { Daemon, Limited } from "./daemon.ts";

interface Figures {
  readonly id: string;
  readonly cpu_nano: number;
}

/** Most containers whose figures are remembered. */
const MOST = 1000;

/**
 * Shares of the processors between one look at a container and the next. The daemon's
 * own percentage is of the time since 1970, for it does not remember what it said.
 */
export class CpuShares {
  readonly #daemon: Daemon;
  readonly #before = new Map<
    string,
    { readonly nanos: number; readonly at: number }
  >();
  #processors: number | undefined;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** The share in percent of all processors; 0 where nothing is known from before. */
  async next(
    { id, cpu_nano: nanos }: Figures,
    limited: Limited,
  ): Promise<number> {
    const at = performance.now();
    const before = this.#before.get(id);
    this.#before.delete(id);
    this.#before.set(id, { nanos, at });
    // Containers that others removed are never asked for again.
    const [oldest] = this.#before.keys();
    if (this.#before.size > MOST && oldest !== undefined) this.forget(oldest);
    const processors = await this.#countProcessors(limited);
    // A container that was started again counts from 0.
    if (
      before === undefined ||
      processors === undefined ||
      nanos < before.nanos ||
      at <= before.at
    )
      return 0;
    const passed = (at - before.at) * 1e6 * processors;
    return Math.min(100, ((nanos - before.nanos) / passed) * 100);
  }

  forget(id: string): void {
    this.#before.delete(id);
  }

  async #countProcessors(limited: Limited): Promise<number | undefined> {
    if (this.#processors === undefined && this.#daemon.has("GetInfo")) {
      const { info } = await this.#daemon.v10.getInfo({}, limited);
      if (info.host.cpus > 0) this.#processors = info.host.cpus;
    }
    return this.#processors;
  }
}
