// Drives `portolan serve --podman ADDRESS` call by call, in `npm run demo`.
//
// By itself, in a clone, after `npm ci && npm run build`, with an engine that is new:
//
//     node dist/cli.js serve --podman unix:/tmp/io.podman --programs examples/programs.ts
//     node --import tsx examples/podman-demo/client.ts unix:/tmp/io.podman
import {
  ContainerNotFound,
  ErrorOccurred,
  PodmanClient,
} from "portolan/podman";

const [address] = process.argv.slice(2);
if (address === undefined || address === "--help") {
  console.error("usage: podman-demo/client.ts ADDRESS");
  process.exit(address === undefined ? 1 : 0);
}

function show(call: string, answer: unknown): void {
  console.log(`  ${call}\n    → ${JSON.stringify(answer)}`);
}

const podman = await PodmanClient.connect(address);

const { version } = await podman.getVersion();
show("getVersion()", { version: version.version, os_arch: version.os_arch });

const { id } = await podman.pullImage({ name: "httpd" });
show('pullImage({ name: "httpd" })', `${id.slice(0, 12)}…`);

// `io.podman` is served by Go: what is left out means zero.
const { container } = await podman.createContainer({
  create: { name: "web", image: "httpd", command: ["httpd", "-f"] },
});
show(
  'createContainer({ create: { name: "web", image: "httpd", … } })',
  `${container.slice(0, 12)}…`,
);

await podman.startContainer({ name: "web" });
const { containers } = await podman.listContainers();
show(
  'startContainer({ name: "web" }), listContainers()',
  containers.map(({ names, image, status }) => ({ names, image, status })),
);

await podman.stopContainer(
  { name: "web", timeout: 10 },
  { signal: AbortSignal.timeout(15_000) },
);
const stopped = await podman.getContainer({ name: "web" });
show('stopContainer({ name: "web", timeout: 10 })', {
  status: stopped.container.status,
});

console.log('  for await (… of getContainerLogs.more({ name: "web" }))');
const log = podman.getContainerLogs.more({ name: "web" });
try {
  for await (const { container: lines } of log) {
    for (const line of lines) console.log(`    → ${line.trimEnd()}`);
  }
} catch (error) {
  // How Podman says that a container has stopped, and its log ends.
  if (!ErrorOccurred.is(error)) throw error;
}

await podman.removeContainer({ name: "web", force: false });
show('removeContainer({ name: "web", force: false })', "removed");

try {
  await podman.getContainer({ name: "web" });
  throw new Error("a removed container was found");
} catch (error) {
  if (!ContainerNotFound.is(error)) throw error;
  show(
    'getContainer({ name: "web" })',
    `ContainerNotFound: ${error.parameters.name}`,
  );
}

await podman.$close();
