import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CertificationClient } from "../../generated/org.varlink.certification/index.ts";
import { certify } from "./certification/client.ts";
import {
  findProgram,
  run,
  startDaemon,
  temporaryFolder,
} from "./support/programs.ts";
import { systemd } from "./support/system.ts";

/** Servers of ours that systemd's own tool starts, by each of its protocols. */
const go = findProgram("varlink-go-certification") ?? "";

const server = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  "--conditions=portolan-source",
  fileURLToPath(new URL("support/activated.ts", import.meta.url)),
];

const ways = [
  { way: "with a socket to listen at", options: [], each: false },
  {
    way: "with one of several sockets, by its name",
    options: ["--listen=FOLDER/other", "--fdname=varlink:other"],
    each: false,
  },
  { way: "for each connection", options: ["--accept"], each: true },
  {
    way: "for each connection, as its standard input and output",
    options: ["--accept", "--inetd", "--setenv=SYSTEMD_VARLINK_LISTEN=-"],
    each: true,
  },
];

describe.skipIf(systemd.activate === "" || go === "")(
  "a server of ours, started by systemd-socket-activate",
  () => {
    test.each(ways)("$way", async ({ options, each }) => {
      using folder = temporaryFolder();
      const socket = folder("socket");
      const words = options.map((word) => word.replace("FOLDER", folder()));
      await using started = await startDaemon(
        [systemd.activate, `--listen=${socket}`, ...words, ...server],
        socket,
      );
      const theirs = await run([go, "--client", `--varlink=unix:${socket}`]);
      expect(theirs.stdout).toMatch(/\nTest11: ''\nEnd: 'true'\n$/);
      {
        await using client = await CertificationClient.connect(
          `unix:${socket}`,
          { maxConnections: 1, replies: "strict" },
        );
        expect((await certify(client)).allOk).toBe(true);
      }
      if (each) {
        // Besides the two there was the connection that saw whether it listens.
        const ends = () => started.stderr.match(/died with code \d+/g) ?? [];
        await expect.poll(ends, { timeout: 15_000 }).toHaveLength(3);
        expect(new Set(ends())).toEqual(new Set(["died with code 0"]));
      } else {
        started.kill("SIGTERM");
        expect(await started.ended, started.stderr).toBe(0);
      }
    });
  },
);
