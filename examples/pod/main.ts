// A pod with two containers: a web server, and what writes its pages; started, looked at, stopped, removed.
//
// In a clone, after `npm ci && npm run build`:
//
//     node --import tsx examples/pod/main.ts [ADDRESS] [IMAGE]
//
// ADDRESS is podman:unix:/run/podman/io.podman, porto:/run/portod.socket, embedded:/DIR,
// or embedded:, which is the default. Podman needs an IMAGE.
import { command } from "../command.ts";
import { open } from "../sample.ts";
import { table } from "../table.ts";

await command("pod/main.ts [ADDRESS] [IMAGE]", [], async ({ words }) => {
  const [address, image] = words;
  const rootfs = image === undefined ? {} : { rootfs: { image } };

  await using opened = await open(address);
  const { runtime } = opened;
  const pod = await runtime.newPod({ name: `site-${process.pid}` });
  try {
    for (const [name, args] of [
      ["pages", ["sleep", "600"]],
      ["server", ["httpd", "-f"]],
    ] as const) {
      await runtime.newContainer(
        { process: { args } },
        { name: `${pod.name}-${name}`, pod, ...rootfs },
      );
    }
    await pod.start();
    const { state, members } = await pod.status();
    console.log(`pod ${pod.name} is ${state}`);
    console.log(table(members.map(({ name, state: of }) => [name, of])));

    await pod.stop({ grace: 1000 });
    console.log(`pod ${pod.name} is ${(await pod.status()).state}`);
  } finally {
    // All of it or nothing: its containers go with it.
    await runtime.removePod(pod, { force: true });
  }
  console.log(`pod ${pod.name} is removed, with its containers`);
});
