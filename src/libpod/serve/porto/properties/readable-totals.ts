import { isInside } from "../names.ts";
import { mergeTuples, sumUint } from "../text.ts";
import type { Box } from "../view.ts";
import {
  coresOf,
  definitions,
  number,
  type Readable,
  type Reading,
} from "./readable-kinds.ts";

const { define, defineMap, list } = definitions();

defineMap(
  "place_usage",
  "space that its volumes claim: <place>: <bytes>; ...",
  async (box, source) => {
    const usage = new Map([["total", 0n]]);
    for (const { place, claim } of source.owned(box))
      for (const key of [place, "total"])
        usage.set(key, sumUint(usage.get(key) ?? 0n, claim));
    return usage;
  },
  {},
);
define(
  "volumes_linked",
  "volumes that it is linked to: <path> [<target>] [ro] [!]; ...",
  (box, source) => {
    const links = source.links(box);
    return {
      text: mergeTuples(
        links.map(({ volume, target, read_only, required }) => [
          volume,
          ...(target === undefined ? [] : [target]),
          ...(read_only === true ? ["ro"] : []),
          ...(required === true ? ["!"] : []),
        ]),
      ),
      typed: { link: links },
    };
  },
);
define(
  "volumes_owned",
  "volumes that count for it: <path>; ...",
  (box, source) => {
    const volume = source.owned(box).map(({ path }) => path);
    return { text: volume.join(";"), typed: { volume } };
  },
);

/** Those around a container, and it itself, from the inside out. */
function chain(box: Box): Box[] {
  const found: Box[] = [];
  for (let each: Box | undefined = box; each !== undefined; each = each.parent)
    found.push(each);
  return found;
}

/** The lowest limit of all levels; the host's memory where there is none. */
const lowest =
  (property: string) =>
  (box: Box): Reading => {
    const limits = chain(box)
      .map((each) => BigInt(each.text(property)))
      .filter((value) => value > 0n);
    return number(
      limits.reduce(
        (low, value) => (value < low ? value : low),
        box.view.facts.memory,
      ),
    );
  };
define(
  "memory_limit_total",
  "lowest memory limit of all levels, bytes",
  lowest("memory_limit"),
);
define(
  "anon_limit_total",
  "lowest limit of anonymous memory of all levels, bytes",
  lowest("anon_limit"),
);
define(
  "memory_guarantee_total",
  "memory that is guaranteed with those inside, bytes",
  (box) => number(guaranteed(box)),
);

function guaranteed(box: Box): bigint {
  if (box.state === "stopped") return 0n;
  const sum = childrenOf(box).reduce(
    (total, child) => sumUint(total, guaranteed(child)),
    0n,
  );
  const own = BigInt(box.text("memory_guarantee"));
  return own > sum ? own : sum;
}

function childrenOf(box: Box): Box[] {
  return box.view.all().filter((each) => each.parent === box);
}

const cpus = (box: Box, property: string): number =>
  Number(box.text(property).replace("c", ""));

/** What containers nested in one have together, while they run. */
function sumInside(box: Box, property: string): number {
  return box.view
    .all()
    .filter(
      ({ name, state }) => isInside(name, box.name) && state !== "stopped",
    )
    .reduce((sum, each) => sum + cpus(each, property), 0);
}

define(
  "cpu_guarantee_total",
  "CPU that is guaranteed with those inside: <cores>c",
  (box) =>
    coresOf(
      Math.max(cpus(box, "cpu_guarantee"), sumInside(box, "cpu_guarantee")),
    ),
);
define(
  "cpu_limit_total",
  "CPU limits of those inside, added up: <cores>c",
  (box) => coresOf(sumInside(box, "cpu_limit")),
);
define("cpu_limit_bound", "lowest CPU limit of all levels: <cores>c", (box) =>
  coresOf(
    Math.min(
      ...chain(box)
        .map((each) => cpus(each, "cpu_limit"))
        .filter((value) => value > 0),
    ),
  ),
);
define("cpu_guarantee_bound", "CPU guarantee that holds: <cores>c", (box) =>
  coresOf(Math.max(...chain(box).map((each) => cpus(each, "cpu_guarantee")))),
);
define("taint", "what is wrong with how it is set up", () => ({
  text: "",
  typed: [],
}));

/** What results from several containers, and from volumes. */
export const totals: readonly Readable[] = list;
