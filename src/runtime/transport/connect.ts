import type { Duplex } from "node:stream";
import { PortolanError } from "../errors.ts";
import { type AbortTarget, unwatchSignal, watchSignal } from "../signals.ts";
import type { Endpoint } from "./endpoint.ts";
import { connectFailed } from "./failure.ts";

/**
 * Opens a connection within a time.
 *
 * @param timeout Milliseconds; `Infinity` is no limit.
 * @throws PortolanError `CONNECT_FAILED`, `TIMEOUT`, or `ABORTED`, each with its cause.
 */
export async function openConnection(
  endpoint: Endpoint,
  timeout: number,
  signal?: AbortSignal,
): Promise<Duplex> {
  if (signal?.aborted === true) throw aborted(endpoint, signal);
  const limit = new AbortController();
  const target: AbortTarget = { onAbort: (reason) => limit.abort(reason) };
  if (signal !== undefined) watchSignal(signal, target);
  let timedOut = false;
  // A timer of Node takes a time too long for it as none at all.
  const timer =
    timeout < 2 ** 31
      ? setTimeout(() => {
          timedOut = true;
          limit.abort(new Error("the time to connect is over"));
        }, timeout)
      : undefined;
  try {
    return await raceAbort(
      endpoint.connect({ signal: limit.signal }),
      limit.signal,
    );
  } catch (error) {
    if (limit.signal.aborted && !timedOut && signal !== undefined) {
      throw aborted(endpoint, signal);
    }
    if (timedOut) {
      throw new PortolanError(
        "TIMEOUT",
        `cannot connect to ${endpoint.address}: no answer within ${timeout} ms (connectTimeout)`,
        { cause: error },
      );
    }
    throw connectFailed(endpoint.address, error);
  } finally {
    clearTimeout(timer);
    if (signal !== undefined) unwatchSignal(signal, target);
  }
}

/** For endpoints that do not look at their signal: nobody waits, and what comes late is closed. */
function raceAbort(
  connecting: Promise<Duplex>,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      const reason: unknown = signal.reason;
      reject(reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const onConnect = (stream: Duplex): void => {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted) {
        stream.on("error", () => {});
        stream.destroy();
      }
      resolve(stream);
    };
    connecting.then(onConnect, reject);
  });
}

function aborted(endpoint: Endpoint, signal: AbortSignal): PortolanError {
  return new PortolanError(
    "ABORTED",
    `connecting to ${endpoint.address} was aborted`,
    {
      cause: signal.reason,
    },
  );
}
