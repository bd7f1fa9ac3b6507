import { PassThrough } from "node:stream";
import {
  ContainerExists,
  ContainerStopped,
  type ContainerConfig,
  type ContainerState,
  type ContainerSummary,
  type Engine,
  type ImageSummary,
  InvalidState,
  NoSuchContainer,
  NoSuchImage,
  NoSuchPod,
  type OperationOptions,
  type OptionalCall,
  type PodConfig,
  PodExists,
  type PodSummary,
  type ProcessStreams,
  type ProgressStream,
} from "portolan/libpod";
import { lookUp } from "../../../src/libpod/lookup.ts";
import { PortolanError } from "../../../src/runtime/errors.ts";

/** A call that an engine got: its name and what it was given, without signal and time limit. */
export type Call = readonly [name: string, ...given: unknown[]];

interface Kept {
  readonly config: ContainerConfig;
  readonly id: string;
  name: string;
  state: ContainerState;
  exitCode?: number;
  mounts: number;
}

/** Settles what waits for a container's end, or ends with the signal. */
type Waiter = (code: number) => void;

/**
 * An engine that does little, and remembers what it was asked: the objects are
 * tested against it, for an engine with rules of its own would hide theirs.
 */
export class Fake {
  readonly name: string = "fake";
  readonly address: string = "fake:";
  readonly asked: Call[] = [];
  readonly containers: Map<string, Kept> = new Map<string, Kept>();
  readonly pods: Map<string, PodConfig & { readonly name: string }> = new Map();
  readonly images: Map<string, ImageSummary> = new Map();
  /** What a call rejects with, instead of doing anything. */
  readonly failures: Map<string, unknown> = new Map();
  /** What a pull, push or import says, line by line; a failure ends it. */
  progress: (name: string) => ProgressStream;
  /** What exec and attach answer with. */
  process: ProcessStreams | undefined;
  closed = 0;
  readonly #waiters = new Map<string, Set<Waiter>>();
  #made = 0;

  constructor() {
    this.progress = async function* progress(name): ProgressStream {
      yield { text: `pulling ${name}` };
      return name;
    };
  }

  /** The engine; without some calls, and under another name, where wanted. */
  engine(
    options: {
      readonly lacks?: readonly OptionalCall[];
      readonly name?: string;
    } = {},
  ): Engine {
    const { lacks = [], name = this.name } = options;
    const calls = this.#calls();
    const engine: Record<string, unknown> = { name, address: this.address };
    for (const [call, answer] of Object.entries(calls)) {
      if ((lacks as readonly string[]).includes(call)) continue;
      engine[call] = (...given: unknown[]): unknown => {
        this.asked.push([call, ...given.map((one) => withoutLimits(one))]);
        const failure = this.failures.get(call);
        if (failure === undefined)
          return (answer as (...args: unknown[]) => unknown)(...given);
        return Promise.reject(failure);
      };
    }
    return engine as unknown as Engine;
  }

