import type { Containers } from "./containers.ts";
import { untilEnd } from "./events.ts";
import type { Host } from "./host.ts";
import type { Machine } from "./machine.ts";
import { operate, operateStream } from "./operation.ts";
import type { EmbeddedInside } from "./types.ts";

/** Where services keep their values, beside the engine's own. */
const SERVICE = "service.";

/** See {@link EmbeddedInside}. */
export function insideOf(
  host: Host,
  machine: Machine,
  containers: Containers,
): EmbeddedInside {
  const locked = <T>(work: () => Promise<T>): Promise<T> =>
    operate(host, undefined, (signal) => host.locked(work, signal));
  return {
    clock: host.clock,
    closing: host.closing,
    pastEvents: () => host.events.past(),
    record: (id) => locked(() => machine.record(id)),
    records: () => locked(() => machine.records()),
    create: (config, extra) => locked(() => containers.create(config, extra)),
    reconfigure: (id, config) =>
      locked(async () => {
        const record = await machine.record(id);
        machine.checkResting(record);
        await containers.reconfigure(record, config);
      }),
    reset: (id) => locked(async () => machine.reset(await machine.record(id))),
    setExtra: (id, values) =>
      locked(async () => {
        const record = await machine.record(id);
        const all = Object.entries({ ...record.extra, ...values });
        const extra = Object.fromEntries(
          all.filter(
            (entry): entry is [string, string] => entry[1] !== undefined,
          ),
        );
        await machine.save(record, { extra });
      }),
    output: (id, stream) =>
      locked(async () => {
        await machine.record(id);
        const { output } = host.live(id);
        await output.load();
        const kept = output.all().filter((chunk) => chunk.stream === stream);
        return Buffer.concat(kept.map(({ data }) => data));
      }),
    outputLost: (id, stream) =>
      locked(async () => {
        await machine.record(id);
        const { output } = host.live(id);
        await output.load();
        return output.lost(stream);
      }),
    watch: (signal) =>
      untilEnd(
        operateStream(host, { signal }, host.events.watch()),
        signal,
        host.closing,
      ),
    searchImages: (text) => locked(() => host.images.search(text)),
    load: (key) => locked(() => host.storage.load(SERVICE + key)),
    store: (key, value) =>
      locked(() => host.storage.store(SERVICE + key, value)),
  };
}
