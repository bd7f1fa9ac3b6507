import type { TContainerSpec, TContainerSpecInput } from "portolan/porto";
import type { Box } from "../view.ts";
import type { Kind, ValueContext } from "./kinds.ts";

/** A property that clients can set. */
export interface Settable {
  readonly name: string;
  readonly description: string;
  /** It can be set while the container runs. */
  readonly dynamic: boolean;
  /** It can be set of a dead container too. */
  readonly anyState: boolean;
  /** It has a value of its own from the beginning. */
  readonly always: boolean;
  /** It is told only of containers that run. */
  readonly runtime: boolean;
  /** @throws PortoError `InvalidValue` and others */
  parse(value: string, context: ValueContext): string;
  readonly entry: Kind<unknown>["entry"];
  /** What it is before anybody sets it. */
  initial(box: Box): string;
  /** As part of a specification. */
  toSpec(value: string): TContainerSpecInput;
  /** From a specification; undefined where that does not have it. */
  fromSpec(
    spec: TContainerSpec,
    before: string,
    context: ValueContext,
  ): string | undefined;
}

interface Options {
  readonly dynamic?: true;
  readonly anyState?: true;
  readonly always?: true;
  readonly runtime?: true;
  readonly initial?: string | ((box: Box) => string);
}

/** Collects properties. */
export interface Definitions {
  readonly list: readonly Settable[];
  readonly define: <K extends Exclude<keyof TContainerSpec, symbol>>(
    name: K,
    description: string,
    kind: Kind<NonNullable<TContainerSpec[K]>>,
    options?: Options,
  ) => void;
}

/** Begins a list of properties. */
export function definitions(): Definitions {
  const list: Settable[] = [];
  return {
    list,
    define(
      name,
      description,
      kind,
      { dynamic, anyState, always, runtime, initial = "" } = {},
    ) {
      const { entry } = kind;
      list.push({
        name,
        description,
        dynamic: dynamic === true,
        anyState: anyState === true,
        always: always === true,
        runtime: runtime === true,
        parse: (value, context) => kind.parse(value, context),
        entry: entry && {
          get: (whole, key) => entry.get(whole, key),
          set: (whole, key, value, context) =>
            kind.parse(entry.set(whole, key, value, context), context),
        },
        initial: (box) =>
          typeof initial === "string" ? initial : initial(box),
        toSpec(value) {
          const typed = kind.toSpec(value);
          return typed === undefined ? {} : { [name]: typed };
        },
        fromSpec(spec, before, context) {
          const given = spec[name];
          if (given === undefined || given === null) return undefined;
          // Through its text, so that all ways of setting have the same rules.
          return kind.parse(kind.fromSpec(given, before), context);
        },
      });
    },
  };
}