  /** Ends a container's process. */
  exit(id: string, code: number): void {
    const container = this.#container(id);
    container.state = "exited";
    container.exitCode = code;
    for (const waiter of this.#waiters.get(id) ?? []) waiter(code);
    this.#waiters.delete(id);
  }

  /** The names of the calls that were made, and forgets them. */
  names(): string[] {
    return this.asked.splice(0).map(([name]) => name);
  }

  #calls(): Partial<Engine> {
    return {
      version: async () => ({ version: "1", api: "fake", raw: {} }),
      info: async () => ({ raw: {} }),
      close: async () => {
        this.closed += 1;
      },
      listContainers: async () =>
        [...this.containers.values()].map((one) => summaryOf(one)),
      getContainer: async (id) => summaryOf(this.#container(id)),
      lookupContainer: async (idOrName) => {
        const found = lookUp(
          [...this.containers.values()],
          idOrName,
          "container",
        );
        return summaryOf(this.#container(found?.id ?? idOrName));
      },
      inspectContainer: async (id) => {
        const container = this.#container(id);
        return {
          ...summaryOf(container),
          podId: container.config.podId,
          annotations: {},
          exitCode: container.exitCode,
          mountPoint: container.mounts > 0 ? `/mnt/${id}` : undefined,
          raw: {},
        };
      },
      containerSpec: async (id) => this.#container(id).config.spec,
      createContainer: async (config) => {
        const name = config.name ?? `made-${this.#made}`;
        if ([...this.containers.values()].some((one) => one.name === name))
          throw new ContainerExists(name);
        const id = (this.#made++).toString(16).padStart(12, "c0ffee0");
        this.containers.set(id, {
          id,
          name,
          config,
          state: "configured",
          mounts: 0,
        });
        return id;
      },
      configureContainer: async (id, changes) => {
        const container = this.#container(id);
        container.name = changes.name ?? container.name;
      },
      initContainer: async (id) => this.#move(id, ["configured"], "created"),
      startContainer: async (id) =>
        this.#move(id, ["configured", "created", "exited"], "running"),
      stopContainer: async (id) => {
        if (this.#container(id).state === "running") this.exit(id, 143);
      },
      killContainer: async (id, signal) => {
        if (this.#container(id).state !== "running")
          throw new ContainerStopped(id);
        this.exit(id, 128 + signal);
      },
      restartContainer: async (id) => this.#move(id, undefined, "running"),
      pauseContainer: async (id) => this.#move(id, ["running"], "paused"),
      unpauseContainer: async (id) => this.#move(id, ["paused"], "running"),
      waitContainer: (id, options) => this.#wait(id, options),
      removeContainer: async (id, options) => {
        const { state } = this.#container(id);
        if (state === "running" && options?.force !== true)
          throw new InvalidState("it runs");
        this.containers.delete(id);
      },
      containerLogs: (id, options) => this.#logs(id, options),
      containerProcesses: async () => ["PID", "1"],
      containerDiff: async () => ({ added: [], changed: [], deleted: [] }),
      execContainer: async () => this.#process(),
      attachContainer: async () => this.#process(),
      commitContainer: async () => this.#image("committed"),
      exportContainer: async () => undefined,
      mountContainer: async (id) => {
        this.#container(id).mounts += 1;
        return `/mnt/${id}`;
      },
      unmountContainer: async (id, options) => {
        const container = this.#container(id);
        container.mounts = options?.force === true ? 0 : container.mounts - 1;
      },
      listPods: async () => [...this.pods.keys()].map((id) => this.#pod(id)),
      getPod: async (id) => this.#pod(id),
      lookupPod: async (idOrName) => {
        const all = [...this.pods.keys()].map((id) => this.#pod(id));
        return this.#pod(lookUp(all, idOrName, "pod")?.id ?? idOrName);
      },
      createPod: async (config) => {
        const name = config.name ?? `pod-${this.#made}`;
        if ([...this.pods.values()].some((one) => one.name === name))
          throw new PodExists(name);
        const id = (this.#made++).toString(16).padStart(12, "badcafe0");
        this.pods.set(id, { ...config, name });
        return id;
      },
      configurePod: async (id, changes) => {
        const pod = this.pods.get(id);
        if (pod === undefined) throw new NoSuchPod(id);
        this.pods.set(id, { ...pod, name: changes.name ?? pod.name });
      },
      startPod: async (id) => void this.#pod(id),
      stopPod: async (id) => void this.#pod(id),
      killPod: async (id) => void this.#pod(id),
      pausePod: async (id) => void this.#pod(id),
      unpausePod: async (id) => void this.#pod(id),
      restartPod: async (id) => void this.#pod(id),
      podStats: async () => [],
      removePod: async (id) => {
        for (const { id: member } of this.#pod(id).containers)
          this.containers.delete(member);
        this.pods.delete(id);
      },
      listImages: async () => [...this.images.values()],
      getImage: async (image) => this.#knownImage(image),
      inspectImage: async (image) => ({
        ...this.#knownImage(image),
        command: [],
        entrypoint: [],
        env: [],
        raw: {},
      }),
      imageHistory: async () => [],
      pullImage: (name, options) => this.#transfer(name, options),
      pushImage: (image, _destination, options) =>
        this.#transfer(image, options),
      importImage: (path, options) => this.#transfer(path, options),
      tagImage: async () => undefined,
      untagImage: async () => undefined,
      removeImage: async (image) => {
        this.images.delete(this.#knownImage(image).id);
      },
      events: (options) => this.#events(options),
    };
  }

  #container(id: string): Kept {
    const container = this.containers.get(id);
    if (container === undefined) throw new NoSuchContainer(`no ${id}`);
    return container;
  }

  #move(
    id: string,
    from: readonly ContainerState[] | undefined,
    to: ContainerState,
  ): void {
    const container = this.#container(id);
    if (from?.includes(container.state) === false)
      throw new InvalidState(`it is ${container.state}`);
    container.state = to;
  }

  #pod(id: string): PodSummary {
    const pod = this.pods.get(id);
    if (pod === undefined) throw new NoSuchPod(`no ${id}`);
    const containers = [...this.containers.values()].filter(
      ({ config }) => config.podId === id,
    );
    return {
      id,
      name: pod.name,
      state: "created",
      engineState: "Created",
      labels: {},
      containers: containers.map((one) => ({
        ...summaryOf(one),
        engineState: one.state,
      })),
    };
  }

  #knownImage(image: string): ImageSummary {
    const found = [...this.images.values()].find(
      ({ id, names }) => id === image || names.includes(image),
    );
    if (found === undefined) throw new NoSuchImage(`no ${image}`);
    return found;
  }

  #image(name: string): string {
    this.images.set(name, { id: name, names: [name], digests: [], labels: {} });
    return name;
  }

  #process(): ProcessStreams {
    if (this.process === undefined) throw new InvalidState("no process");
    return this.process;
  }

  async #wait(id: string, options: OperationOptions = {}): Promise<number> {
    const { exitCode, state } = this.#container(id);
    if (state === "exited" && exitCode !== undefined) return exitCode;
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters);
    return new Promise((resolve, reject) => {
      waiters.add(resolve);
      onAbort(options, reject);
    });
  }

  async *#logs(
    containerId: string,
    options: OperationOptions = {},
  ): AsyncGenerator<
    { containerId: string; stream: "stdout"; text: string },
    void,
    undefined
  > {
    yield { containerId, stream: "stdout", text: "one" };
    this.#container(containerId);
    await aborted(options);
  }

  async *#events(options: OperationOptions = {}): AsyncGenerator<
    {
      type: "container";
      status: string;
      id: string;
      name: string;
      time: Date;
    },
    void,
    undefined
  > {
    const time = new Date(0);
    yield { type: "container", status: "start", id: "1", name: "one", time };
    await aborted(options);
  }

  async *#transfer(
    name: string,
    options: OperationOptions = {},
  ): ProgressStream {
    const stream = this.progress(name);
    let step = await stream.next();
    while (step.done !== true) {
      yield step.value;
      if (options.signal?.aborted === true) await aborted(options);
      step = await stream.next();
    }
    return this.#image(step.value);
  }
}

