// What the examples show where no engine is named: one in memory, with a few programs.
import { embedded, Runtime } from "portolan/libpod";
import programs from "./programs.ts";

export interface Opened extends AsyncDisposable {
  readonly runtime: Runtime;
}

/** Opens the engine that an example was given; without one, `embedded:`, with containers in it. */
export async function open(address = "embedded:"): Promise<Opened> {
  if (address !== "embedded:") {
    const runtime = await Runtime.open(address);
    return { runtime, [Symbol.asyncDispose]: () => runtime.close() };
  }
  const engine = await embedded({ programs });
  const runtime = await Runtime.open(engine);
  await runtime.pullImage("docker.io/library/httpd");
  for (const [name, command] of [
    ["web", ["httpd", "-f"]],
    ["backup", ["backup", "/data"]],
    ["idle", ["sleep", "1000"]],
  ] as const) {
    const container = await runtime.newContainer(
      { process: { args: command } },
      { name, labels: { example: "yes" }, rootfs: { image: "httpd" } },
    );
    if (name !== "idle") await container.start();
  }
  // An engine that is given to a runtime stays its owner's: what runs in it ends with it.
  const close = async (): Promise<void> => {
    await runtime.close();
    await engine.close();
  };
  return { runtime, [Symbol.asyncDispose]: close };
}
