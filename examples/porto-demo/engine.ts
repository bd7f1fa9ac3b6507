import { EventEmitter, on } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  EError,
  PortoError,
  type PortoHandlers,
  type TWaitResponse,
} from "portolan/porto";

interface Container {
  readonly name: string;
  state: string;
  readonly properties: Map<string, string>;
}

/**
 * A few of Porto's commands over a map in memory: enough to see a service at
 * work. It starts no process. Commands it does not have are answered with
 * InvalidMethod by the runtime.
 */
export function demoPorto(): PortoHandlers {
  const containers = new Map<string, Container>();
  const changes = new EventEmitter();
  changes.setMaxListeners(0);

  function find(name: string): Container {
    const container = containers.get(name);
    if (container !== undefined) return container;
    throw new PortoError(
      EError.ContainerDoesNotExist,
      `container ${name} not found`,
    );
  }

  function create(name: string): Container {
    if (!/^[\w@:.-]+$/.test(name))
      throw new PortoError(EError.InvalidValue, `invalid name: "${name}"`);
    if (containers.has(name)) {
      throw new PortoError(
        EError.ContainerAlreadyExists,
        `container ${name} already exists`,
      );
    }
    const container = { name, state: "stopped", properties: new Map() };
    containers.set(name, container);
    changes.emit("state", report(container));
    return container;
  }

  function enter(container: Container, state: string): void {
    container.state = state;
    changes.emit("state", report(container));
  }

  function destroy(container: Container): void {
    if (containers.get(container.name) !== container) return;
    containers.delete(container.name);
    enter(container, "destroyed");
  }

  return {
    version() {
      return { tag: "demo", revision: "" };
    },

    list() {
      return { name: [...containers.keys()] };
    },

    create({ name = "" }) {
      create(name);
    },

    createWeak({ name = "" }, { connection }) {
      const container = create(name);
      // It goes when its client goes.
      connection.signal.addEventListener("abort", () => destroy(container));
    },

    async start({ name = "" }) {
      const container = find(name);
      if (container.state !== "stopped")
        throw new PortoError(EError.InvalidState, `${name} is not stopped`);
      enter(container, "starting");
      await sleep(20);
      enter(container, "running");
    },

    stop({ name = "" }) {
      enter(find(name), "stopped");
    },

    destroy({ name = "" }) {
      destroy(find(name));
    },

    setProperty({ name = "", property = "", value = "" }) {
      find(name).properties.set(property, value);
    },

    getProperty({ name = "", property = "" }) {
      const container = find(name);
      const value =
        property === "state"
          ? container.state
          : container.properties.get(property);
      if (value !== undefined) return { value };
      throw new PortoError(EError.InvalidProperty, `no property ${property}`);
    },

    // The state of each container comes first, then every change of one.
    async *asyncWait({ name: names }, { signal }) {
      const meant = (name: string): boolean =>
        names.includes("***") || names.includes(name);
      const later = on(changes, "state", { signal });
      for (const container of containers.values()) {
        if (meant(container.name)) yield report(container);
      }
      for await (const [change] of later as AsyncIterable<[TWaitResponse]>) {
        if (meant(change.name ?? "")) yield change;
      }
    },
  };
}

function report({ name, state }: Container): TWaitResponse {
  return { name, state, when: BigInt(Math.floor(Date.now() / 1000)) };
}
