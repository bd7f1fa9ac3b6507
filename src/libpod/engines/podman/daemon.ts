import { PodmanClient as Podman10 } from "portolan/podman";
import { PodmanClient as Podman19 } from "portolan/podman/1.9";
import { PodmanClient as ProjectAtomic } from "portolan/podman/projectatomic";
import { resolveEndpoint } from "../../../runtime/transport/address.ts";
import type { Endpoint } from "../../../runtime/transport/endpoint.ts";
import { VarlinkClient } from "../../../runtime/varlink/client.ts";
import type { OperationOptions } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { type Description, describe } from "./description.ts";
import { libpodError } from "./errors.ts";
import { Limits } from "./limits.ts";

/** The interfaces by which Podman's daemons are spoken to, newest first. */
export type Dialect =
  "io.podman (1.9)" | "io.podman (1.0)" | "io.projectatomic.podman";

/** The methods that have one shape in all three interfaces, whatever came to it later. */
export type CommonClient = Pick<
  Podman10,
  | "getVersion"
  | "listContainers"
  | "getContainer"
  | "inspectContainer"
  | "listContainerProcesses"
  | "getContainerLogs"
  | "listContainerChanges"
  | "exportContainer"
  | "getContainerStats"
  | "stopContainer"
  | "restartContainer"
  | "killContainer"
  | "pauseContainer"
  | "unpauseContainer"
  | "waitContainer"
  | "removeContainer"
  | "listImages"
  | "inspectImage"
  | "historyImage"
  | "tagImage"
  | "removeImage"
  | "pushImage"
  | "importImage"
  | "pullImage"
>;

/** What each call of an operation gets. */
export interface Limited {
  /** Aborted when the operation is, and when its time is over. */
  readonly signal: AbortSignal;
}

/** What the engine may be told when it is made. */
export interface DaemonOptions extends OperationOptions {
  /** Kinds of address that may be used. Default: `unix` and `tcp`. */
  readonly allow?: readonly string[] | undefined;
  /** Milliseconds between two looks at what the daemon does not tell by itself. Default 500. */
  readonly pollInterval?: number | undefined;
}

/**
 * A daemon and what it can do. The clients of all three interfaces share its
 * connections; {@link Description} says which of them has the shape that this daemon
 * goes by, method by method.
 */
export class Daemon implements Description {
  readonly dialect: Dialect;
  readonly connection: VarlinkClient;
  /** The methods that every daemon has alike. */
  readonly common: CommonClient;
  /** The seed's interface, in the shapes of Podman 1.0. */
  readonly v10: Podman10;
  /** The last shapes of the interface. */
  readonly v19: Podman19;
  /** Milliseconds between two looks at what the daemon does not tell by itself. */
  readonly pollInterval: number;
  readonly #endpoint: Endpoint;
  readonly #description: Description;

  private constructor(
    endpoint: Endpoint,
    connection: VarlinkClient,
    description: Description,
    renamed: boolean,
    pollInterval: number,
  ) {
    this.#endpoint = endpoint;
    this.connection = connection;
    this.#description = description;
    this.pollInterval = pollInterval;
    this.v10 = new Podman10(connection);
    this.v19 = new Podman19(connection);
    this.common = renamed ? this.v10 : new ProjectAtomic(connection);
    this.dialect = !renamed
      ? "io.projectatomic.podman"
      : description.gives("GetVersion", "remote_api_version")
        ? "io.podman (1.9)"
        : "io.podman (1.0)";
  }

  /**
   * Connects, and asks the daemon what it is.
   *
   * @throws EngineError where something else than Podman answers; PortolanError as
   * `VarlinkClient.connect`.
   */
  static async connect(
    target: string | Endpoint,
    options: DaemonOptions = {},
  ): Promise<Daemon> {
    const limits = new Limits(options);
    const limited = { signal: limits.signal };
    let connection: VarlinkClient | undefined;
    try {
      const endpoint = resolveEndpoint(target, options);
      connection = await VarlinkClient.connect(endpoint, {
        ...limited,
        // Waiting and following hold theirs as long as containers run: with any limit,
        // enough of them would keep everything else from being asked.
        maxConnections: Infinity,
      });
      const { interfaces } = await connection.getInfo(limited);
      const name = ["io.podman", "io.projectatomic.podman"].find((known) =>
        interfaces.includes(known),
      );
      if (name === undefined) {
        throw new EngineError(
          `no Podman answers at ${connection.address}: it has ${interfaces.join(", ")}`,
        );
      }
      const text = await connection.getInterfaceDescription(name, limited);
      return new Daemon(
        endpoint,
        connection,
        describe(text),
        name === "io.podman",
        options.pollInterval ?? 500,
      );
    } catch (error) {
      await connection?.close();
      throw libpodError(limits.explain(error), "open");
    } finally {
      limits.release();
    }
  }

  get address(): string {
    return `podman:${this.connection.address}`;
  }

  has(method: string): boolean {
    return this.#description.has(method);
  }

  takes(method: string, input: string): boolean {
    return this.#description.takes(method, input);
  }

  gives(method: string, output: string): boolean {
    return this.#description.gives(method, output);
  }

  knows(type: string, field: string): boolean {
    return this.#description.knows(type, field);
  }

  /**
   * Does the work of one of the engine's calls. Its time limit is for all that it
   * sends, and what goes wrong comes out as a libpod error.
   */
  async run<T>(
    call: string,
    options: OperationOptions | undefined,
    work: (limited: Limited) => Promise<T>,
  ): Promise<T> {
    const limits = new Limits(options);
    try {
      return await work({ signal: limits.signal });
    } catch (error) {
      throw libpodError(limits.explain(error), call);
    } finally {
      limits.release();
    }
  }

  /** As {@link run}, for a call that gives one thing after the other. */
  async *stream<T, R>(
    call: string,
    options: OperationOptions | undefined,
    work: (limited: Limited) => AsyncGenerator<T, R, undefined>,
  ): AsyncGenerator<T, R, undefined> {
    const limits = new Limits(options);
    try {
      return yield* work({ signal: limits.signal });
    } catch (error) {
      throw libpodError(limits.explain(error), call);
    } finally {
      limits.release();
    }
  }

  /**
   * Makes a call on a connection of its own that is closed behind it. The daemon
   * answers some calls twice (a pod whose containers fail gets the error and then the
   * success), and the second answer would be taken for that of whoever has the
   * connection next.
   */
  async alone<T>(
    { signal }: Limited,
    work: (client: Podman19) => Promise<T>,
  ): Promise<T> {
    const connection = await VarlinkClient.connect(this.#endpoint, {
      signal,
      maxConnections: 1,
    });
    try {
      return await work(new Podman19(connection));
    } finally {
      await connection.close();
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
