// Reading and writing four messages of Porto, beside four peers.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "./cache.ts";
import type { Contender } from "./contender.ts";
import { ours, peers } from "./contenders.ts";
import { type Fixture, fixtures } from "./fixtures.ts";
import { type Measured, type Settings, clockOf, measure } from "./measure.ts";
import { roundTrip } from "./round-trip.ts";
import { rate, ratio, table } from "./table.ts";
import { wireBytes } from "./wire.ts";

const { values: flags } = parseArgs({
  options: {
    // Names of fixtures, separated by commas.
    fixtures: { type: "string", default: "tiny,spec,list,get" },
    // Parts of contenders' names, separated by commas; all without.
    only: { type: "string" },
    // The generated module that is measured as ours.
    ours: {
      type: "string",
      default: path.join(root, "generated/porto/codec.ts"),
    },
    rounds: { type: "string" },
    // Short and rough: for comparing while something is being changed.
    quick: { type: "boolean", default: false },
    // `cpu` on a machine that has other work to do.
    clock: { type: "string", default: "wall" },
    // A file for every number, as JSON.
    json: { type: "string" },
  },
});

const rounds = Number(flags.rounds ?? (flags.quick ? 3 : 9));

const clock = clockOf(flags.clock);

const DIRECTIONS = ["decode", "encode"] as const;

interface Result {
  readonly fixture: string;
  readonly bytes: number;
  readonly direction: (typeof DIRECTIONS)[number];
  readonly measured: readonly Measured[];
}

/** Long messages have longer slices, so that a few of them fit. */
function settings(bytes: number): Settings {
  return {
    rounds,
    slice: bytes > 100_000 ? 400 : 100,
    warmUp: flags.quick ? 800 : 2500,
    clock,
  };
}

function measureFixture(
  { name, type }: Fixture,
  bytes: Buffer,
  contenders: readonly Contender[],
): readonly Result[] {
  const local = type.slice(type.indexOf(".") + 1);
  const codecs = contenders.map((one) => ({
    contender: one.name,
    codec: one.codec(local),
  }));
  return DIRECTIONS.map((direction) => {
    const cells = codecs.map(({ contender, codec }) => {
      // Each writes what it has read itself.
      const message = direction === "encode" ? codec.decode(bytes) : undefined;
      return {
        contender,
        run:
          direction === "encode"
            ? () => codec.encode(message)
            : () => codec.decode(bytes),
      };
    });
    const measured = measure(cells, settings(bytes.length));
    console.error(`${name} ${direction}: done`);
    return { fixture: name, bytes: bytes.length, direction, measured };
  });
}

function speedTable(
  contenders: readonly Contender[],
  results: readonly Result[],
): string {
  const rows = contenders.map(({ name, int64 }) => [
    name,
    int64,
    ...results.map(({ measured }) => rate(perSecond(measured, name))),
  ]);
  const last = [
    "Portolan ÷ fastest peer",
    "",
    ...results.map(({ measured }) =>
      ratio(
        perSecond(measured, "Portolan") /
          Math.max(
            ...measured
              .filter(({ contender }) => contender !== "Portolan")
              .map((one) => one.perSecond),
          ),
      ),
    ),
  ];
  return table(
    [
      "messages a second",
      "64 bits",
      ...results.map(({ fixture, direction }) => `${fixture} ${direction}`),
    ],
    [...rows, last],
  );
}

function perSecond(measured: readonly Measured[], name: string): number {
  return (
    measured.find(({ contender }) => contender === name)?.perSecond ??
    Number.NaN
  );
}

async function main(): Promise<void> {
  const own = await ours(flags.ours);
  if (own === undefined) console.error(`nothing of ours at ${flags.ours}`);
  const wanted = flags.only?.split(",");
  const contenders = [...(own ? [own] : []), ...(await peers())].filter(
    ({ name }) => wanted?.some((part) => name.includes(part)) ?? true,
  );
  const chosen = fixtures().filter(({ name }) =>
    flags.fixtures.split(",").includes(name),
  );
  const results: Result[] = [];
  const trips: string[][] = contenders.map(({ name }) => [name]);
  for (const fixture of chosen) {
    // What a socket gives is a Buffer.
    const bytes = Buffer.from(wireBytes(fixture));
    const local = fixture.type.slice(fixture.type.indexOf(".") + 1);
    for (const [index, contender] of contenders.entries())
      trips[index]?.push(roundTrip(fixture, bytes, contender.codec(local)));
    results.push(...measureFixture(fixture, bytes, contenders));
  }
  const machine = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "?"}, ${process.platform}, ${flags.clock} time`;
  console.log(
    [
      `${machine}; median of ${rounds} rounds.`,
      "",
      ...chosen.map(({ name, title }) => {
        const size = results.find(({ fixture }) => fixture === name)?.bytes;
        return `- ${name}: ${title} (${size?.toLocaleString("en") ?? "?"} B)`;
      }),
      "",
      speedTable(contenders, results),
      "",
      "Read and written again:",
      "",
      table(["", ...chosen.map(({ name }) => name)], trips),
    ].join("\n"),
  );
  const lost = trips[0]?.slice(1).filter((trip) => trip !== "same") ?? [];
  if (contenders[0]?.name === "Portolan" && lost.length > 0) {
    console.error("ours does not write what it has read");
    process.exitCode = 1;
  }
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify({ machine, rounds, roundTrips: trips, results }, null, 2)}\n`,
    );
}

await main();
