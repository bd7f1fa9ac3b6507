import { expect } from "vitest";
import { InvalidState, RuntimeStopped } from "portolan/libpod";
import { rejection, running, started, type Rule } from "./support.ts";

/** What ends: runtimes and waits. */
export const runtimeRules: readonly Rule[] = [
  {
    name: "a closed runtime refuses everything, and so do its objects",
    needs: ["createContainer"],
    async run(runtime, made, bench) {
      const container = await made.container("forever");
      const other = await bench.open();
      const same = await other.getContainer(container.id);
      await other.close();
      const refused = [
        other.containers(),
        other.lookupContainer(container.name),
        other.hasContainer(container.id),
        other.version(),
        same.status(),
        same.start(),
        other.removeContainer(container),
      ];
      for (const promise of refused) {
        expect(await rejection(promise)).toBeInstanceOf(RuntimeStopped);
      }
      expect(await runtime.hasContainer(container.id)).toBe(true);
    },
  },

  {
    name: "a shutdown waits for nobody: it refuses while something runs, and stops it by force",
    needs: started,
    async run(_runtime, _made, bench) {
      const runtime = await bench.open();
      const { spec, options } = await bench.container(["sleep", "1000"]);
      const container = await runtime.newContainer(spec, {
        ...options,
        name: `${bench.prefix}-shut`,
      });
      const second = await bench.open();
      try {
        await container.start();
        expect(await rejection(runtime.shutdown())).toBeInstanceOf(
          InvalidState,
        );
        await runtime.shutdown({ force: true, grace: 1000 });
        expect(await rejection(runtime.containers())).toBeInstanceOf(
          RuntimeStopped,
        );
        expect(
          (await (await second.getContainer(container.id)).status()).state,
        ).toBe("exited");
      } finally {
        await runtime.close();
        await second.removeContainer(await second.getContainer(container.id), {
          force: true,
        });
        await second.close();
      }
    },
  },

  {
    name: "an aborted wait rejects, and the container goes on",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const leave = new AbortController();
      const waiting = container.wait({ signal: leave.signal });
      leave.abort(new Error("enough"));
      expect(await rejection(waiting)).toMatchObject({ code: "ABORTED" });
      expect(await running(container)).toBe(true);
    },
  },
];
