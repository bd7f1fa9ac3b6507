/** What a container runs: until it is stopped; the same, deaf to SIGTERM; for 30 ms. */
export type Kind = "patient" | "deaf" | "short";

/** How long a `short` one runs, in milliseconds, and what it exits with. */
export const SHORT = { runsFor: 30, exitCode: 3 } as const;

export interface ModelContainer {
  readonly name: string;
  readonly kind: Kind;
  readonly pod: ModelPod | undefined;
  readonly from: ModelContainer | undefined;
  state: "configured" | "created" | "running" | "paused" | "exited";
  exitCode: number | undefined;
  left: number;
}

export interface ModelPod {
  readonly name: string;
}

/** An operation that is refused, with its code. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * What an engine is to do, in the simplest words: no time but `advance`, nothing
 * kept, one thing after the other.
 */
export class Model {
  containers: ModelContainer[] = [];
  pods: ModelPod[] = [];

  create(
    name: string,
    kind: Kind,
    pod: ModelPod | undefined,
    from: ModelContainer | undefined,
  ): void {
    if (from?.pod !== undefined && pod !== undefined && from.pod !== pod)
      throw new Refused("INVALID_ARGUMENT");
    this.#checkName(name);
    this.containers.push({
      name,
      kind,
      pod: pod ?? from?.pod,
      from,
      state: "configured",
      exitCode: undefined,
      left: 0,
    });
  }

  createPod(name: string): void {
    this.#checkName(name);
    this.pods.push({ name });
  }

  init(container: ModelContainer): void {
    if (container.state !== "configured") throw new Refused("INVALID_STATE");
    container.state = "created";
  }

  start(container: ModelContainer): void {
    if (this.#isAlive(container)) throw new Refused("INVALID_STATE");
    container.state = "running";
    container.exitCode = undefined;
    container.left = container.kind === "short" ? SHORT.runsFor : Infinity;
  }

  kill(container: ModelContainer, signal: number): void {
    if (container.state === "paused") throw new Refused("INVALID_STATE");
    if (container.state !== "running") throw new Refused("CONTAINER_STOPPED");
    if (signal === 9 || container.kind !== "deaf")
      this.#end(container, 128 + signal);
  }

  /** Time passes here: as much as the grace, also where it is refused. */
  stop(container: ModelContainer, grace: number): void {
    const { state } = container;
    this.#stopAll(state === "running" ? [container] : [], grace);
    if (state !== "running" && state !== "exited")
      throw new Refused("INVALID_STATE");
  }

  pause(container: ModelContainer): void {
    if (container.state !== "running") throw new Refused("INVALID_STATE");
    container.state = "paused";
  }

  unpause(container: ModelContainer): void {
    if (container.state !== "paused") throw new Refused("INVALID_STATE");
    container.state = "running";
  }

  remove(container: ModelContainer, force: boolean): void {
    if (this.#isAlive(container) && !force) throw new Refused("INVALID_STATE");
    if (this.containers.some(({ from }) => from === container))
      throw new Refused("INVALID_STATE");
    this.containers = this.containers.filter((other) => other !== container);
  }

  startPod(pod: ModelPod): void {
    const members = this.members(pod);
    for (const member of members) {
      if (member.state !== "running" && member.state !== "paused")
        this.start(member);
    }
    if (members.some(({ state }) => state === "paused"))
      throw new Refused("POD_OPERATION_FAILED");
  }

  stopPod(pod: ModelPod, grace: number): void {
    this.#stopAll(this.#running(pod), grace);
  }

  killPod(pod: ModelPod, signal: number): void {
    for (const member of this.#running(pod)) this.kill(member, signal);
  }

  pausePod(pod: ModelPod): void {
    for (const member of this.#running(pod)) this.pause(member);
  }

  removePod(pod: ModelPod, force: boolean): void {
    const members = this.members(pod);
    if (!force && members.some((member) => this.#isAlive(member)))
      throw new Refused("INVALID_STATE");
    this.containers = this.containers.filter((other) => other.pod !== pod);
    this.pods = this.pods.filter((other) => other !== pod);
  }

  advance(milliseconds: number): void {
    for (const container of this.containers) {
      if (container.state !== "running") continue;
      container.left -= milliseconds;
      if (container.left <= 0) this.#end(container, SHORT.exitCode);
    }
  }

  members(pod: ModelPod): readonly ModelContainer[] {
    return this.containers.filter((container) => container.pod === pod);
  }

  #running(pod: ModelPod): readonly ModelContainer[] {
    return this.members(pod).filter(({ state }) => state === "running");
  }

  #stopAll(containers: readonly ModelContainer[], grace: number): void {
    for (const container of containers)
      if (container.kind !== "deaf") this.#end(container, 143);
    this.advance(grace);
    for (const container of containers)
      if (container.state === "running") this.#end(container, 137);
  }

  #end(container: ModelContainer, exitCode: number): void {
    container.state = "exited";
    container.exitCode = exitCode;
  }

  #isAlive({ state }: ModelContainer): boolean {
    return state === "running" || state === "paused";
  }

  #checkName(name: string): void {
    if (this.containers.some((other) => other.name === name))
      throw new Refused("CONTAINER_EXISTS");
    if (this.pods.some((other) => other.name === name))
      throw new Refused("POD_EXISTS");
  }
}
