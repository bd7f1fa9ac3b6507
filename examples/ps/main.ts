// What runs and what it uses, drawn anew each second: `docker ps` and `docker stats` in one.
//
// In a clone, after `npm ci && npm run build`:
//
//     node --import tsx examples/ps/main.ts [ADDRESS] [--once]
//
// ADDRESS is podman:unix:/run/podman/io.podman, porto:/run/portod.socket, embedded:/DIR,
// or embedded:, which is the default and has a few containers in it.
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Container,
  ContainerStopped,
  type Runtime,
} from "portolan/libpod";
import { command } from "../command.ts";
import { open } from "../sample.ts";
import { table } from "../table.ts";

const heading = ["ID", "NAME", "IMAGE", "STATUS", "CPU", "MEMORY", "PIDS"];

async function row(container: Container): Promise<string[]> {
  const { id, name, image = "", state } = container.summary;
  const used = state === "running" ? await usage(container) : ["", "", ""];
  return [id.slice(0, 12), name, image, state, ...used];
}

async function usage(container: Container): Promise<string[]> {
  try {
    const { cpuPercent, memoryUsage, pids } = await container.stats();
    return [
      `${cpuPercent.toFixed(1)} %`,
      `${(Number(memoryUsage) / 2 ** 20).toFixed(1)} MiB`,
      String(pids),
    ];
  } catch (error) {
    // It ended in between: the next drawing shows it so.
    if (ContainerStopped.is(error)) return ["", "", ""];
    throw error;
  }
}

async function draw(runtime: Runtime): Promise<string> {
  const containers = await runtime.containers();
  return table([heading, ...(await Promise.all(containers.map(row)))]);
}

await command("ps/main.ts [ADDRESS] [--once]", ["once"], async (given) => {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());

  const [address] = given.words;
  await using opened = await open(address);
  const { runtime } = opened;
  let lines = 0;
  while (!stop.signal.aborted) {
    const drawing = await draw(runtime);
    // Over what was drawn before, where there is a terminal to do so.
    if (process.stdout.isTTY && lines > 0)
      process.stdout.write(`\u001B[${lines}A\u001B[J`);
    process.stdout.write(drawing);
    lines = drawing.split("\n").length - 1;
    if (given.has("once")) break;
    await sleep(1000, undefined, { signal: stop.signal }).catch(
      () => undefined,
    );
  }
});
