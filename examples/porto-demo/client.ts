// Drives `portolan serve --porto PATH` command by command, in `npm run demo`.
//
// By itself, in a clone, after `npm ci && npm run build`, with an engine that is new:
//
//     node dist/cli.js serve --porto /tmp/portod.socket --programs examples/programs.ts
//     node --import tsx examples/porto-demo/client.ts unix:/tmp/portod.socket
import { EError, PortoClient, PortoError } from "portolan/porto";

const [address] = process.argv.slice(2);
if (address === undefined || address === "--help") {
  console.error("usage: porto-demo/client.ts ADDRESS");
  process.exit(address === undefined ? 1 : 0);
}

function show(call: string, answer: unknown): void {
  console.log(`  ${call}\n    → ${JSON.stringify(answer)}`);
}

const porto = await PortoClient.connect(address);

show("version()", (await porto.version()).tag);

await porto.create({ name: "web" });
await porto.setProperty({ name: "web", property: "command", value: "httpd" });
show('create({ name: "web" }), list()', (await porto.list()).name);

// Nothing is sent before the first next(), which tells how things stand.
const states = porto.asyncWait({ name: ["***"] });
const { value: first } = await states.next();
show('asyncWait({ name: ["***"] })', `${first?.name} is ${first?.state}`);

await porto.start({ name: "web" });
const { value: state } = await porto.getProperty({
  name: "web",
  property: "state",
});
show('start({ name: "web" }), getProperty(… "state")', state);
await porto.stop({ name: "web", timeout_ms: 10_000 });

// A weak container lives as long as the client that made it.
const visitor = await PortoClient.connect(address);
await visitor.createWeak({ name: "job" });
show('createWeak({ name: "job" }), list()', (await porto.list()).name);
await visitor.$close();

console.log("  for await (… of states)");
for await (const { name, state: entered } of states) {
  console.log(`    → ${name}: ${entered}`);
  if (name === "job" && entered === "destroyed") break;
}

await porto.destroy({ name: "web" });
show('destroy({ name: "web" }), list()', (await porto.list()).name);

try {
  await porto.start({ name: "web" });
  throw new Error("a destroyed container was started");
} catch (error) {
  if (!PortoError.is(error) || error.error !== EError.ContainerDoesNotExist)
    throw error;
  show('start({ name: "web" })', `${error.errorName}: ${error.text}`);
}

await porto.$close();
