import { podmanDescriptor as podman10 } from "../../../generated/io.podman/index.ts";
import { podmanDescriptor as podman19 } from "../../../generated/io.podman-1.9/index.ts";
import { podmanDescriptor as projectatomic } from "../../../generated/io.projectatomic.podman/index.ts";
import type { Engine } from "../../../src/libpod/engine.ts";
import {
  type Dialect,
  openPodman,
  type PodmanOptions,
} from "../../../src/libpod/engines/podman/index.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import {
  type Peer,
  type PeerConnection,
  type ReceivedCall,
  startPeer,
} from "../../support/peer.ts";

/** What a fake daemon does when it gets a call. */
export type Answer = (
  call: ReceivedCall,
  connection: PeerConnection,
) => void | Promise<void>;

/** An answer that is given at once. */
export type Reply = (call: ReceivedCall, connection: PeerConnection) => void;

/** Answers by the method's name, without its interface. */
export type Script = Readonly<Record<string, Answer | object>>;

/** The descriptions of the daemons that there are clients for. */
export const daemons: Readonly<Record<Dialect, InterfaceDescriptor>> = {
  "io.podman (1.9)": podman19,
  "io.podman (1.0)": podman10,
  "io.projectatomic.podman": projectatomic,
};

export type DaemonName = Dialect;

/** A reply, or a stream of them. */
export function replies(...parameters: readonly object[]): Reply {
  return (_call, connection) => {
    const last = parameters.length - 1;
    connection.send(
      ...parameters.map((each, index) =>
        index === last
          ? { parameters: each }
          : { parameters: each, continues: true },
      ),
    );
  };
}

/** Replies that promise more, and then nothing. */
export function endless(...parameters: readonly object[]): Reply {
  return (_call, connection) => {
    connection.send(
      ...parameters.map((each) => ({ parameters: each, continues: true })),
    );
  };
}

/** An error of the daemon's interface, or, with dots in its name, of another. */
export function fails(name: string, parameters: object = {}): Reply {
  return ({ method }, connection) => {
    const own = method.slice(0, method.lastIndexOf("."));
    const error = name.includes(".") ? name : `${own}.${name}`;
    connection.send({ error, parameters });
  };
}

/** A daemon that answers by a script, and remembers what it was asked. */
export class FakePodman {
  readonly endpoint: Endpoint;
  /** Everything but introspection, in order, with the connection that it came on. */
  readonly calls: (ReceivedCall & { readonly connection: number })[] = [];
  readonly #peer: Peer;
  readonly #script: Script;
  readonly #introspection: Script;

  private constructor(peer: Peer, introspection: Script, script: Script) {
    this.endpoint = peer.endpoint;
    this.#peer = peer;
    this.#introspection = introspection;
    this.#script = script;
    void this.#accept();
  }

  static async start(
    daemon: DaemonName | { readonly description: string },
    script: Script,
    endpoint: Endpoint = memoryEndpoint(),
  ): Promise<FakePodman> {
    const description =
      typeof daemon === "string"
        ? daemons[daemon].description.join("\n")
        : daemon.description;
    const name = /^interface (\S+)/m.exec(description)?.[1] ?? "";
    const introspection = {
      GetInfo: {
        vendor: "Atomic",
        product: "podman",
        version: "1",
        url: "",
        interfaces: ["org.varlink.service", name],
      },
      GetInterfaceDescription: { description },
    };
    return new FakePodman(await startPeer(endpoint), introspection, script);
  }

  /** The methods it was asked for. */
  get methods(): string[] {
    return this.calls.map(({ method }) => short(method));
  }

  /** What it was asked with, the last time. */
  input(method: string): Readonly<Record<string, unknown>> {
    const call = this.calls.findLast((each) => short(each.method) === method);
    if (call === undefined) throw new Error(`${method} was not called`);
    return call.parameters ?? {};
  }

  get connections(): number {
    return this.#peer.accepted;
  }

  close(): Promise<void> {
    return this.#peer.close();
  }

  async #accept(): Promise<void> {
    for (let number = 1; ; number++) {
      const connection = await this.#peer.accept();
      // It ends when the client has closed its end.
      this.#serve(connection, number).catch(() => connection.destroy());
    }
  }

  async #serve(connection: PeerConnection, number: number): Promise<void> {
    for (;;) {
      const call = await connection.call();
      const name = short(call.method);
      const standard = call.method.startsWith("org.varlink.service.");
      if (!standard) this.calls.push({ ...call, connection: number });
      const answer = (standard ? this.#introspection : this.#script)[name];
      if (answer === undefined)
        connection.send({
          error: "org.varlink.service.MethodNotFound",
          parameters: { method: name },
        });
      else if (typeof answer === "function")
        await (answer as Answer)(call, connection);
      else connection.reply(answer);
    }
  }
}

function short(method: string): string {
  return method.slice(method.lastIndexOf(".") + 1);
}

/** An engine on a fake daemon, for the length of a test. */
export async function withEngine<T>(
  daemon: DaemonName | { readonly description: string },
  script: Script,
  use: (engine: Required<Engine>, fake: FakePodman) => Promise<T>,
  options: PodmanOptions = {},
): Promise<T> {
  const fake = await FakePodman.start(daemon, script);
  try {
    const engine = await openPodman(fake.endpoint, {
      pollInterval: 1,
      ...options,
    });
    try {
      return await use(engine as Required<Engine>, fake);
    } finally {
      await engine.close();
    }
  } finally {
    await fake.close();
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a generator returns. */
export async function outcomeOf<T>(
  stream: AsyncGenerator<unknown, T, undefined>,
): Promise<T> {
  let step = await stream.next();
  while (step.done !== true) step = await stream.next();
  return step.value;
}
