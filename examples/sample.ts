// What the examples show where no engine is named: one in memory, with a few programs.
import { embedded, Runtime } from "portolan/libpod";
import programs from "./programs.ts";

/** Opens the engine that an example was given; without one, `embedded:`, with containers in it. */
export async function open(address = "embedded:"): Promise<Runtime> {
  if (address !== "embedded:") return Runtime.open(address);
  const runtime = await Runtime.open(await embedded({ programs }));
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
  return runtime;
}
