import type { BuiltinName } from "./ast.ts";

/** The types that need no declaration. */
export const builtinNames: readonly BuiltinName[] = [
  "bool",
  "int",
  "float",
  "string",
  "object",
  "any",
];

const builtins: ReadonlySet<string> = new Set(builtinNames);

export function isBuiltin(word: string): word is BuiltinName {
  return builtins.has(word);
}

/** What is wrong with a name, and one that would be right, if one can be guessed. */
export interface NameFault {
  /** Continues `type name "x"`. */
  readonly fault: string;
  readonly help?: string;
}

/** UAPI.20 `name`: `[A-Z][A-Za-z0-9]*`. */
export function memberNameFault(name: string): NameFault | undefined {
  if (/^[A-Z][A-Za-z0-9]*$/.test(name)) return undefined;
  const wanted = name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
  const help = /^[A-Z]/.test(wanted)
    ? { help: `write \`${clip(wanted)}\`` }
    : {};
  if (/^[a-z]/.test(name))
    return { fault: "does not begin with an upper-case letter", ...help };
  if (/^[A-Z]/.test(name))
    return { fault: "has other characters than letters and digits", ...help };
  return { fault: "does not begin with a letter", ...help };
}

/** UAPI.20 `field_name`: `[A-Za-z](_?[A-Za-z0-9])*`. */
export function fieldNameFault(name: string): NameFault | undefined {
  const wanted = name
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+/, "")
    .replace(/_$/, "");
  const help = /^[A-Za-z]/.test(wanted)
    ? { help: `write \`${clip(wanted)}\`` }
    : {};
  if (/[^A-Za-z0-9_]/.test(name)) {
    return {
      fault: "has other characters than letters, digits and `_`",
      ...help,
    };
  }
  if (!/^[A-Za-z]/.test(name))
    return { fault: "does not begin with a letter", ...help };
  if (name.endsWith("_")) return { fault: "ends with `_`", ...help };
  if (name.includes("__")) return { fault: "has two `_` in a row", ...help };
  return undefined;
}

/** UAPI.20 `interface_name`: labels of letters, digits and inner dashes, at least two, joined by dots. */
export function interfaceNameFault(name: string): NameFault | undefined {
  const help = {
    help: "write it as a reversed domain name: `org.example.service`",
  };
  const labels = name.split(".");
  if (!/^[A-Za-z0-9.-]+$/.test(name)) {
    return {
      fault: "has other characters than letters, digits, `-` and `.`",
      ...help,
    };
  }
  if (labels.length < 2) return { fault: "has no dot", ...help };
  if (labels.includes(""))
    return { fault: "has a dot with nothing before or after it" };
  if (labels.some((label) => label.startsWith("-") || label.endsWith("-"))) {
    return { fault: "has a `-` at the beginning or end of a part" };
  }
  if (!/^[A-Za-z]/.test(name)) return { fault: "does not begin with a letter" };
  return undefined;
}

/** A name as a message quotes it: names can be megabytes long. */
export function clip(name: string): string {
  return name.length <= 64 ? name : `${name.slice(0, 60)}…`;
}

/** Other characters were told of when the tokens were read: what holds them is not told of again. */
export function isAscii(word: string): boolean {
  return /^[!-~]*$/.test(word);
}
