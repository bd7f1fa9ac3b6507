import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PodmanClient } from "portolan/podman";
import { expect, it } from "vitest";
import type { EmbeddedEngine } from "../../../../src/libpod/engines/embedded/index.ts";
import type { VarlinkServer } from "../../../../src/runtime/varlink/server.ts";
import { unixPlace } from "../../../support/peer.ts";

const repository = fileURLToPath(new URL("../../../../", import.meta.url));

it("docs/serve.md begins with a program that works", async () => {
  const document = readFileSync(path.join(repository, "docs/serve.md"), "utf8");
  const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(document) ?? [];
  const place = await unixPlace();
  const address = `unix:${path.join(place.folder, "podman.sock")}`;
  const work = path.join(repository, ".tmp", `serve-${process.pid}`);
  await mkdir(work, { recursive: true });
  const file = path.join(work, "program.ts");
  await writeFile(
    file,
    `${program.replace("unix:/tmp/podman.sock", address)}\nexport { engine, server };\n`,
  );
  try {
    const { engine, server } = (await import(file)) as {
      readonly engine: EmbeddedEngine;
      readonly server: VarlinkServer;
    };
    const podman = await PodmanClient.connect(address);
    const name = "web";
    await podman.createContainer({ create: { name, image: "web" } });
    await podman.startContainer({ name });
    expect(await podman.waitContainer({ name })).toEqual({ exitcode: 0 });
    expect((await podman.getContainerLogs({ name })).container).toHaveLength(1);
    await podman.$close();
    await server.close();
    await engine.close();
  } finally {
    await rm(work, { recursive: true, force: true });
    await place.remove();
  }
});
