import { inspect } from "node:util";
import { embedded, Runtime } from "portolan/libpod";
import { expect, test } from "vitest";

test("consoles show what an object is, and nothing of its insides", async () => {
  const engine = await embedded();
  const runtime = await Runtime.open(engine);
  await runtime.pullImage("alpine");
  const container = await runtime.newContainer({}, { name: "web" });
  const pod = await runtime.newPod({ name: "site" });
  const [image] = await runtime.getImages();
  const shown = [runtime, container, pod, image].map((value) =>
    inspect(value, { breakLength: Infinity }),
  );
  expect(shown).toEqual([
    "Runtime { engine: 'embedded:' }",
    `Container { id: '${container.id}', name: 'web', state: 'configured' }`,
    `Pod { id: '${pod.id}', name: 'site', state: 'created' }`,
    `Image { id: '${image?.id}', names: [ 'docker.io/library/alpine:latest' ] }`,
  ]);
  await runtime.close();
  await engine.close();
});
