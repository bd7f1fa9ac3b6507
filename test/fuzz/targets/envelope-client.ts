import { PortoClient, TPortoResponse } from "../../../generated/porto/index.ts";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { EnvelopeError } from "../../../src/runtime/envelope/error.ts";
import { HostileService } from "../hostile.ts";
import { Random } from "../random.ts";
import {
  type Bench,
  type Input,
  must,
  mustEqual,
  type Target,
  Tally,
} from "../target.ts";
import { envelope, mutateMessages, responseBodies } from "../wire.ts";

const MAX_SIZE = 16 * 1024;

const bodies = responseBodies();

/** Says yes to everything. */
const good = envelope(
  Buffer.from(
    TPortoResponse.encode(
      { error: 0, Version: { tag: "good", revision: "" }, List: { name: [] } },
      { partial: true },
    ),
  ),
);

const tally = new Tally("replies", "errors", "broken");

/** What a service of an envelope RPC may send to our client. */
export const envelopeClientTarget: Target = {
  name: "envelope-client",
  share: 4,
  tally,
  make: (random) => mutateMessages(random, bodies),
  open: () => ({ check, close() {} }) satisfies Bench,
};

async function check({ bytes, variant }: Input): Promise<void> {
  const random = new Random(variant);
  const service = new HostileService(random, bytes, () => good);
  await using client = await PortoClient.connect(service, {
    maxMessageSize: MAX_SIZE,
    restoreTimeout: 0,
  });
  if (random.once(3)) await settle(subscribe(client));
  else {
    await settle(
      client.$pipeline((pipeline) =>
        Promise.all([
          settle(pipeline.create({ name: "a" })),
          settle(pipeline.version({})),
          settle(pipeline.list({ mask: "*" })),
        ]),
      ),
    );
  }
  await service.gone;
  const { tag } = await client.version({});
  mustEqual(tag ?? "", "good", "a reply on a new connection");
}

/** Takes all items; a service that never ends them closes the connection. */
async function subscribe(client: PortoClient): Promise<void> {
  let count = 0;
  for await (const { name } of client.asyncWait({ name: ["a"] }))
    must(
      name === undefined || (count += 1) < 1000,
      "a subscription without end",
    );
}

async function settle(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
    tally.add("replies");
  } catch (error) {
    tally.add(EnvelopeError.is(error) ? "errors" : "broken");
    must(
      PortolanError.is(error),
      () => `an error that is not ours: ${String(error)}`,
    );
  }
}
