import type { CommitOptions, OperationOptions } from "../../engine.ts";
import { InvalidState } from "../../errors.ts";
import type { ContainerRecord } from "../../state.ts";
import type { SpecUser } from "../../spec.ts";
import type { Host } from "./host.ts";
import type { RunConfig } from "./images/config.ts";
import { writeArchive } from "./images/tar.ts";
import type { Machine } from "./machine.ts";
import { operate } from "./operation.ts";
import type { EmbeddedEngine } from "./types.ts";
import { mountPointOf } from "./views.ts";

type RootCalls = Pick<
  EmbeddedEngine,
  | "containerDiff"
  | "commitContainer"
  | "exportContainer"
  | "mountContainer"
  | "unmountContainer"
>;

/**
 * The calls about what is in a container. Programs write no files, so nothing ever
 * differs from the image; an export has the one file that engines give every
 * container, `etc/hostname`; mounting is counted, at a path where nothing is.
 */
export function rootCalls(host: Host, machine: Machine): RootCalls {
  const on = <T>(
    id: string,
    options: OperationOptions | undefined,
    work: (record: ContainerRecord) => T | Promise<T>,
  ): Promise<T> =>
    operate(host, options, (signal) =>
      host.locked(async () => work(await machine.record(id)), signal),
    );

  return {
    containerDiff: (id, options) =>
      on(id, options, () => ({ added: [], changed: [], deleted: [] })),
    commitContainer: (id, options: CommitOptions = {}) =>
      // `pause` makes no difference: nothing changes meanwhile.
      on(id, options, async (record) =>
        host.images.commit(
          {
            containerId: id,
            imageId: record.imageId,
            config: await runConfigOf(host, record),
          },
          options,
        ),
      ),
    exportContainer: (id, path, options) =>
      on(id, options, ({ config, createdAt }) =>
        writeArchive(path, [
          {
            name: "etc/hostname",
            data: `${config.spec.hostname ?? id.slice(0, 12)}\n`,
            time: createdAt,
          },
        ]),
      ),
    mountContainer: (id, options) =>
      on(id, options, async (record) => {
        await machine.save(record, { mounts: record.mounts + 1 });
        return mountPointOf(id);
      }),
    unmountContainer: (id, options) =>
      on(id, options, async (record) => {
        const force = options?.force === true;
        if (record.mounts === 0 && !force)
          throw new InvalidState(`container ${id} is not mounted`);
        await machine.save(record, { mounts: force ? 0 : record.mounts - 1 });
      }),
  };
}

/** What an image of this container is to run with, where that differs from its own image. */
async function runConfigOf(
  host: Host,
  { config, imageId }: ContainerRecord,
): Promise<RunConfig> {
  const { args = [], env, cwd, user } = config.spec.process ?? {};
  const image: RunConfig =
    imageId === undefined ? {} : await host.images.runConfig(imageId);
  const before = [...(image.Entrypoint ?? []), ...(image.Cmd ?? [])];
  const same =
    before.length === args.length &&
    before.every((arg, at) => arg === args[at]);
  return {
    ...image,
    // The whole command: what of it was the entry point is not known any more.
    ...(same ? {} : { Entrypoint: null, Cmd: args }),
    Env: env ?? image.Env,
    WorkingDir: cwd ?? image.WorkingDir,
    User: userOf(user) ?? image.User,
    Labels: config.labels ?? image.Labels,
    StopSignal: config.stopSignal?.toString() ?? image.StopSignal,
  };
}

function userOf(user: SpecUser | undefined): string | undefined {
  if (user?.username !== undefined) return user.username;
  if (user?.uid === undefined) return undefined;
  return user.gid === undefined ? `${user.uid}` : `${user.uid}:${user.gid}`;
}
