// Follows what containers print, each line with its container's name.
//
// In a clone, after `npm ci && npm run build`:
//
//     node --import tsx examples/logs/main.ts [ADDRESS] [NAME…]
//
// A first word with a colon is an ADDRESS: podman:unix:/run/podman/io.podman,
// porto:/run/portod.socket, embedded:/DIR, or embedded:, which is the default and has
// a few containers in it. Without names: all that run. Ends when they have ended, or with Ctrl-C.
import { type Container, type Runtime } from "portolan/libpod";
import { command } from "../command.ts";
import { open } from "../sample.ts";
import { plain } from "../table.ts";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

async function chosen(
  runtime: Runtime,
  names: readonly string[],
): Promise<readonly Container[]> {
  if (names.length > 0)
    return Promise.all(names.map((name) => runtime.lookupContainer(name)));
  return runtime.containers(({ summary }) => summary.state === "running");
}

async function follow(container: Container): Promise<void> {
  try {
    for await (const { stream, text } of container.logs({
      follow: true,
      signal: stop.signal,
    })) {
      const out = stream === "stderr" ? process.stderr : process.stdout;
      out.write(`${plain(container.name)} | ${plain(text)}\n`);
    }
    const { exitCode } = await container.status();
    process.stdout.write(
      `${plain(container.name)} ended with ${exitCode ?? "no code"}\n`,
    );
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

await command("logs/main.ts [ADDRESS] [NAME…]", [], async ({ words }) => {
  const isAddressed = words[0]?.includes(":") ?? false;
  const [address, names] = isAddressed
    ? [words[0], words.slice(1)]
    : [undefined, words];
  await using opened = await open(address);
  const { runtime } = opened;
  await Promise.all((await chosen(runtime, names)).map(follow));
});
