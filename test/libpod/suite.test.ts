import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  embedded,
  type EmbeddedEngine,
  type Engine,
  Runtime,
} from "portolan/libpod";
import {
  podman19Handlers,
  podmanHandlers,
  portoHandlers,
  projectatomicHandlers,
} from "portolan/libpod/serve";
import { podmanService } from "portolan/podman";
import { podmanService as podman19Service } from "portolan/podman/1.9";
import { podmanService as projectatomicService } from "portolan/podman/projectatomic";
import { portoService } from "portolan/porto";
import { EnvelopeServer, VarlinkServer } from "portolan/runtime";
import type { Bench, Difference } from "./suite/bench.ts";
import { podman10Lacks, podman19Lacks, portoLacks } from "./suite/lacks.ts";
import { livePodman, livePorto } from "./suite/live.ts";
import { programs } from "./suite/programs.ts";
import { describeBench } from "./suite/suite.ts";

/**
 * One suite over all engines, each through its socket: the embedded engine as it
 * is, and served as Podman of three kinds and as Porto. Where `PORTOLAN_PODMAN` and
 * `PORTOLAN_PORTO` name daemons that live, these too. Budget: 40 s.
 */

interface Served {
  readonly scheme: string;
  readonly serve: (
    engine: EmbeddedEngine,
    address: string,
  ) => Promise<AsyncDisposable>;
  readonly lacks?: readonly (keyof Engine)[];
  readonly differences?: readonly Difference[];
  /** What containers are made from, where the engine wants to know. */
  readonly image?: string;
}

function varlink(
  add: (server: VarlinkServer, engine: EmbeddedEngine) => void,
): Served["serve"] {
  return async (engine, address) => {
    const server = new VarlinkServer({
      vendor: "Portolan",
      product: "suite",
      version: "1",
      url: "https://example.org",
    });
    add(server, engine);
    await server.listen(address);
    return server;
  };
}

async function served({
  scheme,
  serve,
  lacks = [],
  differences = [],
  image,
}: Served): Promise<Bench> {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-suite-"));
  const address = `unix:${path.join(folder, "engine.sock")}`;
  const engine = await embedded({ programs });
  if (image !== undefined)
    for await (const _ of engine.pullImage(image)) continue;
  const server = await serve(engine, address);
  return bench(
    () => Runtime.open(`${scheme}:${address}`),
    { lacks, differences, image },
    async () => {
      await server[Symbol.asyncDispose]();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  );
}

function bench(
  open: Bench["open"],
  {
    lacks = [],
    differences = [],
    image,
  }: Pick<Served, "lacks" | "differences"> & {
    readonly image?: string | undefined;
  },
  close: Bench["close"],
): Bench {
  return {
    name: "pretended",
    open,
    lacks: new Set(lacks),
    differences: new Set(differences),
    container: async (command) => ({
      spec: { process: { args: command } },
      options: image === undefined ? {} : { rootfs: { image } },
    }),
    prefix: "suite",
    live: false,
    close,
  };
}

describeBench("embedded, as it is", async () => {
  const engine = await embedded({ programs });
  return bench(
    () => Runtime.open(engine),
    {},
    () => engine.close(),
  );
});

const podman10: Served = {
  scheme: "podman",
  serve: varlink((server, engine) =>
    server.add(podmanService(podmanHandlers(engine))),
  ),
  lacks: podman10Lacks,
  differences: ["empty pods do not start"],
  image: "alpine",
};
const podman19: Served = {
  scheme: "podman",
  serve: varlink((server, engine) =>
    server.add(podman19Service(podman19Handlers(engine))),
  ),
  lacks: podman19Lacks,
  differences: ["empty pods do not start"],
  image: "alpine",
};
const projectatomic: Served = {
  scheme: "podman",
  lacks: [
    "attachContainer",
    "commitContainer",
    "configureContainer",
    "configurePod",
    "containerSpec",
    "createContainer",
    "createPod",
    "events",
    "execContainer",
    "getPod",
    "info",
    "initContainer",
    "killPod",
    "listPods",
    "lookupPod",
    "mountContainer",
    "pausePod",
    "podStats",
    "removePod",
    "restartPod",
    "startContainer",
    "startPod",
    "stopPod",
    "unmountContainer",
    "unpausePod",
    "untagImage",
  ],
  serve: varlink((server, engine) =>
    server.add(projectatomicService(projectatomicHandlers(engine))),
  ),
};
const porto: Served = {
  scheme: "porto",
  lacks: portoLacks,
  differences: ["ids are names"],
  async serve(engine, address) {
    const server = new EnvelopeServer(portoService(portoHandlers(engine)));
    await server.listen(address);
    return server;
  },
};

describeBench("podman 1.0, through its socket", () => served(podman10));
describeBench("podman 1.9, through its socket", () => served(podman19));
describeBench("io.projectatomic.podman, through its socket", () =>
  served(projectatomic),
);
describeBench("porto, through its socket", () => served(porto));

/** Milliseconds for a rule where processes are real, and every start and stop takes its time. */
const LIVE = 240_000;

const podmanAddress = process.env["PORTOLAN_PODMAN"];
if (podmanAddress !== undefined)
  describeBench("podman, alive", () => livePodman(podmanAddress), LIVE);
const portoAddress = process.env["PORTOLAN_PORTO"];
if (portoAddress !== undefined)
  describeBench("porto, alive", () => livePorto(portoAddress), LIVE);
