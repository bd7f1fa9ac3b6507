import type { PortoHandlers } from "portolan/porto";
import type { Afterlife } from "../afterlife.ts";
import type { Containers } from "../lifecycle.ts";
import type { World } from "../world.ts";

/** What the commands of all connections to an engine have in common. */
export interface Context {
  readonly world: World;
  readonly containers: Containers;
  readonly afterlife: Afterlife;
}

/** The handlers of some commands; which is checked where they come together. */
export type Commands<K extends keyof PortoHandlers> = {
  readonly [N in K]-?: NonNullable<PortoHandlers[N]>;
};
