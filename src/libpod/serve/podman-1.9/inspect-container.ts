import type { SpecMount } from "../../spec.ts";
import {
  inspectConfig,
  inspectContainer as inspectOld,
  inspectHostConfig,
  inspectState,
} from "../podman/inspect-container.ts";
import type { ContainerView } from "../podman/view.ts";

/**
 * A container as the JSON of Podman 1.9's `inspect` has it: that of 1.0 with some
 * members under other names, and others in another form.
 */
export function inspectContainer(view: ContainerView): object {
  const {
    ID: id,
    SizeRw: _rw,
    SizeRootFs: _root,
    ...rest
  } = inspectOld(view) as Readonly<Record<string, unknown>>;
  const { kept, spec, record } = view;
  return {
    Id: id,
    ...rest,
    State: {
      ...inspectState(view),
      ConmonPid: 0,
      Healthcheck: { Status: "", FailingStreak: 0, Log: null },
    },
    OCIConfigPath: "",
    OCIRuntime: "embedded",
    Mounts: (spec.mounts ?? []).map(inspectMount),
    Config: {
      ...inspectConfig(view),
      User: userText(view),
      Volumes: null,
      ...(kept.healthCheck === undefined
        ? {}
        : { Healthcheck: { Test: ["CMD", ...kept.healthCheck] } }),
      CreateCommand: null,
    },
    HostConfig: {
      ...inspectHostConfig(view),
      Binds: (spec.mounts ?? []).flatMap(bindText),
      RestartPolicy: { Name: "", MaximumRetryCount: 0 },
      NetworkMode: record.config.network ?? "default",
      Tmpfs: Object.fromEntries(
        (kept.tmpfs ?? []).map((text) => {
          const [destination = "", ...options] = text.split(":");
          return [destination, options.join(":")];
        }),
      ),
      Devices: (spec.linux?.devices ?? []).map(({ path }) => ({
        PathOnHost: path,
        PathInContainer: path,
        CgroupPermissions: "",
      })),
    },
  };
}

function inspectMount({
  destination,
  type = "",
  source = "",
  options = [],
}: SpecMount): object {
  return {
    Type: type,
    ...(type === "volume" ? { Name: source } : {}),
    Source: source,
    Destination: destination,
    Driver: "",
    Mode: "",
    Options: options,
    RW: !options.includes("ro"),
    Propagation: "",
  };
}

function bindText({
  destination,
  type,
  source,
  options = [],
}: SpecMount): readonly string[] {
  if (source === undefined || (type !== "bind" && type !== "volume")) return [];
  const end = options.length === 0 ? "" : `:${options.join(",")}`;
  return [`${source}:${destination}${end}`];
}

function userText({ spec }: ContainerView): string {
  const { uid, gid, username } = spec.process?.user ?? {};
  if (username !== undefined) return username;
  if (uid === undefined) return "";
  return gid === undefined ? String(uid) : `${uid}:${gid}`;
}
