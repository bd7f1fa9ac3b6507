// Follows what containers print, each line with its container's name.
//
//     node main.ts [ADDRESS] [NAME…]
//
// Without names: all that run. Ends when they have ended, or with Ctrl-C.
import { type Container, type Runtime } from "portolan/libpod";
import { open } from "../sample.ts";
import { plain } from "../table.ts";

const [address, ...names] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

async function chosen(runtime: Runtime): Promise<readonly Container[]> {
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

await using opened = await open(address);
const { runtime } = opened;
await Promise.all((await chosen(runtime)).map(follow));
