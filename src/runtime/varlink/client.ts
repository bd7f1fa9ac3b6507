import type { Endpoint } from "../transport/endpoint.ts";
import type { InterfaceDescriptor } from "./descriptor.ts";

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
}

export class VarlinkClient {
  async close(): Promise<void> {}
}

type ClientClass<C> = new (connection: VarlinkClient) => C;

/** The base of generated clients. Its own members begin with `$`. */
export abstract class Client implements AsyncDisposable {
  static readonly descriptor: InterfaceDescriptor;
  readonly $connection: VarlinkClient;

  constructor(connection: VarlinkClient) {
    this.$connection = connection;
  }

  static async connect<C>(
    this: ClientClass<C>,
    _address: string | Endpoint,
    _options?: ConnectOptions,
  ): Promise<C> {
    return new this(new VarlinkClient());
  }

  async $pipeline<T>(calls: (client: this) => T): Promise<Awaited<T>> {
    return await calls(this);
  }

  async $close(): Promise<void> {
    await this.$connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.$close();
  }
}
