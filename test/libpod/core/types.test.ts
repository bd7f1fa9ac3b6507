import type { Duplex, Readable } from "node:stream";
import { expectTypeOf, test } from "vitest";
import {
  type Container,
  type ContainerFilter,
  type ContainerStatus,
  type Engine,
  type Image,
  type ImageProgress,
  LibpodError,
  type LogEntry,
  NetNamespace,
  NoSuchContainer,
  NotSupported,
  type Pod,
  type PodStatus,
  PodOperationFailed,
  type Runtime,
  type RuntimeOptions,
  type Session,
  type Spec,
  type State,
  type Transfer,
} from "portolan/libpod";

/**
 * What users are allowed and told. Nothing here runs but the last lines: the type
 * check of the repository is the test.
 */
async function typed(
  runtime: Runtime,
  container: Container,
  pod: Pod,
  image: Image,
): Promise<void> {
  await runtime.newContainer({});
  await runtime.newContainer({}, { signal: AbortSignal.timeout(1), name: "a" });
  // @ts-expect-error - a specification is needed
  await runtime.newContainer();
  // @ts-expect-error - there is no such option
  await runtime.newContainer({}, { lable: {} });
  // @ts-expect-error - a root comes from an image, a path or layers
  await runtime.newContainer({}, { rootfs: { folder: "/x" } });
  // @ts-expect-error - namespaces are named
  await container.configure({ sharedNamespaces: { from: container } });
  await runtime.newContainer(
    {},
    { pod, sharedNamespaces: { from: container, namespaces: [NetNamespace] } },
  );
  // @ts-expect-error - a pod is no container
  await runtime.removeContainer(pod);
  // @ts-expect-error - signals by name are those of Linux
  await container.kill("SIGNOTHING");
  // @ts-expect-error - a command is a list
  await container.exec("sh");
  // @ts-expect-error - ids are read only
  container.id = "x";
  // @ts-expect-error - what is known is read only
  container.summary.labels["a"] = "b";

  expectTypeOf(await runtime.containers()).toEqualTypeOf<Container[]>();
  expectTypeOf(
    await runtime.containers({ timeout: 1 }, async (one) => one.name === "a"),
  ).toEqualTypeOf<Container[]>();
  // @ts-expect-error - a filter says yes or no
  await runtime.containers(() => "yes");
  // @ts-expect-error - options come first
  await runtime.containers(() => true, { timeout: 1 });
  expectTypeOf(await runtime.pods(({ name }) => name === "a")).toEqualTypeOf<
    Pod[]
  >();
  expectTypeOf(await runtime.getImages()).toEqualTypeOf<Image[]>();
  expectTypeOf(image.name).toEqualTypeOf<string | undefined>();

  const pull = runtime.pullImage("alpine", { allTags: true });
  expectTypeOf(pull).toEqualTypeOf<Transfer<Image>>();
  expectTypeOf(await pull).toEqualTypeOf<Image>();
  for await (const progress of pull)
    expectTypeOf(progress).toEqualTypeOf<ImageProgress>();
  for await (const line of container.logs({ follow: true }))
    expectTypeOf(line).toEqualTypeOf<LogEntry>();

  await using session = await container.exec(["sh"], { tty: true });
  expectTypeOf(session).toEqualTypeOf<Session>();
  expectTypeOf(session).toExtend<Duplex>();
  expectTypeOf(session.stderr).toEqualTypeOf<Readable | undefined>();
  expectTypeOf(session.exitCode).toEqualTypeOf<Promise<number>>();

  const status: ContainerStatus = await container.status();
  // States are a closed set: a switch over them can be exhaustive.
  expectTypeOf(status.state).toExtend<string>();
  // @ts-expect-error - no such state
  if (status.state === "runnning") return;
  const { counts }: PodStatus = await pod.status();
  expectTypeOf(counts.running).toEqualTypeOf<number | undefined>();
  expectTypeOf(await container.pod()).toEqualTypeOf<Pod | undefined>();

  try {
    await container.start();
  } catch (error) {
    if (NotSupported.is(error))
      expectTypeOf(error.feature).toEqualTypeOf<string>();
    else if (PodOperationFailed.is(error))
      expectTypeOf(error.failures[0]?.containerId).toEqualTypeOf<
        string | undefined
      >();
    else if (NoSuchContainer.is(error))
      expectTypeOf(error).toExtend<LibpodError>();
    else throw error;
  }

  runtime.supports("execContainer");
  // @ts-expect-error - every engine has it
  runtime.supports("listContainers");
}

test("types hold", () => {
  expectTypeOf(typed).toBeFunction();
  expectTypeOf<ContainerFilter>().returns.toEqualTypeOf<
    boolean | Promise<boolean>
  >();
  expectTypeOf<Runtime>().toExtend<AsyncDisposable>();
  expectTypeOf<State["lookupPod"]>().toBeFunction();
  // Everything but what each engine must have may be missing.
  expectTypeOf<Engine["execContainer"]>().extract<undefined>().not.toBeNever();
  expectTypeOf<Engine["listContainers"]>().extract<undefined>().toBeNever();
  expectTypeOf<Spec>().toExtend<object>();
  // Each `RuntimeOption` of Go's libpod has its member; `allow` is ours.
  expectTypeOf<keyof RuntimeOptions>().toEqualTypeOf<
    | "allow"
    | "cgroupManager"
    | "conmonEnv"
    | "conmonPath"
    | "imageConfig"
    | "ociRuntime"
    | "pidsLimit"
    | "selinux"
    | "signaturePolicy"
    | "storage"
  >();
});
