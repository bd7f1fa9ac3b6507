import type {
  BenchRecord,
  Bulk,
  Counted,
  Echo,
  Integer,
  Page,
} from "../contract.ts";
import { bulk, page, toInteger } from "./data.ts";

interface Count {
  readonly count: Integer;
}

/** What answers the calls, whoever serves. */
export interface Handlers {
  echo(input: Echo): Promise<Echo>;
  page(input: { readonly number: Integer }): Promise<Page>;
  bulk(input: { readonly ascii: boolean }): Promise<Bulk>;
  count(input: Count): AsyncGenerator<Counted, void, undefined>;
  countAtOnce(input: Count): Generator<Counted, void, undefined>;
}

/** @param exact Whether integers are bigints. */
export function handlers(exact: boolean): Handlers {
  const integer = toInteger(exact);
  const records = page(integer);
  const large = new Map<boolean, readonly BenchRecord[]>();
  return {
    // oxlint-disable-next-line require-await -- handlers are async more often than not
    async echo({ number, text }) {
      return { number, text };
    },
    // oxlint-disable-next-line require-await -- as above
    async page({ number }) {
      return { number, records };
    },
    // oxlint-disable-next-line require-await -- as above
    async bulk({ ascii }) {
      const made = large.get(ascii) ?? bulk(ascii, integer);
      large.set(ascii, made);
      return { records: made };
    },
    async *count({ count }) {
      for (let number = 1; number <= count; number++)
        yield { number: integer(number) };
    },
    *countAtOnce({ count }) {
      for (let number = 1; number <= count; number++)
        yield { number: integer(number) };
    },
  };
}
