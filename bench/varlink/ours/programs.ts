import { certificationService } from "../../../generated/org.varlink.certification/index.ts";
import { ServiceClient } from "../../../generated/org.varlink.service/index.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import type { Calls } from "../contract.ts";
import { certification } from "../work/certification.ts";
import { runClient, runServer } from "../work/child.ts";
import { handlers } from "../work/handlers.ts";
import { info } from "../work/info.ts";
import type {
  BenchClient,
  BenchClientClass,
  BenchService,
} from "./contract.ts";

/** A client's program, given the generated class. All options are the defaults. */
export function clientProgram(type: BenchClientClass): void {
  runClient(async (address) => {
    const client = await type.connect(address);
    return {
      calls: callsOf(client),
      pipeline: (run) => client.$pipeline((piped) => run(callsOf(piped))),
      close: () => client.$close(),
    };
  });
}

/** Each call looks its method up in the client, as programs write it. */
function callsOf(client: BenchClient): Calls {
  const service = new ServiceClient(client.$connection);
  return {
    echo: (input) => client.echo(input),
    page: (input) => client.page(input),
    bulk: (input) => client.bulk(input),
    count: { more: (input) => client.count.more(input) },
    countAtOnce: { more: (input) => client.countAtOnce.more(input) },
    getInfo: () => service.getInfo(),
  };
}

/**
 * A server's program, given the generated service.
 *
 * @param exact Whether it was generated with exact integers.
 */
export async function serverProgram(
  bench: BenchService,
  exact: boolean,
): Promise<void> {
  await runServer(async (address) => {
    const { vendor, product, version, url } = info;
    const server = new VarlinkServer({
      vendor,
      product,
      version,
      url,
      // The connection is closed for it, and the client knows no more than that.
      onProtocolError: (error) => console.error(error),
    });
    if (process.argv.includes("--certification"))
      server.add(certificationService(certification));
    else server.add(bench(handlers(exact)));
    await server.listen(address);
  });
}
