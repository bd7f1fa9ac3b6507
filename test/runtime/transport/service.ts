// A service of ours at what it was started with: see `activatedEndpoints`.
import { spawnSync } from "node:child_process";
import { activatedEndpoints } from "../../../src/runtime/transport/activation.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";

const server = new VarlinkServer({
  vendor: "Test",
  product: "Started",
  version: "1",
  url: "https://example.org",
});
const endpoints = activatedEndpoints();

// What a child is told, and what it inherits.
const { stdout } = spawnSync(
  "/bin/sh",
  ["-c", "env; test -S /proc/$$/fd/3 && echo HAS_FD_3"],
  { encoding: "utf8" },
);
const inherited = stdout
  .split("\n")
  .filter((line) => /^(LISTEN|SYSTEMD_VARLINK|HAS)_/.test(line));

server.add(
  service(
    {
      interface: "org.example.started",
      types: {},
      methods: {
        State: {
          input: {},
          output: { pid: "int", inherited: "[]string", places: "[]string" },
        },
        Count: { input: {}, output: { n: "int" }, more: "required" },
        Exit: { input: { code: "int" }, output: {} },
      },
      errors: {},
      description: ["interface org.example.started"],
    },
    {
      state: () => ({
        pid: process.pid,
        inherited,
        places: endpoints.map(({ address }) => address),
      }),
      async *count(_input: object, call: { signal: AbortSignal }) {
        for (let n = 0; !call.signal.aborted; n++) {
          yield { n };
          await new Promise(setImmediate);
        }
      },
      exit({ code }: { code: number }) {
        process.stderr.write(`leaving\nwith ${code}\n`);
        process.exit(code);
      },
    },
  ),
);
for (const endpoint of endpoints) await server.listen(endpoint);
if (endpoints.length === 0) process.exitCode = 9;
