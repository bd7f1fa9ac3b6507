import { setTimeout as sleep } from "node:timers/promises";
import type {
  ContainerNameSpace,
  CreateContainerParameters,
  GetContainerLogsOutput,
  GetContainerParameters,
  ListContainerData,
  PodmanHandlers,
  StopContainerParameters,
} from "portolan/podman";
import { ContainerNotFound } from "portolan/podman";
import type { Call, StreamReply } from "portolan/runtime";

interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  running: boolean;
  readonly log: string[];
}

const noNamespaces: ContainerNameSpace = {
  user: "",
  uts: "",
  pidns: "",
  pid: "",
  cgroup: "",
  net: "",
  mnt: "",
  ipc: "",
};

/**
 * A few of `io.podman`'s methods over a map in memory: enough to see a service
 * at work. It starts no process. Methods it does not have are answered with
 * MethodNotImplemented by the runtime.
 */
export class DemoPodman implements PodmanHandlers {
  readonly #containers = new Map<string, Container>();

  getVersion() {
    const version = {
      version: "demo",
      go_version: "",
      git_commit: "",
      built: 0,
      os_arch: `${process.platform}/${process.arch}`,
    };
    return { version };
  }

  listContainers() {
    return { containers: [...this.#containers.values()].map(asData) };
  }

  getContainer({ name }: GetContainerParameters) {
    return { container: asData(this.#find(name)) };
  }

  createContainer({ create }: CreateContainerParameters) {
    const id = (this.#containers.size + 1).toString(16).padStart(64, "c0ffee");
    const name = create.name === "" ? `demo_${this.#containers.size + 1}` : create.name;
    const log = [`${name}: started from ${create.image}`];
    const { image, command } = create;
    this.#containers.set(name, { id, name, image, command, running: true, log });
    return { container: id };
  }

  async stopContainer({ name, timeout }: StopContainerParameters) {
    const container = this.#find(name);
    container.log.push(`${container.name}: asked to stop within ${timeout} s`);
    await sleep(20);
    container.running = false;
    container.log.push(`${container.name}: stopped`);
    return { container: container.id };
  }

  removeContainer({ name }: { readonly name: string }) {
    const { id, name: key } = this.#find(name);
    this.#containers.delete(key);
    return { container: id };
  }

  getContainerLogs(
    { name }: { readonly name: string },
    call: Call,
  ): GetContainerLogsOutput | StreamReply<GetContainerLogsOutput> {
    const { log } = this.#find(name);
    // Asked with `more`, the lines come one by one, as Podman sends them.
    if (call.more) return call.stream(log.map((line) => ({ container: [line] })));
    return { container: log };
  }

  #find(name: string): Container {
    const byId = [...this.#containers.values()].find(({ id }) => id.startsWith(name));
    const container = this.#containers.get(name) ?? byId;
    if (container === undefined) throw new ContainerNotFound({ name });
    return container;
  }
}

function asData(container: Container): ListContainerData {
  const { id, name, image, command, running } = container;
  return {
    id,
    image,
    imageid: "",
    command,
    createdat: "",
    runningfor: "",
    status: running ? "running" : "exited",
    ports: [],
    rootfssize: 0,
    rwsize: 0,
    names: name,
    labels: {},
    mounts: [],
    containerrunning: running,
    namespaces: noNamespaces,
  };
}
