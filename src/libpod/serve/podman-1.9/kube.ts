import type { PodmanHandlers } from "portolan/podman/1.9";
import { rfc3339 } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import { exists } from "../podman/served.ts";
import { type ContainerView, viewContainer } from "../podman/view.ts";
import type { Served19 } from "./answers.ts";

/** The method that describes containers and pods as Kubernetes does. */
export function kubeHandlers(
  served: Served19,
): Pick<AllHandlers<PodmanHandlers>, "generateKube"> {
  const { engine } = served;
  return {
    async generateKube({ name, service }) {
      const isPod =
        !(await exists(served, engine.lookupContainer(name))) &&
        (await exists(served, engine.lookupPod(name)));
      const { label, labels, ids } = isPod
        ? await podOf(served, name)
        : await containerOf(served, name);
      const views = await served.attempt(
        Promise.all(ids.map((id) => viewContainer(served, id))),
      );
      const created = rfc3339(engine.inside.clock.now());
      const metadata = {
        name: label,
        labels: { app: label, ...labels },
        creationTimestamp: created,
      };
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata,
        spec: { containers: views.map(kubeContainer) },
        status: {},
      };
      return {
        pod: {
          pod: JSON.stringify(pod),
          service: service
            ? JSON.stringify(kubeService(metadata, views))
            : JSON.stringify({}),
        },
      };
    },
  };
}

interface Described {
  readonly label: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ids: readonly string[];
}

async function podOf(served: Served19, name: string): Promise<Described> {
  const pod = await served.attempt(served.engine.lookupPod(name));
  const ids = pod.containers.map(({ id }) => id);
  return { label: dnsName(pod.name), labels: pod.labels, ids };
}

async function containerOf(served: Served19, name: string): Promise<Described> {
  const found = await served.attempt(served.engine.lookupContainer(name));
  return { label: dnsName(found.name), labels: {}, ids: [found.id] };
}

/** What Kubernetes takes for a name has no underscores. */
function dnsName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-");
}

function kubeContainer({ details, spec, kept }: ContainerView): object {
  const { process = {}, root, linux } = spec;
  const memory = linux?.resources?.memory?.limit;
  const { uid, gid } = process.user ?? {};
  return {
    name: dnsName(details.name),
    image: details.image ?? "",
    command: details.command,
    env: (process.env ?? []).map((entry) => {
      const end = entry.indexOf("=");
      return { name: entry.slice(0, end), value: entry.slice(end + 1) };
    }),
    workingDir: process.cwd ?? "/",
    tty: process.terminal ?? false,
    stdin: kept.interactive ?? false,
    ports: (kept.ports ?? []).map((port) => ({
      containerPort: port.containerPort,
      hostPort: port.hostPort,
      protocol: port.protocol.toUpperCase(),
      ...(port.hostIp === "" ? {} : { hostIP: port.hostIp }),
    })),
    resources:
      memory === undefined ? {} : { limits: { memory: String(memory) } },
    securityContext: {
      privileged: kept.privileged ?? false,
      readOnlyRootFilesystem: root?.readonly ?? false,
      allowPrivilegeEscalation: process.noNewPrivileges !== true,
      ...(uid === undefined ? {} : { runAsUser: uid }),
      ...(gid === undefined ? {} : { runAsGroup: gid }),
    },
  };
}

function kubeService(
  metadata: { readonly name: string; readonly labels: object },
  views: readonly ContainerView[],
): object {
  const ports = views.flatMap(({ kept }) => kept.ports ?? []);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: {
      type: "NodePort",
      selector: { app: metadata.name },
      ports: ports.map(({ containerPort, hostPort, protocol }) => ({
        name: String(containerPort),
        port: containerPort,
        targetPort: containerPort,
        nodePort: hostPort,
        protocol: protocol.toUpperCase(),
      })),
    },
    status: { loadBalancer: {} },
  };
}
