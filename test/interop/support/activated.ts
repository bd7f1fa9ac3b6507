// A certification server at whatever this process was started to listen at. What goes
// wrong is its exit code.
import { activatedEndpoints } from "../../../src/runtime/transport/activation.ts";
import { startCertification } from "../certification/server.ts";

const servers = await Promise.all(activatedEndpoints().map(startCertification));
process.once("SIGTERM", () => {
  for (const server of servers) void server[Symbol.asyncDispose]();
});
process.once("beforeExit", () => {
  const problems = servers.flatMap((server) => server.problems);
  for (const problem of problems) console.error(problem);
  process.exitCode = servers.length === 1 && problems.length === 0 ? 0 : 1;
});
