import { PodmanFailure } from "./problem.ts";
import type { Interface, Method } from "./parser.ts";
import type { Field } from "./types.ts";

/**
 * How large a file and its document may be, in bytes. A comment at a line's end is repeated in
 * the docs of all members below it up to the next line end without one, so that a
 * document can be as large as the square of its file.
 */
export const sizeLimit: number = 64 * 1024 * 1024;

const links: ReadonlyMap<string, string> = new Map([
  ["string", "https://godoc.org/builtin#string"],
  ["int", "https://godoc.org/builtin#int"],
  ["bool", "https://godoc.org/builtin#bool"],
  ["float", "https://golang.org/src/builtin/builtin.go#L58"],
]);

const BOX =
  '<div style="background-color: #E8E8E8; padding: 15px; margin: 10px; border-radius: 10px;">';

/**
 * Prints a document as Podman's generator does.
 *
 * @returns text in Latin-1, a character for each byte.
 * @throws PodmanFailure if it would be larger than {@link sizeLimit}.
 */
export function print(file: Interface): string {
  const { name, docs, methods, types, errors } = file;
  const parts = [
    `# ${name}\n${docs}\n## Index\n`,
    ...methods.map((method) => indexOf(method)),
    "\n",
    ...types.map((type) => `[type ${type.name}](#${type.name})\n\n`),
    ...errors.map((error) => `[error ${error.name}](#${error.name})\n\n`),
    "## Methods\n",
    ...methods.map((method) => methodSection(method)),
    "## Types\n",
    ...types.map((type) => section(type) + type.fields.map(fieldLine).join("")),
    "## Errors\n",
    ...errors.map((error) => section(error)),
  ];
  // Docs are shared between members until they are joined, so that this comes in time.
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (size > sizeLimit) {
    throw new PodmanFailure({
      offset: 0,
      length: 0,
      code: "podman/too-large",
      message: `the document would have ${size} bytes, and ${sizeLimit} is the limit`,
      help: "put an empty line behind lines that end in a comment: members below them repeat it",
    });
  }
  return parts.join("");
}

function indexOf({ name, inputs, outputs }: Method): string {
  const given = inputs.map((input) => `${input.name}: ${input.type}`);
  const results = outputs.map((output) => output.type);
  return `\n[func ${name}(${given.join(", ")}) ${results.join(", ")}](#${name})\n`;
}

function methodSection({ name, docs, inputs, outputs }: Method): string {
  const given = inputs.map((input) => `${input.name}: ${link(input)}`);
  const results = outputs.map((output) => link(output));
  return (
    `### <a name="${name}"></a>func ${name}\n${BOX}\n\n` +
    `method ${name}(${given.join(", ")}) ${results.join(", ")}</div>\n${docs}\n`
  );
}

/** Of a type; errors are called types here as well. */
function section(member: { readonly name: string; readonly docs: string }) {
  const { name, docs } = member;
  return `### <a name="${name}"></a>type ${name}\n\n${docs}\n`;
}

function fieldLine(field: Field): string {
  return `\n${field.name} ${link(field)}\n`;
}

/** The text of the type is the target too, brackets and all: `[[]string](#[]string)`. */
function link({ type }: Field): string {
  return `[${type}](${links.get(type) ?? `#${type}`})`;
}
