/**
 * What is generated from `org.example.bench.varlink` when the benchmark starts, as
 * far as it is used: the repository is checked without it.
 */
import type { Service } from "../../../src/codegen/v1.ts";
import type { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { Calls } from "../contract.ts";
import type { Handlers } from "../work/handlers.ts";

/** A generated client. */
export interface BenchClient extends Omit<Calls, "getInfo"> {
  readonly $connection: VarlinkClient;
  $pipeline<T>(calls: (client: BenchClient) => Promise<T>): Promise<T>;
  $close(): Promise<void>;
}

/** Its class. */
export interface BenchClientClass {
  connect(address: string): Promise<BenchClient>;
}

/** Makes a service of handlers. */
export type BenchService = (handlers: Handlers) => Service;
