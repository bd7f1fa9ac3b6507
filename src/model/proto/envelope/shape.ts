import { problemAt, settingPath, suggestion } from "./problem.ts";

/**
 * What a setting has to be. A shape looks at a value of JSON and throws an
 * {@link EnvelopeError} that names the setting where it is something else.
 */
export type Shape = (value: unknown, setting: string) => void;

interface Shapes {
  readonly [key: string]: Shape;
}

export const text: Shape = (value, setting) => {
  if (typeof value !== "string") throw expected("text", value, setting);
};

export const number: Shape = (value, setting) => {
  if (typeof value !== "number") throw expected("a number", value, setting);
};

export const flag: Shape = (value, setting) => {
  if (typeof value !== "boolean")
    throw expected("true or false", value, setting);
};

/** Timers hold no more than this: 24 days. */
const LONGEST = 2 ** 31 - 1;

export const milliseconds: Shape = (value, setting) => {
  if (
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= 0 &&
    value <= LONGEST
  )
    return;
  throw expected(
    `a whole number of milliseconds, at most ${LONGEST}`,
    value,
    setting,
  );
};

/** Exactly this value, which is compared as JSON. */
export function constant(wanted: object): Shape {
  const json = JSON.stringify(wanted);
  return (value, setting) => {
    if (JSON.stringify(value) !== json) throw expected(json, value, setting);
  };
}

/** Any of several shapes, in words. */
export function anyOf(words: string, ...shapes: readonly Shape[]): Shape {
  return (value, setting) => {
    const fits = shapes.some((shape) => {
      try {
        shape(value, setting);
        return true;
      } catch {
        return false;
      }
    });
    if (!fits) throw expected(words, value, setting);
  };
}

export function listOf(item: Shape): Shape {
  return (value, setting) => {
    if (!Array.isArray(value)) throw expected("a list", value, setting);
    for (const [index, element] of value.entries())
      item(element, settingPath(setting, index));
  };
}

/** An object with keys of the file's choice. */
export function mapOf(item: Shape): Shape {
  return (value, setting) => {
    for (const [key, element] of entriesOf(value, setting))
      item(element, settingPath(setting, key));
  };
}

/** An object with these keys and no others. */
export function record(required: Shapes, optional: Shapes): Shape {
  const known = new Map(Object.entries({ ...required, ...optional }));
  return (value, setting) => {
    const entries = entriesOf(value, setting);
    for (const [key, element] of entries) {
      const shape = known.get(key);
      if (shape === undefined) {
        const meant = suggestion(key, known.keys());
        throw problemAt(
          setting,
          `there is no setting ${JSON.stringify(key)}${meant}`,
        );
      }
      shape(element, settingPath(setting, key));
    }
    const given = new Set(entries.map(([key]) => key));
    for (const key of Object.keys(required)) {
      if (!given.has(key))
        throw problemAt(settingPath(setting, key), "this setting is missing");
    }
  };
}

function entriesOf(value: unknown, setting: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw expected("an object", value, setting);
  return Object.entries(value);
}

function expected(wanted: string, found: unknown, setting: string): Error {
  return problemAt(setting, `expected ${wanted}, found ${shown(found)}`);
}

/** A value as its JSON, if that is short, else what kind of value it is. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null)
    return Object.keys(value).length === 0 ? "{}" : "an object";
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= 40 ? json : "a long text";
}
