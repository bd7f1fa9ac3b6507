/**
 * What the programs of the benchmark agree on. The floor has the shape of a
 * generated client, and both serve the very same handlers.
 */

/** Varlink's `int`: a bigint where the interface was generated with exact integers. */
export type Integer = number | bigint;

export interface BenchRecord {
  readonly id: Integer;
  readonly name: string;
  readonly size: Integer;
  readonly share: number;
  readonly running: boolean;
  readonly state: string;
}

export interface Echo {
  readonly number: Integer;
  readonly text: string;
}

export interface Page {
  readonly number: Integer;
  readonly records: readonly BenchRecord[];
}

export interface Bulk {
  readonly records: readonly BenchRecord[];
}

export interface Counted {
  readonly number: Integer;
}

/** A method that is called with `more`. */
export interface Counting {
  more(input: { readonly count: Integer }): AsyncIterable<Counted>;
}

/** What `org.varlink.service.GetInfo` answers. */
export interface Info {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly url: string;
  readonly interfaces: readonly string[];
}

/** The calls of a generated client, as the loops make them. */
export interface Calls {
  echo(input: Echo): Promise<Echo>;
  page(input: { readonly number: Integer }): Promise<Page>;
  bulk(input: { readonly ascii: boolean }): Promise<Bulk>;
  readonly count: Counting;
  readonly countAtOnce: Counting;
  /** Of the service's own interface, which other implementations have too. */
  getInfo(): Promise<Info>;
}

/** An open client. */
export interface Client {
  readonly calls: Calls;
  pipeline<T>(run: (calls: Calls) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens a client.
 *
 * @param pooled Whether calls at the same time get a connection each, up to
 * {@link POOL}.
 */
export type Open = (address: string, pooled: boolean) => Promise<Client>;

/** Connections of a pool: what ours has by default. */
export const POOL = 16;

/** Begins to serve, and resolves when clients may come. */
export type Serve = (address: string) => Promise<void>;

/** What a client is told to do, and how often. */
export type Work =
  | {
      readonly kind: "calls";
      readonly message: "tiny" | "page" | "info";
      /** Calls at a time; 1 waits for each reply. */
      readonly inFlight: number;
      /** In a pipeline, or each with a connection of the pool. */
      readonly over: "pipeline" | "pool";
      readonly exact: boolean;
      readonly warmUp: number;
      readonly times: number;
    }
  | {
      readonly kind: "stream";
      readonly method: "count" | "countAtOnce";
      readonly exact: boolean;
      readonly warmUp: number;
      readonly times: number;
    }
  | {
      readonly kind: "bulk";
      readonly ascii: boolean;
      readonly warmUp: number;
      readonly times: number;
    }
  | {
      readonly kind: "connect";
      readonly inFlight: number;
      readonly warmUp: number;
      readonly times: number;
    }
  | {
      /** Programs that call and end: no client of ours does that. */
      readonly kind: "runs";
      readonly warmUp: number;
      readonly times: number;
    }
  | {
      readonly kind: "idle";
      /** Connections that are open at the same time. */
      readonly times: number;
    };

/** What a process has used so far. */
export interface Usage {
  /** Of all its threads, in user and system mode, in microseconds. */
  readonly cpu: number;
  /** The most memory it ever had, in bytes; not a number where that is not known. */
  readonly peak: number;
  /** The memory that it has, in bytes. */
  readonly resident: number;
  /** Of the JavaScript heap, in bytes. */
  readonly heap: number;
}

/** What a client measured. */
export interface Report {
  /** Calls or replies. */
  readonly times: number;
  /** Seconds that they took. */
  readonly seconds: number;
  readonly before: Usage;
  readonly after: Usage;
  /** Of a large reply: CPU milliseconds of each part, medians. */
  readonly bulk?: BulkReport;
}

export interface BulkReport {
  readonly bytes: number;
  /** The client's, from the call to the reply. */
  readonly call: number;
  /** Decoding the same bytes and JSON.parse of them, in the same process. */
  readonly decodeAndParse: number;
}

/** What the driver asks of a child; each is answered with one message. */
export type Question =
  | { readonly ask: "warm"; readonly work: Work; readonly address: string }
  | { readonly ask: "measure" }
  | {
      readonly ask: "usage";
      /** Collects garbage first. */
      readonly collect: boolean;
    };

export type Answer =
  | { readonly ready: true }
  | { readonly usage: Usage }
  | { readonly report: Report }
  | { readonly failed: string };
