import type { Container } from "./container.ts";
import type { OperationOptions } from "./engine.ts";
import { InvalidArgument } from "./errors.ts";
import type { Image } from "./image.ts";
import type { Pod } from "./pod.ts";
import type { Left } from "./scope.ts";

/** `ContainerFilter`: whether a container is to be among the results. */
export type ContainerFilter = (
  container: Container,
) => boolean | Promise<boolean>;

/** `PodFilter`: whether a pod is to be among the results. */
export type PodFilter = (pod: Pod) => boolean | Promise<boolean>;

/** `ImageFilter`: whether an image is to be among the results. */
export type ImageFilter = (image: Image) => boolean | Promise<boolean>;

/** What all filters are. */
export type Filter<T> = (item: T) => boolean | Promise<boolean>;

/** What listing methods take: filters, and before them, where wanted, a signal or time limit. */
export type ListArguments<F> =
  readonly [OperationOptions, ...(readonly F[])] | readonly F[];

/**
 * Tells the options of a listing from its filters.
 *
 * @throws InvalidArgument for what is neither
 */
export function listArguments<T>(args: ListArguments<Filter<T>>): {
  readonly options: OperationOptions;
  readonly filters: readonly Filter<T>[];
} {
  const [first] = args;
  const hasOptions = typeof first === "object" && first !== null;
  const filters = (hasOptions ? args.slice(1) : args) as readonly Filter<T>[];
  for (const filter of filters) {
    if (typeof filter !== "function")
      throw new InvalidArgument(
        `filters: a filter is a function, not ${filter === null ? "null" : typeof filter}`,
      );
  }
  return { options: hasOptions ? first : {}, filters };
}

/**
 * The items that all filters let through, in their order. Each item goes through the
 * filters up to the first that says no.
 *
 * @param left Throws where no further filter is to be asked.
 */
export async function select<T>(
  items: readonly T[],
  filters: readonly Filter<T>[],
  left: Left,
): Promise<T[]> {
  const passes = async (item: T): Promise<boolean> => {
    for (const filter of filters) {
      left();
      if (!(await filter(item))) return false;
    }
    return true;
  };
  const selected: T[] = [];
  for (const item of items) if (await passes(item)) selected.push(item);
  return selected;
}
