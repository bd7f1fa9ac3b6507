import { Worker } from "node:worker_threads";

/** Milliseconds that one batch may take: some fifty times what it does. */
const LIMIT = 120_000;

/**
 * Ends the process where an input makes it run for ever without a turn, which
 * nothing inside of it could notice. Says where it was.
 */
export class Watchdog {
  readonly #worker: Worker;
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));

  constructor() {
    this.#worker = new Worker(
      `const { parentPort, workerData } = require("node:worker_threads");
       const { writeSync } = require("node:fs");
       let where = "", last = 0, since = Infinity;
       parentPort.on("message", (text) => { where = text; });
       setInterval(() => {
         const beats = Atomics.load(workerData.beats, 0);
         const now = performance.now();
         if (beats !== last) since = now;
         last = beats;
         if (now - since < ${LIMIT}) return;
         writeSync(2, "fuzzing: no end for ${LIMIT / 1000} s, in " + where + "\\n");
         process.kill(process.pid, "SIGKILL");
       }, 1000);`,
      { eval: true, workerData: { beats: this.#beats } },
    );
    this.#worker.unref();
  }

  /** It still runs, and `where` says what it begins now. */
  beat(where: string): void {
    Atomics.add(this.#beats, 0, 1);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, no window
    this.#worker.postMessage(where);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
