import { describe, expect, test } from "vitest";
import { CertificationClient } from "../../generated/org.varlink.certification/index.ts";
import type { TapEvent } from "../../src/runtime/proxy/events.ts";
import { formatTapped } from "../../src/runtime/proxy/format.ts";
import { Relay } from "../../src/runtime/proxy/relay.ts";
import { VarlinkTap } from "../../src/runtime/proxy/tap.ts";
import { execEndpoint } from "../../src/runtime/transport/exec.ts";
import { certify } from "./certification/client.ts";
import {
  findProgram,
  run,
  startDaemon,
  temporaryFolder,
} from "./support/programs.ts";

/** The certification program of varlink-go: Debian's package `varlink-go`. */
const go = findProgram("varlink-go-certification") ?? "";

describe.skipIf(go === "")("through a relay, with a tap", () => {
  test.each(["unix", "tcp"])(
    "Go's client takes the certification of Go's server, from %s",
    async (kind) => {
      using folder = temporaryFolder();
      await using _ = await startDaemon(
        [go, `--varlink=unix:${folder("go")}`],
        folder("go"),
      );
      const events: TapEvent[] = [];
      const tap = new VarlinkTap({ onEvent: (event) => events.push(event) });
      await using relay = new Relay({ connect: `unix:${folder("go")}`, tap });
      const { address } = await relay.listen(
        kind === "unix" ? `unix:${folder("relay")}` : "tcp:127.0.0.1:0",
      );
      const { code, stdout, stderr } = await run([
        go,
        "--client",
        `--varlink=${address}`,
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("End: 'true'");
      await relay.close();

      const lines = events.map((event) => formatTapped(event));
      expect(events.filter(({ type }) => type === "violation")).toEqual([]);
      expect(lines.filter((line) => line.includes("→ org."))).toHaveLength(13);
      expect(lines.filter((line) => line.includes("(continues"))).toHaveLength(
        9,
      );
      expect(lines).toContainEqual(
        expect.stringMatching(
          /^#1\.5 → org\.varlink\.certification\.Test04 \{"client_id":"[^"]+","float":1\}$/,
        ),
      );
      expect(events.at(-1)).toMatchObject({
        type: "close",
        raw: { sent: 0, received: 0 },
        unanswered: [],
      });
    },
  );

  test("our client, to Go's server that the relay starts", async () => {
    using folder = temporaryFolder();
    await using relay = new Relay({
      connect: execEndpoint(go, {
        args: ["--varlink=unix:/unused"],
        socket: "listening",
      }),
    });
    await relay.listen(`unix:${folder("relay")}`);
    await using client = await CertificationClient.connect(
      `unix:${folder("relay")}`,
    );
    expect((await certify(client)).allOk).toBe(true);
  });
});
