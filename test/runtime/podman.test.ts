import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  PodmanClient,
  podmanService,
} from "../../generated/io.podman/index.ts";
import { VarlinkServer } from "../../src/runtime/varlink/server.ts";
import { type Place, transports } from "../support/peer.ts";

describe.each(transports)(
  "generated client and server over %s",
  (_name, make) => {
    let place: Place;
    let server: VarlinkServer;
    let stop: (() => void) | undefined;

    beforeEach(async () => {
      place = await make();
      stop = undefined;
      server = new VarlinkServer({
        vendor: "v",
        product: "p",
        version: "1",
        url: "u",
      });
      server.add(
        podmanService({
          async waitContainer() {
            await new Promise<void>((resolve) => {
              stop = resolve;
            });
            return { exitcode: 137 };
          },
          async stopContainer({ name }) {
            // Not before somebody waits: a stop that is read first would prove nothing.
            await expect.poll(() => stop).toBeDefined();
            stop?.();
            return { container: name };
          },
        }),
      );
      await server.listen(place.endpoint);
    });

    afterEach(async () => {
      await server.close({ timeout: 0 });
      await place.remove();
    });

    it("wait for a container and stop it at the same time", async () => {
      await using client = await PodmanClient.connect(place.endpoint);
      const a = { name: "web" };
      expect(
        await Promise.all([client.waitContainer(a), client.stopContainer(a)]),
      ).toEqual([{ exitcode: 137 }, { container: "web" }]);
    });

    it("wait behind each other in a pipeline, which is what it is for", async () => {
      await using client = await PodmanClient.connect(place.endpoint);
      const giveUp = new AbortController();
      const results = client.$pipeline((pipe) =>
        Promise.allSettled([
          pipe.waitContainer({ name: "web" }, { signal: giveUp.signal }),
          pipe.stopContainer({ name: "web" }),
        ]),
      );
      await expect.poll(() => stop).toBeDefined();
      giveUp.abort();
      expect(await results).toMatchObject([
        { status: "rejected", reason: { code: "ABORTED" } },
        { status: "rejected", reason: { code: "CONNECTION_LOST" } },
      ]);
    });
  },
);
