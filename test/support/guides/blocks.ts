import { visit } from "unist-util-visit";
import { readDocument } from "../../emit/markdown/document.ts";

/** A part of a guide that does something, in the order of the guide. */
export type Step = FileStep | CommandStep;

/** A block that is (a part of) a file: ```` ```ts server.ts ````. */
export interface FileStep {
  readonly kind: "file";
  /** The line of the guide on which the code begins. */
  readonly line: number;
  /** The file's path in the guide's folder. */
  readonly name: string;
  readonly code: string;
}

/** A line of a `sh` block. */
export interface CommandStep {
  readonly kind: "command";
  readonly line: number;
  readonly text: string;
  /** Whether it goes on while what follows is run: a `&` at its end. */
  readonly background: boolean;
  /** What it must exit with: 0, or as a comment says: `# exits with 1`. */
  readonly exitCode: number;
  /** What it must print: the block below, if this is the last line of its block. */
  readonly output: Output | undefined;
}

export interface Output {
  readonly line: number;
  readonly text: string;
}

/** Something that is not as it should be, and the guide's line. */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** Languages that need no file name where they are no output: nothing could be run. */
const illustrations = new Set(["text", "console", "md", "html", "mermaid"]);

/** The steps of a guide, and the blocks that do not follow the rules of `test/guides/README.md`. */
export function readSteps(text: string): {
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
} {
  const steps: Step[] = [];
  const problems: Problem[] = [];
  const fences = fencesOf(text);
  for (const fence of fences) {
    const { language, meta, above, named } = fence;
    const complain = (message: string): unknown =>
      problems.push({ line: fence.line, message });
    if (language === "sh") {
      if (meta === "skip") continue;
      if (meta !== "")
        complain(`a sh block has "${meta}" where only "skip" is known`);
      const below = fences.find((other) => isOutput(other, fence));
      steps.push(...commandsOf(fence, below));
    } else if (meta !== "") {
      if (/\s/.test(meta) || !isInside(meta))
        complain(`"${meta}" is no path of a file in the guide's folder`);
      else {
        if (!named.has(meta) && !isNamedInside(fence))
          complain(
            `no reader sees that this is "${meta}": say \`${meta}\` between the block above and this one, or in a comment on its first line`,
          );
        steps.push({
          kind: "file",
          line: fence.line + 1,
          name: meta,
          code: fence.code,
        });
      }
    } else if (
      !(above !== undefined && isOutput(fence, above)) &&
      !illustrations.has(language)
    )
      complain(
        `a ${language === "" ? "nameless" : language} block has no file name and is no output of a sh block above it`,
      );
  }
  return { steps, problems };
}

interface Fence {
  readonly line: number;
  readonly language: string;
  /** The words behind the language. */
  readonly meta: string;
  readonly code: string;
  /** The block directly above, comments aside. */
  readonly above: Fence | undefined;
  /** What stands as code in the text since the block before. */
  readonly named: ReadonlySet<string>;
}

function fencesOf(text: string): readonly Fence[] {
  const fences = new Map<object, Fence>();
  let named = new Set<string>();
  visit(readDocument(text).root, (node, at, parent) => {
    if (node.type === "inlineCode") named.add(node.value);
    if (node.type !== "code") return;
    const above = parent?.children
      .slice(0, at)
      .findLast(({ type }) => type !== "html");
    fences.set(node, {
      line: node.position?.start.line ?? 0,
      language: node.lang ?? "",
      meta: node.meta ?? "",
      code: node.value,
      above: above === undefined ? undefined : fences.get(above),
      named,
    });
    named = new Set();
  });
  return [...fences.values()];
}

function isOutput(fence: Fence, of: Fence): boolean {
  return (
    fence.above === of &&
    of.language === "sh" &&
    fence.language !== "sh" &&
    fence.meta === ""
  );
}

function isInside(name: string): boolean {
  return name.split("/").every((part) => !/^\.{0,2}$/.test(part));
}

/** Whether the first line is a comment with the file's name, as `# counter.varlink`. */
function isNamedInside({ code, meta }: Fence): boolean {
  const [, comment = ""] = /^(?:\/\/|\/\*|#|<!--|\{\{!)(.*)/.exec(code) ?? [];
  return comment.split(/[\s:,]+/).includes(meta);
}

function commandsOf(block: Fence, below: Fence | undefined): CommandStep[] {
  const commands: CommandStep[] = [];
  const lines = block.code.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = block.line + 1 + at;
    let text = lines[at] ?? "";
    while (text.endsWith("\\") && at + 1 < lines.length)
      text = text.slice(0, -1) + (lines[++at] ?? "").trimStart();
    const [, exitCode = "0"] = /#\s*exits with (\d+)\s*$/.exec(text) ?? [];
    text = text.replace(/(^|\s)#.*$/, "").trim();
    if (text === "") continue;
    commands.push({
      kind: "command",
      line,
      text: text.replace(/\s*&$/, ""),
      background: /[^&]&$/.test(text),
      exitCode: Number(exitCode),
      output: undefined,
    });
  }
  const last = commands.pop();
  if (last === undefined) return [];
  const output =
    below === undefined
      ? undefined
      : { line: below.line + 1, text: below.code };
  return [...commands, { ...last, output }];
}