/** A process whose ends the test has in its hands. */
export function fakeProcess(
  options: { readonly stdin?: boolean; readonly stderr?: boolean } = {},
): {
  readonly streams: ProcessStreams;
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  readonly sizes: [number, number][];
  exit(code: number): void;
  fail(error: Error): void;
  readonly closed: () => number;
} {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const sizes: [number, number][] = [];
  let closed = 0;
  let settle: { exit(code: number): void; fail(error: Error): void } = {
    exit: () => undefined,
    fail: () => undefined,
  };
  const exitCode = new Promise<number>((resolve, reject) => {
    settle = { exit: resolve, fail: reject };
  });
  exitCode.catch(() => undefined);
  const streams: ProcessStreams = {
    ...(options.stdin === false ? {} : { stdin }),
    stdout,
    ...(options.stderr === false ? {} : { stderr }),
    exitCode,
    resize: (columns, rows) => void sizes.push([columns, rows]),
    close: () => {
      closed += 1;
    },
  };
  return {
    streams,
    stdin,
    stdout,
    stderr,
    sizes,
    ...settle,
    closed: () => closed,
  };
}

/** What a promise rejects with. */
export async function rejection(
  promise: PromiseLike<unknown>,
): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it resolved");
}

function summaryOf({ id, name, state, config }: Kept): ContainerSummary {
  return {
    id,
    name,
    state,
    engineState: state,
    command: config.spec.process?.args ?? [],
    labels: config.labels ?? {},
  };
}

/** Limits are checked where they matter: everywhere else they would only be noise. */
function withoutLimits(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([name, one]) =>
      name !== "signal" && name !== "timeout" && one !== undefined,
  );
  return Array.isArray(value) ? value : Object.fromEntries(entries);
}

function onAbort(
  { signal }: OperationOptions,
  reject: (error: unknown) => void,
): void {
  const tell = (): void =>
    reject(new PortolanError("ABORTED", "aborted", { cause: signal?.reason }));
  if (signal?.aborted === true) tell();
  else signal?.addEventListener("abort", tell, { once: true });
}

function aborted(options: OperationOptions): Promise<never> {
  return new Promise((_, reject) => onAbort(options, reject));
}
