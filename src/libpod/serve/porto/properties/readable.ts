import { facts } from "./readable-facts.ts";
import { figures } from "./readable-figures.ts";
import type { Readable } from "./readable-kinds.ts";
import { totals } from "./readable-totals.ts";

/** All properties that only the daemon sets, by name. */
export const readable: ReadonlyMap<string, Readable> = new Map(
  [...facts, ...figures, ...totals].map((property) => [
    property.name,
    property,
  ]),
);
