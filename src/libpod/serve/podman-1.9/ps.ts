import type { PodmanHandlers, PsContainer, PsOpts } from "portolan/podman/1.9";
import { rfc3339Nano } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import type { PublishedPort } from "../podman/ports.ts";
import {
  containerStatus,
  type ContainerView,
  viewContainers,
} from "../podman/view.ts";
import type { Served19 } from "./answers.ts";
import { type Condition, hasLabel, readConditions } from "./conditions.ts";
import { words } from "./words.ts";

/** Podman's words for the states of containers. */
const statuses: ReadonlySet<string> = new Set([
  "unknown",
  "configured",
  "created",
  "running",
  "stopped",
  "paused",
  "exited",
  "removing",
]);

/** Whether containers can be in such a state. */
export function hasContainerStatus(word: string): boolean {
  return statuses.has(word);
}

type View = ContainerView & { readonly status: string };

/** The method that lists containers as `podman ps` prints them. */
export function psHandlers(
  served: Served19,
): Pick<AllHandlers<PodmanHandlers>, "ps"> {
  return {
    async ps({ opts }) {
      const all = (await served.attempt(viewContainers(served))).map((view) =>
        Object.assign(view, { status: containerStatus(view.details.state) }),
      );
      const conditions = conditionsOn(all);
      const texts = opts.filters ?? [];
      const holds = readConditions(served, texts, conditions);
      const last = opts.latest === true ? 1 : (opts.last ?? 0);
      // Podman lists those that run, unless asked for others in some way.
      const anyState =
        opts.all ||
        last > 0 ||
        texts.some((text) => text.startsWith("status="));
      const found = all.filter(
        (view) => (anyState || view.status === "running") && holds(view),
      );
      const byAge = found.toSorted(
        (a, b) => b.record.createdAt - a.record.createdAt,
      );
      const chosen = last > 0 ? byAge.slice(0, last) : found;
      const now = served.engine.inside.clock.now();
      return {
        containers: sorted(served, chosen, opts.sort ?? "created").map((view) =>
          row(view, now, opts),
        ),
      };
    },
  };
}

/** Conditions on containers, some by the place among all of them. */
function conditionsOn(
  all: readonly View[],
): Readonly<Record<string, Condition<View>>> {
  const madeAt = (value: string): number | undefined =>
    all.find(
      ({ record: { id, name } }) =>
        name === value || (value !== "" && id.startsWith(value)),
    )?.record.createdAt;
  return {
    id:
      (value) =>
      ({ record }) =>
        record.id.includes(value),
    name:
      (value) =>
      ({ record }) =>
        record.name.includes(value),
    label: (value) => {
      const has = hasLabel(value);
      return ({ details }) => has(details.labels);
    },
    status: (value) => (view) => view.status === value,
    exited:
      (value) =>
      ({ details }) =>
        String(details.exitCode) === value,
    ancestor:
      (value) =>
      ({ details: { image = "", imageId = "" } }) =>
        image.includes(value) || (value !== "" && imageId.startsWith(value)),
    before: (value) => {
      const limit = madeAt(value) ?? -Infinity;
      return ({ record }) => record.createdAt < limit;
    },
    since: (value) => {
      const limit = madeAt(value) ?? Infinity;
      return ({ record }) => record.createdAt > limit;
    },
    volume:
      (value) =>
      ({ spec }) =>
        (spec.mounts ?? []).some(
          ({ source, destination }) =>
            source === value || destination === value,
        ),
    pod:
      (value) =>
      ({ record: { podId } }) =>
        podId !== undefined && value !== "" && podId.startsWith(value),
  };
}

const keys: Readonly<Record<string, (view: View) => string | number>> = {
  id: ({ record }) => record.id,
  image: ({ details }) => details.image ?? "",
  command: ({ details }) => details.command.join(" "),
  created: ({ record }) => record.createdAt,
  runningfor: ({ record }) => record.createdAt,
  names: ({ record }) => record.name,
  size: ({ imageSize }) => imageSize,
  status: ({ status }) => status,
};

function sorted(
  { answers }: Served19,
  views: readonly View[],
  by: string,
): readonly View[] {
  const keyOf = Object.hasOwn(keys, by) ? keys[by] : undefined;
  if (keyOf === undefined) {
    throw answers.occurred(
      `invalid option for --sort, options are: ${Object.keys(keys).join(", ")}`,
    );
  }
  return views.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How much of an id, and of a command, is shown where not all is asked for. */
const SHORT = { id: 12, command: 20 } as const;

function row(
  { details, record, spec, kept, imageSize, status }: View,
  now: number,
  { noTrunc, pod, size }: PsOpts,
): PsContainer {
  const whole = noTrunc === true;
  const command = details.command.join(" ");
  const cut = (text: string, length: number): string =>
    whole ? text : text.slice(0, length);
  return {
    id: cut(record.id, SHORT.id),
    image: details.image ?? "",
    command:
      whole || command.length <= SHORT.command
        ? command
        : `${command.slice(0, SHORT.command - 3)}...`,
    created: `${words(now - record.createdAt)} ago`,
    ports: (kept.ports ?? []).map(portText).join(", "),
    names: record.name,
    isInfra: false,
    status: statusText(details, status, now),
    state: status,
    pidNum: details.pid ?? 0,
    rootFsSize: size === true ? imageSize : 0,
    rwSize: 0,
    pod: pod === true ? cut(record.podId ?? "", SHORT.id) : "",
    createdAt: rfc3339Nano(record.createdAt),
    exitedAt: rfc3339Nano(record.finishedAt),
    startedAt: rfc3339Nano(record.startedAt),
    labels: { ...details.labels },
    nsPid: String(details.pid ?? 0),
    cgroup: "",
    ipc: "",
    mnt: "",
    net: "",
    pidNs: "",
    user: "",
    uts: "",
    mounts: (spec.mounts ?? []).map(({ destination }) => destination).join(","),
  };
}

function portText({
  hostIp,
  hostPort,
  containerPort,
  protocol,
}: PublishedPort): string {
  const ip = hostIp === "" ? "0.0.0.0" : hostIp;
  return `${ip}:${hostPort}->${containerPort}/${protocol}`;
}

function statusText(
  { exitCode = 0, startedAt, finishedAt }: ContainerView["details"],
  status: string,
  now: number,
): string {
  const since = (date: Date | undefined): string =>
    `${words(now - (date?.getTime() ?? now))} ago`;
  switch (status) {
    case "configured":
    case "created":
      return "Created";
    case "running":
      return `Up ${since(startedAt)}`;
    case "paused":
      return "Paused";
    case "exited":
      return `Exited (${exitCode}) ${since(finishedAt)}`;
    default:
      return "Error";
  }
}
