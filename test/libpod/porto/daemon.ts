import {
  EError,
  PortoError,
  type PortoHandlers,
  portoService,
  type TContainerSpec,
  type TContainerStatusInput,
  type TDockerImage,
  type TVolumeSpec,
  type TWaitResponse,
} from "portolan/porto";
import type { Engine } from "../../../src/libpod/engine.ts";
import {
  openPorto,
  type PortoOptions,
} from "../../../src/libpod/engines/porto/index.ts";
import { EnvelopeServer } from "../../../src/runtime/envelope/server.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";

/** A container of the pretended daemon. */
export interface Fake {
  readonly spec: TContainerSpec;
  state: string;
  exitCode: number;
  oomKilled: boolean;
  readonly output: Record<
    "stdout" | "stderr",
    { text: string; dropped: number }
  >;
  /** Signals that do not end it. */
  ignores: number[];
  status: TContainerStatusInput;
}

type Command = keyof PortoHandlers;
type Listener = (event: TWaitResponse) => void;

/**
 * A portod that keeps containers by the daemon's rules as far as the engine meets
 * them: states, waits, subscriptions, output by ranges, errors by their codes. The
 * test says what the containers do.
 */
export class FakePortod {
  readonly containers: Map<string, Fake> = new Map<string, Fake>();
  /** Commands as they came, with their inputs. */
  readonly asked: { readonly command: Command; readonly input: object }[] = [];
  /** What a command is answered with instead, once each. */
  readonly failures: { command: Command; error: PortoError }[] = [];
  readonly images: TDockerImage[] = [];
  /** Volumes that were built. */
  readonly volumes: TVolumeSpec[] = [];
  imagesOff = false;
  /** Containers that are gone when a list comes to them. */
  readonly vanishing: Set<string> = new Set<string>();
  /** Bytes of one answer with output, and of stored output. */
  readLimit: number = 1024 * 1024;
  /** Told before a command is answered. */
  onCommand: (command: Command, input: object) => void = () => {};
  readonly #listeners = new Set<Listener>();
  #clock = 1000n;

  /** The last input of a command. */
  input(command: Command): object | undefined {
    return this.asked.findLast((entry) => entry.command === command)?.input;
  }

  count(command: Command): number {
    return this.asked.filter((entry) => entry.command === command).length;
  }

  get(name: string): Fake {
    const found = this.containers.get(name);
    if (found !== undefined) return found;
    throw new PortoError(
      EError.ContainerDoesNotExist,
      `container ${name} not found`,
    );
  }

  add(
    name: string,
    state = "stopped",
    spec: Partial<TContainerSpec> = {},
  ): Fake {
    const fake: Fake = {
      spec: { ...(spec as TContainerSpec), name },
      state,
      exitCode: 0,
      oomKilled: false,
      output: {
        stdout: { text: "", dropped: 0 },
        stderr: { text: "", dropped: 0 },
      },
      ignores: [],
      status: { creation_time: 1_700_000_000n },
    };
    this.containers.set(name, fake);
    this.#tell(name, state);
    return fake;
  }

  print(
    name: string,
    text: string,
    stream: "stdout" | "stderr" = "stdout",
  ): void {
    this.get(name).output[stream].text += text;
  }

  /** Drops stored output from its beginning, as Porto does when there is too much. */
  rotate(name: string, bytes: number): void {
    const { stdout } = this.get(name).output;
    stdout.text = stdout.text.slice(bytes);
    stdout.dropped += bytes;
  }

  enter(name: string, state: string, label?: string, value?: string): void {
    this.get(name).state = state;
    this.#tell(name, state, label, value);
  }

  exit(name: string, code: number, oomKilled = false): void {
    const fake = this.get(name);
    fake.exitCode = code;
    fake.oomKilled = oomKilled;
    this.enter(name, "dead", "exit_code", String(code));
  }

  destroy(name: string): void {
    for (const [other, { state }] of [...this.containers].toReversed()) {
      if (other !== name && !other.startsWith(`${name}/`)) continue;
      if (state !== "stopped") this.enter(other, "stopped");
      this.containers.delete(other);
      this.#tell(other, "destroyed");
    }
  }

  async serve(options: PortoOptions = {}): Promise<Served> {
    const errors: unknown[] = [];
    const server = new EnvelopeServer(portoService(this.#handlers()), {
      clock: () => 1_700_000_000_000,
      onError: (error) => errors.push(error),
      onProtocolError: (error) => errors.push(error),
    });
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    let names = 0;
    const engine = await openPorto(endpoint, {
      logInterval: 5,
      newName: (kind) => `${kind}-${(names += 1)}`,
      ...options,
    });
    return {
      engine: engine as Required<Engine>,
      async [Symbol.asyncDispose]() {
        await engine.close();
        await server.close({ timeout: 0 });
        // What went wrong in the daemon is a mistake of the test's.
        if (errors.length > 0) throw new AggregateError(errors);
      },
    };
  }

