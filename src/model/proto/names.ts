// How protoc makes names of names (descriptor.cc, parser.cc).

/** `pkg` and `Name` as `pkg.Name`; nothing before the dot, no dot. */
export function join(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}

/** A field's name in JSON where none is given: `foo_bar` is `fooBar`. */
export function jsonNameOf(name: string): string {
  let from = 0;
  let at = name.indexOf("_");
  let result = "";
  while (at >= 0) {
    result += name.slice(from, at);
    while (name[at] === "_") at += 1;
    result += upper(name.charAt(at));
    from = at + 1;
    at = name.indexOf("_", from);
  }
  return from === 0 ? name : result + name.slice(from);
}

/** The message of a map field: `foo_bar` has `FooBarEntry`. */
export function mapEntryName(name: string): string {
  const json = jsonNameOf(name);
  return `${upper(json.charAt(0))}${json.slice(1)}Entry`;
}

/**
 * The oneof that stands for a proto3 `optional`: the field's name after an
 * underscore, with as many `X` before it as make it unique.
 */
export function syntheticOneofName(
  field: string,
  taken: ReadonlySet<string>,
): string {
  let name = field.startsWith("_") ? field : `_${field}`;
  while (taken.has(name)) name = `X${name}`;
  return name;
}

/** An enum value's name as generated code of some languages has it: `FOO_BAR` is `FooBar`. */
function pascalCase(name: string): string {
  let result = "";
  let isFirst = true;
  for (const letter of name) {
    if (letter === "_") isFirst = true;
    else {
      result += isFirst ? upper(letter) : lower(letter);
      isFirst = false;
    }
  }
  return result;
}

/**
 * What an enum value is called in languages that take the enum's name off its
 * values: `COLOUR_RED` of `Colour` is `Red`. Two values must not come to the same.
 */
export function strippedValueName(enumName: string, value: string): string {
  const prefix = lower(enumName.replaceAll("_", ""));
  let at = 0;
  for (const letter of prefix) {
    while (value[at] === "_") at += 1;
    if (at >= value.length || lower(value.charAt(at)) !== letter)
      return pascalCase(value);
    at += 1;
  }
  while (value[at] === "_") at += 1;
  // Nothing left: the value has the enum's own name, and keeps it.
  return pascalCase(at < value.length ? value.slice(at) : value);
}

function upper(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
}

function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Lower case for ASCII letters alone. */
export const asciiLower: (text: string) => string = lower;

const limit = 60;

/** A name for a message, cut if it is long. */
export function clip(name: string): string {
  return name.length <= limit ? name : `${name.slice(0, limit - 1)}…`;
}
