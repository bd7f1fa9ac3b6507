import { able } from "./calls.ts";
import { checkNeeded } from "./check.ts";
import type { Container } from "./container.ts";
import {
  checkCompany,
  checkContainerOptions,
  checkPodOptions,
  containerMembers,
  type ContainerOptions,
  podMembers,
  type PodOptions,
  prepareSpec,
  resolveCompany,
} from "./container-options.ts";
import type {
  ContainerConfig,
  CopyOptions,
  Engine,
  ImageDetails,
  ImportOptions,
  OperationOptions,
  PullOptions,
} from "./engine.ts";
import { NoSuchContainer, NoSuchPod } from "./errors.ts";
import {
  type ContainerFilter,
  type Filter,
  type ImageFilter,
  type ListArguments,
  listArguments,
  type PodFilter,
  select,
} from "./filters.ts";
import type { Image } from "./image.ts";
import { imageName, importArchive, pull, push } from "./images.ts";
import { Lifecycle } from "./lifecycle.ts";
import { forceMembers, removalMembers } from "./members.ts";
import type { RuntimeOptions } from "./options.ts";
import type { Pod } from "./pod.ts";
import type { Left } from "./scope.ts";
import type { Spec } from "./spec.ts";
import type { Transfer } from "./transfer.ts";

/** How something is removed. */
export interface RemoveOptions extends OperationOptions {
  /** Also what runs, which is stopped first. Default `false`. */
  readonly force?: boolean | undefined;
}

/**
 * Containers, pods and images of one engine: libpod's runtime.
 *
 * ```ts
 * await using runtime = await Runtime.open("podman:unix:/run/podman/io.podman");
 * const web = await runtime.newContainer({}, { rootfs: { image: "nginx" } });
 * await web.start();
 * ```
 *
 * Every method throws `RuntimeStopped` once the runtime was closed or shut down, and
 * so do the objects that it made; what is under way then ends with the same error.
 * What an engine lacks is a `NotSupported`, thrown before anything is sent.
 */
export class Runtime extends Lifecycle {
  /**
   * Opens a runtime: `new Runtime(target, options)` and `open()` in one.
   *
   * An engine that is given instead of an address stays its owner's: closing the
   * runtime does not close it.
   *
   * @throws PortolanError `INVALID_ADDRESS`, `CONNECT_FAILED` and so on
   * @throws InvalidArgument; NotSupported for options that are a daemon's own business; StateCorrupted
   */
  static async open(
    target: string | Engine,
    options: RuntimeOptions & OperationOptions = {},
  ): Promise<Runtime> {
    const { signal, timeout, ...runtimeOptions } = options;
    const runtime = new Runtime(target, runtimeOptions);
    await runtime.open({ signal, timeout });
    return runtime;
  }