  #tell(name: string, state: string, label?: string, value?: string): void {
    this.#clock += 1n;
    for (const listener of this.#listeners)
      listener({
        name,
        state,
        when: this.#clock,
        ...(label !== undefined && { label }),
        ...(value !== undefined && { value }),
      });
  }

  #handlers(): PortoHandlers {
    const handlers: PortoHandlers = {
      version: () => ({ tag: "5.3.15", revision: "test" }),
      getSystem: () => ({
        kernel_version: "6.1",
        container_count: BigInt(this.containers.size),
      }),
      createFromSpec: ({ container, volumes, start }) => {
        const { name = "" } = container ?? {};
        if (this.containers.has(name))
          throw new PortoError(
            EError.ContainerAlreadyExists,
            `container ${name} already exists`,
          );
        const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
        if (parent !== "") this.get(parent);
        this.volumes.push(...volumes);
        this.add(name, "stopped", container);
        if (start === true) this.enter(name, "running");
      },
      listContainersBy: ({ filters, field_options: options }) => ({
        containers: filters.flatMap(({ name = "" }) =>
          this.#list(name, options?.properties ?? []),
        ),
      }),
      get: ({ variable }) => ({
        list: [...this.containers].map(([name, { state }]) => ({
          name,
          keyval: variable.map((key) => ({ variable: key, value: state })),
        })),
      }),
      getProperty: ({ name = "", property = "" }) => ({
        value: this.#property(name, property),
      }),
      start: ({ name = "" }) => {
        this.#expect(name, "stopped");
        const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
        if (parent !== "" && this.get(parent).state === "stopped")
          this.enter(parent, "meta");
        this.enter(name, "starting");
        const meta = (this.get(name).spec.command ?? "") === "";
        this.enter(name, meta ? "meta" : "running");
      },
      stop: ({ name = "" }) => {
        const fake = this.get(name);
        if (fake.state === "stopped") return;
        this.enter(name, "stopping");
        fake.output.stdout = { text: "", dropped: 0 };
        fake.output.stderr = { text: "", dropped: 0 };
        this.enter(name, "stopped");
      },
      pause: ({ name = "" }) => {
        this.#expect(name, "running", "meta");
        this.enter(name, "paused");
      },
      resume: ({ name = "" }) => {
        this.#expect(name, "paused");
        const meta = (this.get(name).spec.command ?? "") === "";
        this.enter(name, meta ? "meta" : "running");
      },
      kill: ({ name = "", sig = 0 }) => {
        this.#expect(name, "running");
        if (!this.get(name).ignores.includes(sig)) this.exit(name, -sig);
      },
      destroy: ({ name = "" }) => {
        this.get(name);
        this.destroy(name);
      },
      wait: ({ name: [name = ""], timeout_ms: most }, { signal }) =>
        this.#wait(name, most, signal),
      asyncWait: ({ name: masks, timeout_ms: most }, { signal }) =>
        this.#subscribe(masks, most, signal),
      listDockerImages: () => {
        this.#expectImages();
        return { images: this.images };
      },
      dockerImageStatus: ({ name }) => {
        this.#expectImages();
        return { image: this.#image(name) };
      },
      pullDockerImage: ({ name }) => {
        const image = {
          id: `id-of-${name}`,
          tags: [name],
          digests: [],
          layers: [],
        };
        this.images.push(image);
        return { image };
      },
      removeDockerImage: ({ name }) => {
        this.images.splice(this.images.indexOf(this.#image(name)), 1);
      },
    };
    return Object.fromEntries(
      Object.entries(handlers).map(([command, handler]) => [
        command,
        (input: object, call: unknown): unknown => {
          this.asked.push({ command: command as Command, input });
          this.onCommand(command as Command, input);
          const index = this.failures.findIndex(
            (failure) => failure.command === command,
          );
          if (index !== -1) throw this.failures.splice(index, 1)[0]?.error;
          return (handler as (...given: unknown[]) => unknown)(input, call);
        },
      ]),
    );
  }

  #list(mask: string, properties: readonly string[]): object[] {
    const one = (
      name: string,
      { spec, state, status, exitCode, oomKilled }: Fake,
    ): object => ({
      spec: {
        ...Object.fromEntries(
          Object.entries(spec).filter(([key]) => properties.includes(key)),
        ),
        name,
      },
      status: {
        ...status,
        ...(properties.includes("state") && { state }),
        ...(state === "dead" && { exit_code: exitCode, oom_killed: oomKilled }),
      },
    });
    if (mask === "/")
      return [
        {
          spec: { name: "/" },
          status: { state: "meta", cpu_set_affinity: { count: 4 } },
        },
      ];
    const found = [...this.containers].filter(
      ([name]) =>
        mask === "***" ||
        mask === name ||
        (mask.endsWith("/*") &&
          name.startsWith(mask.slice(0, -1)) &&
          !name.slice(mask.length - 1).includes("/")),
    );
    // The real daemon answers a mask that nothing fits with an error in its name.
    if (found.length === 0) return [notFound(mask)];
    const root =
      mask === "***"
        ? [{ spec: { name: "/" }, status: { state: "meta" } }]
        : [];
    return [
      ...root,
      ...found.map(([name, fake]) =>
        this.vanishing.has(name) ? notFound(name) : one(name, fake),
      ),
    ];
  }

  #property(name: string, property: string): string {
    const fake = this.get(name);
    if (property === "exit_code") {
      this.#expect(name, "dead");
      return String(fake.exitCode);
    }
    const match = /^(stdout|stderr)(?:_offset|\[(\d+):(\d+)\])$/.exec(property);
    if (match === null)
      throw new PortoError(EError.InvalidProperty, `Unknown: ${property}`);
    if (fake.state === "stopped" || fake.state === "starting")
      throw new PortoError(EError.InvalidState, `not in ${fake.state} state`);
    const { text, dropped } = fake.output[match[1] as "stdout" | "stderr"];
    if (match[2] === undefined) return String(dropped);
    const offset = Number(match[2]) - dropped;
    if (offset < 0)
      throw new PortoError(
        EError.InvalidData,
        `Requested offset lower than current ${dropped}`,
      );
    return text.slice(
      offset,
      offset + Math.min(Number(match[3]), this.readLimit),
    );
  }

