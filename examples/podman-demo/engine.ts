import { setTimeout as sleep } from "node:timers/promises";
import {
  ContainerNotFound,
  type ContainerNameSpace,
  type ListContainerData,
  type PodmanHandlers,
} from "portolan/podman";

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
export function demoPodman(): PodmanHandlers {
  const containers = new Map<string, Container>();
  let made = 0;

  function find(name: string): Container {
    const byId = [...containers.values()].find(({ id }) => id.startsWith(name));
    const container = containers.get(name) ?? byId;
    if (container === undefined) throw new ContainerNotFound({ name });
    return container;
  }

  return {
    getVersion() {
      const os_arch = `${process.platform}/${process.arch}`;
      return {
        version: {
          version: "demo",
          go_version: "",
          git_commit: "",
          built: 0,
          os_arch,
        },
      };
    },

    listContainers() {
      return { containers: [...containers.values()].map(asData) };
    },

    getContainer({ name }) {
      return { container: asData(find(name)) };
    },

    createContainer({ create: { name: wanted, image, command } }) {
      made += 1;
      const id = made.toString(16).padStart(64, "c0ffee");
      const name = wanted === "" ? `demo_${made}` : wanted;
      const log = [`${name}: started from ${image}`];
      containers.set(name, { id, name, image, command, running: true, log });
      return { container: id };
    },

    async stopContainer({ name, timeout }) {
      const container = find(name);
      container.log.push(
        `${container.name}: asked to stop within ${timeout} s`,
      );
      await sleep(20);
      container.running = false;
      container.log.push(`${container.name}: stopped`);
      return { container: container.id };
    },

    removeContainer({ name }) {
      const container = find(name);
      containers.delete(container.name);
      return { container: container.id };
    },

    getContainerLogs({ name }, call) {
      const { log } = find(name);
      // Asked with `more`, the lines come one by one, as Podman sends them.
      if (call.more)
        return call.stream(log.map((line) => ({ container: [line] })));
      return { container: log };
    },
  };
}

function asData({
  id,
  name,
  image,
  command,
  running,
}: Container): ListContainerData {
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