  /** All containers that pass all filters. Options may come before the filters. */
  async containers(
    ...args: ListArguments<ContainerFilter>
  ): Promise<Container[]> {
    return await this.#select(args, async (engine, left) => {
      const all = await engine.listContainers(left());
      return all.map((summary) => this.core.objects.container(summary));
    });
  }

  /** The container with this id. @throws NoSuchContainer */
  async getContainer(
    id: string,
    options: OperationOptions = {},
  ): Promise<Container> {
    const summary = await this.core.run(options, (engine, left) => {
      checkNeeded(id, "id");
      return engine.getContainer(id, left());
    });
    return this.core.objects.container(summary);
  }

  /** The container with this id or name, or whose id alone begins so. @throws NoSuchContainer; AmbiguousId */
  async lookupContainer(
    idOrName: string,
    options: OperationOptions = {},
  ): Promise<Container> {
    const summary = await this.core.run(options, (engine, left) => {
      checkNeeded(idOrName, "idOrName");
      return engine.lookupContainer(idOrName, left());
    });
    return this.core.objects.container(summary);
  }

  /** Whether there is a container with this id. */
  async hasContainer(
    id: string,
    options: OperationOptions = {},
  ): Promise<boolean> {
    return exists(this.getContainer(id, options), NoSuchContainer);
  }

  /**
   * Makes a container known. It is `configured` then: {@link Container.start} it.
   *
   * @param spec What it runs, by the OCI's runtime specification; `{}` with a `rootfs` from an image takes all from there.
   * @throws InvalidArgument naming the member, before the engine is asked
   * @throws ContainerExists; NoSuchImage; NoSuchPod; ContainerRemoved; PodRemoved; NotSupported
   */
  async newContainer(
    spec: Spec,
    options: ContainerOptions & OperationOptions = {},
  ): Promise<Container> {
    return await this.core.run(
      options,
      async (engine, left) => {
        const own = checkContainerOptions(options);
        const prepared = prepareSpec(spec, this.core.config);
        checkCompany(this.core, options);
        const capable = able(engine, "createContainer");
        const config: ContainerConfig = {
          ...own,
          spec: prepared,
          ...(await resolveCompany(options, left)),
        };
        const id = await capable.createContainer(config, left());
        this.core.ledger.containerMade(id, config.podId);
        const summary = await engine.getContainer(id, left());
        return this.core.objects.container({
          ...summary,
          podId: summary.podId ?? config.podId,
        });
      },
      undefined,
      containerMembers,
    );
  }

  /**
   * Removes a container. All objects of it refuse everything then.
   *
   * @param options With `volumes`, also the volumes that only it has.
   * @throws InvalidState if it runs, unless `force` is set; ContainerRemoved
   */
  async removeContainer(
    container: Container,
    options: RemoveOptions & { readonly volumes?: boolean | undefined } = {},
  ): Promise<void> {
    const core = this.core;
    const life = core.lifeOf(container, "container");
    const { id } = container;
    const { force, volumes } = options;
    await core.run(
      options,
      (engine, left) =>
        engine.removeContainer(id, { ...left(), force, volumes }),
      life,
      removalMembers,
    );
    core.ledger.containerGone(id);
  }

  /** All pods that pass all filters. Options may come before the filters. @throws NotSupported */
  async pods(...args: ListArguments<PodFilter>): Promise<Pod[]> {
    return await this.#select(args, async (engine, left) => {
      const all = await able(engine, "listPods").listPods(left());
      return all.map((summary) => this.core.objects.pod(summary));
    });
  }

  /** The pod with this id. @throws NoSuchPod; NotSupported */
  async getPod(id: string, options: OperationOptions = {}): Promise<Pod> {
    const summary = await this.core.run(options, (engine, left) => {
      checkNeeded(id, "id");
      return able(engine, "getPod").getPod(id, left());
    });
    return this.core.objects.pod(summary);
  }

  /** The pod with this id or name, or whose id alone begins so. @throws NoSuchPod; AmbiguousId; NotSupported */
  async lookupPod(
    idOrName: string,
    options: OperationOptions = {},
  ): Promise<Pod> {
    const summary = await this.core.run(options, (engine, left) => {
      checkNeeded(idOrName, "idOrName");
      return able(engine, "lookupPod").lookupPod(idOrName, left());
    });
    return this.core.objects.pod(summary);
  }

  /** Whether there is a pod with this id. @throws NotSupported */
  async hasPod(id: string, options: OperationOptions = {}): Promise<boolean> {
    return exists(this.getPod(id, options), NoSuchPod);
  }

  /** Makes an empty pod. @throws PodExists; InvalidArgument; NotSupported */
  async newPod(options: PodOptions & OperationOptions = {}): Promise<Pod> {
    return await this.core.run(
      options,
      async (engine, left) => {
        const config = checkPodOptions(options);
        const maker = able(engine, "createPod");
        const finder = able(engine, "getPod");
        const id = await maker.createPod(config, left());
        const summary = await finder.getPod(id, left());
        this.core.ledger.podMade(id, summary.containers);
        return this.core.objects.pod(summary);
      },
      undefined,
      podMembers,
    );
  }

  /**
   * Removes a pod with all its containers: all of them, or none.
   *
   * @throws InvalidState if one runs, unless `force` is set; PodRemoved; NotSupported
   */
  async removePod(pod: Pod, options: RemoveOptions = {}): Promise<void> {
    const core = this.core;
    const life = core.lifeOf(pod, "pod");
    const { id } = pod;
    await core.run(
      options,
      (engine, left) =>
        able(engine, "removePod").removePod(id, {
          ...left(),
          force: options.force,
        }),
      life,
      forceMembers,
    );
    core.ledger.podGone(id);
  }

  /** All images that pass all filters. Options may come before the filters. @throws NotSupported */
  async getImages(...args: ListArguments<ImageFilter>): Promise<Image[]> {
    return await this.#select(args, async (engine, left) => {
      const all = await able(engine, "listImages").listImages(left());
      return all.map((summary) => this.core.objects.image(summary));
    });
  }

  /** The image with this name (with `latest` where it says no tag), digest, id or beginning of one. @throws NoSuchImage; AmbiguousId; NotSupported */
  async getImage(
    image: string,
    options: OperationOptions = {},
  ): Promise<Image> {
    const summary = await this.core.run(options, (engine, left) =>
      able(engine, "getImage").getImage(imageName(this.core, image), left()),
    );
    return this.core.objects.image(summary);
  }

  /** The configuration of an image, by what {@link Runtime.getImage} takes. @throws NoSuchImage; AmbiguousId; NotSupported */
  async getImageRef(
    image: string,
    options: OperationOptions = {},
  ): Promise<ImageDetails> {
    return await this.core.run(options, (engine, left) =>
      able(engine, "inspectImage").inspectImage(
        imageName(this.core, image),
        left(),
      ),
    );
  }

  /**
   * Pulls an image from a registry. Names without a registry are looked for in those
   * of the runtime's `imageConfig`, in their order, else where the engine does.
   *
   * @throws NoSuchImage; NotSupported: not here, but where the transfer is awaited or read
   */
  pullImage(name: string, options: PullOptions = {}): Transfer<Image> {
    return pull(this.core, name, options);
  }

  /**
   * Pushes an image to a registry, or into an archive on the engine's host:
   * `docker-archive:PATH`, `oci-archive:PATH`, `dir:PATH`. The result is the image.
   *
   * @throws NoSuchImage; NotSupported: not here, but where the transfer is awaited or read
   */
  pushImage(
    image: Image | string,
    destination: string,
    options: CopyOptions = {},
  ): Transfer<Image> {
    return push(this.core, image, destination, options);
  }

  /**
   * Imports an image from an archive on the engine's host.
   *
   * @throws InvalidArgument; NotSupported: not here, but where the transfer is awaited or read
   */
  importImage(path: string, options: ImportOptions = {}): Transfer<Image> {
    return importArchive(this.core, path, options);
  }

  /** Gives an image a further name. @throws NoSuchImage; NotSupported */
  async tagImage(
    image: Image | string,
    tag: string,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.core.run(options, (engine, left) => {
      const name = imageName(this.core, image);
      checkNeeded(tag, "tag");
      return able(engine, "tagImage").tagImage(name, tag, left());
    });
  }

  /** Takes a name from an image. @throws NoSuchImage; NotSupported */
  async untagImage(
    image: Image | string,
    tag: string,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.core.run(options, (engine, left) => {
      const name = imageName(this.core, image);
      checkNeeded(tag, "tag");
      return able(engine, "untagImage").untagImage(name, tag, left());
    });
  }

  /** Removes an image. @throws NoSuchImage; InvalidState if a container uses it, unless `force` is set; NotSupported */
  async removeImage(
    image: Image | string,
    options: RemoveOptions = {},
  ): Promise<void> {
    await this.core.run(
      options,
      (engine, left) => {
        const name = imageName(this.core, image);
        const given = { ...left(), force: options.force };
        return able(engine, "removeImage").removeImage(name, given);
      },
      undefined,
      forceMembers,
    );
  }

  /** Filters are part of a listing: what ends it ends them, after the one that is being asked. */
  async #select<T>(
    args: ListArguments<Filter<T>>,
    list: (engine: Engine, left: Left) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const { options, filters } = listArguments(args);
    return await this.core.run(options, async (engine, left) =>
      select(await list(engine, left), filters, left),
    );
  }
}

async function exists(
  found: Promise<unknown>,
  Missing: typeof NoSuchContainer | typeof NoSuchPod,
): Promise<boolean> {
  try {
    await found;
    return true;
  } catch (error) {
    if (Missing.is(error)) return false;
    throw error;
  }
}
