/**
 * Access to the members of JSON objects by names that peers and interfaces
 * choose: `constructor` and `__proto__` are members like any other, and what an
 * object inherits is none.
 */

export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether plain objects inherit something by this name, so that reading it must ask first. */
export function isInherited(name: string): boolean {
  return name in Object.prototype;
}

/** An own member, or undefined. */
export function own(value: JsonRecord, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Sets an own member; an assignment to `__proto__` would set the prototype. */
export function setOwn(target: JsonRecord, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(target, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    target[name] = value;
  }
}

export function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const prototype: object = Object.prototype;

/** `Date`, `Map`, `Object`: what the language says an object is. */
function tagOf(value: object): string {
  return prototype.toString.call(value).slice("[object ".length, -1);
}

/**
 * Why JSON would not carry an object by its own members, or undefined. `Map`s,
 * typed arrays and the like become `{}` in JSON without a word, and dates
 * become strings; instances of ordinary classes are fine.
 */
export function whyNotPlain(value: object): string | undefined {
  if (hasPlainPrototype(value)) return undefined;
  const tag = tagOf(value);
  if (tag !== "Object") return `a ${tag}, which JSON cannot carry as an object`;
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return "an object with a toJSON method; pass what that method returns";
  }
  return undefined;
}
