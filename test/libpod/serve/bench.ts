import {
  embedded,
  type EmbeddedEngine,
  type EmbeddedOptions,
  manualClock,
  type ManualClock,
} from "../../../src/libpod/engines/embedded/index.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import type { Service } from "../../../src/runtime/varlink/service.ts";
import { unixPlace } from "../../support/peer.ts";

/** An embedded engine behind a socket. */
export interface ServedEngine extends AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly clock: ManualClock;
  /** A folder for files. */
  readonly folder: string;
  readonly endpoint: Awaited<ReturnType<typeof unixPlace>>["endpoint"];
  /** What handlers threw that is no answer: nothing, if all is well. */
  readonly mistakes: unknown[];
}

/** 2026-11-21 22:24:05.5 UTC, when the first container is made. */
export const START: number = Date.UTC(2026, 10, 21, 22, 24, 5, 500);

/** Ids in their order: `0000…0001`, as many as are asked for. */
export function countingIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    // The beginnings differ, so that they can be looked up by.
    return `${count.toString(16).padStart(4, "0")}${"0".repeat(60)}`;
  };
}

/** @param servicesOf The interfaces by which the engine is served. */
export async function serveEngine(
  options: EmbeddedOptions,
  servicesOf: (engine: EmbeddedEngine) => readonly Service[],
): Promise<ServedEngine> {
  const clock = manualClock(START);
  const engine = await embedded({ clock, ids: countingIds(), ...options });
  const place = await unixPlace();
  const { endpoint, folder } = place;
  const mistakes: unknown[] = [];
  const server = new VarlinkServer({
    vendor: "v",
    product: "p",
    version: "1",
    url: "u",
    onError: (error) => mistakes.push(error),
  });
  for (const service of servicesOf(engine)) server.add(service);
  await server.listen(endpoint);
  return {
    engine,
    clock,
    folder,
    endpoint,
    mistakes,
    async [Symbol.asyncDispose]() {
      await server.close({ timeout: 0 });
      await engine.close();
      await place.remove();
    },
  };
}
