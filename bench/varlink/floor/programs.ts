import type { Calls, Client, Counted, Integer, Open } from "../contract.ts";
import { POOL } from "../contract.ts";
import { FloorConnection, FloorPool } from "./client.ts";

const BENCH = "org.example.bench";

interface Caller {
  call(method: string, parameters: object | undefined): Promise<object>;
}

/** What a generator would write over the floor: a name and a type for each call. */
function callsOf(
  caller: Caller,
  more: (method: string, input: object) => AsyncIterable<object>,
): Calls {
  const call =
    <O>(method: string) =>
    (input: object): Promise<O> =>
      caller.call(method, input) as Promise<O>;
  const stream = (method: string): Calls["count"] => ({
    more: (input: { readonly count: Integer }) =>
      more(method, input) as AsyncIterable<Counted>,
  });
  return {
    echo: call(`${BENCH}.Echo`),
    page: call(`${BENCH}.Page`),
    bulk: call(`${BENCH}.Bulk`),
    count: stream(`${BENCH}.Count`),
    countAtOnce: stream(`${BENCH}.CountAtOnce`),
    getInfo: () =>
      caller.call("org.varlink.service.GetInfo", undefined) as ReturnType<
        Calls["getInfo"]
      >,
  };
}

/** Opens a client of the floor. */
export const openFloor: Open = async (address, pooled): Promise<Client> => {
  const path = address.slice("unix:".length);
  const caller = pooled
    ? await FloorPool.open(path, POOL)
    : await FloorConnection.open(path);
  const calls = callsOf(caller, (method, input) => {
    if (caller instanceof FloorPool) throw new Error("streams are not pooled");
    return caller.more(method, input);
  });
  return {
    calls,
    pipeline: (run) => run(calls),
    close() {
      caller.close();
      return Promise.resolve();
    },
  };
};