  #expect(name: string, ...states: readonly string[]): void {
    const { state } = this.get(name);
    if (!states.includes(state))
      throw new PortoError(EError.InvalidState, `container is ${state}`);
  }

  #expectImages(): void {
    if (this.imagesOff)
      throw new PortoError(
        EError.NotSupported,
        "Docker images are not supported",
      );
  }

  #image(name: string): TDockerImage {
    const found = this.images.find(
      ({ id, tags }) => id === name || tags.includes(name),
    );
    if (found !== undefined) return found;
    throw new PortoError(EError.DockerImageNotFound, `${name} not found`);
  }

  /** What a wait is answered with now; undefined while it blocks. */
  #ended(name: string): string | undefined {
    const { state } = this.get(name);
    const hollow =
      state === "meta" &&
      ![...this.containers].some(
        ([other, fake]) =>
          other.startsWith(`${name}/`) && fake.state === "running",
      );
    return hollow || ["stopped", "dead", "respawning"].includes(state)
      ? state
      : undefined;
  }

  #wait(
    name: string,
    most: number | undefined,
    signal: AbortSignal,
  ): Promise<TWaitResponse> {
    const state = this.#ended(name);
    if (state !== undefined) return Promise.resolve({ name, state, when: 0n });
    return new Promise((resolve) => {
      const done = (answer: TWaitResponse): void => {
        this.#listeners.delete(listener);
        clearTimeout(timer);
        resolve(answer);
      };
      const timer =
        most === undefined
          ? undefined
          : setTimeout(
              () => done({ name: "", state: "timeout", when: 0n }),
              most,
            );
      const listener: Listener = (event) => {
        if (
          event.name === name &&
          ["stopped", "dead", "respawning"].includes(event.state ?? "")
        )
          done(event);
      };
      this.#listeners.add(listener);
      signal.addEventListener("abort", () =>
        done({ name: "", state: "timeout" }),
      );
    });
  }

  async *#subscribe(
    masks: readonly string[],
    most: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<TWaitResponse, void, undefined> {
    const events: TWaitResponse[] = [];
    let wake = (): void => {};
    const fits = (name: string): boolean =>
      masks.includes("***") || masks.includes(name);
    const listener: Listener = (event) => {
      if (fits(event.name ?? "")) events.push(event);
      wake();
    };
    for (const [name, { state }] of this.containers)
      if (fits(name)) events.push({ name, state, when: this.#clock });
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => wake());
    const timer =
      most === undefined
        ? undefined
        : setTimeout(() => {
            events.push({ name: "", state: "timeout", when: 0n });
            wake();
          }, most);
    try {
      while (!signal.aborted) {
        const event = events.shift();
        if (event === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        yield event;
        if (event.name === "") return;
      }
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    }
  }
}

function notFound(name: string): object {
  return {
    spec: { name },
    error: {
      error: EError.ContainerDoesNotExist,
      msg: `container ${name} not found`,
    },
  };
}

export interface Served extends AsyncDisposable {
  readonly engine: Required<Engine>;
}

/** All that a stream gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
