import { InvalidArgument } from "../../errors.ts";

/** Porto's limits of names, in characters; all of them are ASCII. */
const MAX_COMPONENT = 128;
/** Of root; everybody else's is 200, which the daemon itself says. */
const MAX_NAME = 220;
const MAX_DEPTH = 16;

const characters = /^[A-Za-z0-9_\-@:.]*$/;

/** Parts of names that stand for something else. */
const reserved: ReadonlySet<string> = new Set(["self", ".", ".."]);

/** What is wrong with a container's name, in words; undefined if nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > MAX_NAME)
    return `it has ${name.length} characters, and Porto takes ${MAX_NAME} at most`;
  const components = name.split("/");
  if (components.length > MAX_DEPTH)
    return `it is nested ${components.length} deep, and Porto takes ${MAX_DEPTH} at most`;
  for (const component of components) {
    if (component === "") return "a part of it, between slashes, is empty";
    if (component.length > MAX_COMPONENT)
      return `a part of it has ${component.length} characters, and Porto takes ${MAX_COMPONENT} at most`;
    if (!characters.test(component))
      return "Porto takes letters of ASCII, digits and _-@:. only, and / between the parts";
    if (reserved.has(component)) return `Porto has "${component}" reserved`;
  }
  return undefined;
}

/** @throws InvalidArgument for what can be no container's name, saying why. */
export function checkName(name: string, what: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined)
    throw new InvalidArgument(`${what} "${name}": ${problem}`);
}

/** The name of the container that one is nested in; undefined for one in no other. */
export function parentOf(name: string): string | undefined {
  const end = name.lastIndexOf("/");
  return end === -1 ? undefined : name.slice(0, end);
}

const MAX_LABEL = 128;
const MAX_LABEL_VALUE = 256;
const label = /^[A-Z]{2,16}\.[A-Za-z0-9_\-@:.]*$/;

/** Whether Porto takes a label: prefixes that begin with `PORTO` are its own, and an empty value is none. */
export function isPortoLabel(name: string, value: string): boolean {
  return (
    label.test(name) &&
    !name.startsWith("PORTO") &&
    name.length <= MAX_LABEL &&
    value !== "" &&
    value.length <= MAX_LABEL_VALUE &&
    characters.test(value)
  );
}
