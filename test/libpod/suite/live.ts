import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type ContainerOptions,
  type OptionalCall,
  Runtime,
  type Spec,
} from "portolan/libpod";
import { PodmanClient } from "portolan/podman";
import type { Bench, Difference } from "./bench.ts";
import {
  podman10Lacks,
  podman19Lacks,
  portoImages,
  portoLacks,
} from "./lacks.ts";
import { calls } from "./suite.ts";

/** Begins names that no one else uses, so that nothing else is touched. */
const prefix = `portolan-suite-${randomBytes(4).toString("hex")}`;

/**
 * A Podman that lives, at a Varlink address. Its containers are made from
 * `PORTOLAN_PODMAN_IMAGE` where that names an image with `sh`, `sleep` and `cat`, else
 * from one that is imported for the suite, out of this host's own, and removed.
 */
export async function livePodman(address: string): Promise<Bench> {
  const given = process.env["PORTOLAN_PODMAN_IMAGE"];
  const image = given ?? `localhost/${prefix}:1`;
  const target = `podman:${address}`;
  const forget = async (): Promise<void> => {
    if (given === undefined)
      await withRuntime(target, (runtime) => remove(runtime, image));
  };
  if (given === undefined) await importHost(address, image);
  const spec = (command: readonly string[]): Spec => ({
    process: {
      args: command,
      env: ["PATH=/usr/bin:/bin"],
      // The daemon's defaults ask for more than a small host allows.
      rlimits: [
        { type: "RLIMIT_NOFILE", soft: 1024, hard: 1024 },
        { type: "RLIMIT_NPROC", soft: 1024, hard: 1024 },
      ],
    },
  });
  try {
    return await live(
      target,
      spec,
      { rootfs: { image }, network: "none" },
      await differencesOf(target),
      forget,
    );
  } catch (error) {
    await forget();
    throw error;
  }
}

/** A portod that lives. Its containers see the host's own root. */
export async function livePorto(address: string): Promise<Bench> {
  return live(
    `porto:${address}`,
    (command) => ({ process: { args: command, env: ["PATH=/usr/bin:/bin"] } }),
    {},
    ["ids are names"],
    () => Promise.resolve(),
  );
}

async function live(
  target: string,
  spec: (command: readonly string[]) => Spec,
  options: ContainerOptions,
  differences: readonly Difference[],
  close: Bench["close"],
): Promise<Bench> {
  return {
    name: target,
    open: () => Runtime.open(target),
    lacks: new Set(await withRuntime(target, lacksOf)),
    differences: new Set(differences),
    container: (command) => Promise.resolve({ spec: spec(command), options }),
    prefix,
    live: true,
    async close() {
      await withRuntime(target, sweep);
      await close();
    },
  };
}

async function differencesOf(target: string): Promise<Difference[]> {
  return withRuntime(target, (runtime) => {
    const old = !runtime.supports("initContainer");
    return [
      "empty pods do not start",
      ...(runtime.supports("execContainer")
        ? (["input of exec has no end"] as const)
        : []),
      ...(old && existsSync("/sys/fs/cgroup/cgroup.controllers")
        ? (["no figures"] as const)
        : []),
    ];
  });
}

/** What a daemon lacks; of versions that nobody has looked at, what it says. */
async function lacksOf(runtime: Runtime): Promise<readonly OptionalCall[]> {
  const { version, api } = await runtime.version();
  switch (`${api} ${version.slice(0, 3)}`) {
    case "porto 5.3":
      return runtime.supports("listImages")
        ? portoLacks
        : [...portoLacks, ...portoImages];
    case "io.podman (1.0) 1.0":
      return podman10Lacks;
    case "io.podman (1.9) 1.9":
      return podman19Lacks;
    default:
      return calls.filter((call) => !runtime.supports(call));
  }
}

/** Removes what is left of the suite's, whatever went wrong. */
async function sweep(runtime: Runtime): Promise<void> {
  const ours = ({ name }: { readonly name: string }): boolean =>
    name.startsWith(prefix);
  const force = { force: true };
  for (const pod of await runtime.pods(ours))
    await runtime.removePod(pod, force);
  for (const container of await runtime.containers(ours))
    await runtime.removeContainer(container, force);
}

async function withRuntime<T>(
  target: string,
  use: (runtime: Runtime) => T,
): Promise<Awaited<T>> {
  const runtime = await Runtime.open(target);
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}

async function remove(runtime: Runtime, image: string): Promise<void> {
  await runtime.removeImage(await runtime.getImage(image), { force: true });
}

/** Imports `sh`, `sleep` and `cat` of this host, with the libraries they need, as an image. */
async function importHost(address: string, reference: string): Promise<void> {
  const programs = ["/bin/sh", "/bin/sleep", "/bin/cat"];
  const files = new Set(
    [...programs, ...programs.flatMap((file) => librariesOf(file))].map(
      (file) => file.slice(1),
    ),
  );
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-rootfs-"));
  // The daemon may run as somebody else.
  chmodSync(folder, 0o755);
  const source = path.join(folder, "rootfs.tar");
  try {
    // Links are followed: /bin and /lib are ones to /usr on many hosts.
    execFileSync("tar", [
      "-chf",
      source,
      "--no-recursion",
      "-C",
      "/",
      ...new Set([...files].flatMap((file) => foldersOf(file))),
      "dev",
      "etc",
      "proc",
      "sys",
      "tmp",
      ...files,
    ]);
    await using podman = await PodmanClient.connect(address);
    await podman.importImage({
      source,
      reference,
      message: "for a test",
      changes: [],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files that a program is linked with; none where all of it is in itself. */
function librariesOf(program: string): string[] {
  let text: string;
  try {
    text = execFileSync("ldd", [program], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return [];
  }
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, file = ""]) => file);
}

/** The folders that a file is in, the outermost first. */
function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
