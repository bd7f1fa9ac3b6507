/**
 * Code in docs that nobody has marked as code: a command with its prompt, a call
 * of a Varlink tool, a JSON object. Only what is code for sure: prose that happens
 * to begin like a command stays prose.
 */

/** Lines that are code, and the language to show them in, empty if it is not known. */
export interface Example {
  readonly lines: readonly string[];
  readonly language: string;
}

/** An object that is longer than this is not looked for. In lines. */
const LONGEST_VALUE = 400;

/** Nor is one that is deeper, so that a line is looked at for so many values at most. */
const DEEPEST_VALUE = 32;

/** `$ podman ps`: a prompt and a program. */
const PROMPT = /^\s*\$ +(?:[A-Za-z_]\w*=\S* +)*[a-z./~][\w./~+-]*(?: |$)/;

/** A call of one of the Varlink tools without a prompt, up to its arguments. */
const TOOL =
  /^\s*(?:sudo +)?(?:varlink|varlinkctl|python3? -m varlink\.cli)(?: +-\S+)* +(?:call|info|help|introspect|list-interfaces|list-methods)(?= )/;

/** What can follow: flags, JSON in quotes or not, an address or a method. */
const ARGUMENT =
  /\s+(?:-\S+|'[^']*'|"[^"]*"|\{.*\}|\\|[\w.@/:+-]*[./:][\w.@/:+-]*)(?=\s|$)/y;

/** What JSON that is abridged, or has a comma too much, still has. */
const NAMED_VALUE = /"\s*:/;

const SESSION = /^\s*\$ +\S/;
const INTERFACE = /^\s*interface +[A-Za-z][\w-]*(?:\.[\w-]+)+\s*$/;
const MEMBER = /^\s*(?:(?:type|error) +[A-Z]\w*\s*\(|method +[A-Z]\w*\s*\(.*)/;

/** Whether a line is a tool's call to its end, with no word of prose behind it. */
function isToolCall(line: string): boolean {
  const text = line.trimEnd();
  ARGUMENT.lastIndex = TOOL.exec(text)?.[0].length ?? 0;
  if (ARGUMENT.lastIndex === 0) return false;
  while (ARGUMENT.lastIndex < text.length)
    if (!ARGUMENT.test(text)) return false;
  return true;
}

/** The language of code that says none; empty if it is not certain. */
export function languageOf(lines: readonly string[]): string {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  if (SESSION.test(first) || isToolCall(first)) return "console";
  if (/^\s*[[{]/.test(first) && isJson(lines.join("\n"))) return "json";
  const isVarlink =
    INTERFACE.test(first) ||
    (MEMBER.test(first) && lines.some((line) => /\)\s*$/.test(line)));
  return isVarlink ? "varlink" : "";
}

/**
 * The example that begins at a line: commands, each with the JSON that it
 * printed below it, or JSON alone. Undefined where none does.
 */
export function exampleAt(
  lines: readonly string[],
  at: number,
): Example | undefined {
  const commands = takeSession(lines, at);
  if (commands > 0) {
    const session = lines.slice(at, at + commands);
    return { lines: outdent(session), language: "console" };
  }
  const value = takeValue(lines, at);
  if (value === 0) return undefined;
  const text = outdent(lines.slice(at, at + value));
  return { lines: text, language: languageOf(text) };
}

/** How many lines from `start` on are commands with what they printed. */
function takeSession(lines: readonly string[], start: number): number {
  let at = start;
  for (;;) {
    const command = takeCommand(lines, at);
    if (command === 0) break;
    at += command;
    for (let value = takeValue(lines, at); value > 0;) {
      at += value;
      value = takeValue(lines, at);
    }
    // Blank lines belong to it if another command follows them.
    let next = at;
    while (next < lines.length && lines[next]?.trim() === "") next += 1;
    if (takeCommand(lines, next) === 0) break;
    at = next;
  }
  return at - start;
}

function takeCommand(lines: readonly string[], start: number): number {
  const first = lines[start] ?? "";
  if (!PROMPT.test(first) && !isToolCall(first)) return 0;
  let at = start;
  while (at + 1 < lines.length && (lines[at] ?? "").trimEnd().endsWith("\\"))
    at += 1;
  return at + 1 - start;
}

/** How many lines a JSON object, or a list of such or of strings, takes; 0 if none begins here. */
function takeValue(lines: readonly string[], start: number): number {
  if (!/^\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:["{]|$))/.test(lines[start] ?? ""))
    return 0;
  let depth = 0;
  let inString = false;
  const last = Math.min(lines.length, start + LONGEST_VALUE);
  for (let at = start; at < last; at += 1) {
    const line = lines[at] ?? "";
    for (const match of line.matchAll(/\\.|["{}[\]]/g)) {
      const [piece] = match;
      if (piece === '"') inString = !inString;
      else if (inString || piece.length > 1) continue;
      else depth += piece === "{" || piece === "[" ? 1 : -1;
      if (depth > DEEPEST_VALUE) return 0;
      if (depth > 0 || inString) continue;
      const whole = lines.slice(start, at + 1).join("\n");
      const isAll = line.slice(match.index + 1).trim() === "";
      return isAll && (isJson(whole) || NAMED_VALUE.test(whole))
        ? at + 1 - start
        : 0;
    }
    // No string goes on in the next line.
    if (inString) return 0;
  }
  return 0;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The lines without the blanks that all of them begin with. */
function outdent(lines: readonly string[]): string[] {
  let margin = Infinity;
  for (const line of lines) {
    if (line.trim() !== "")
      margin = Math.min(margin, line.length - line.trimStart().length);
  }
  return lines.map((line) => line.slice(margin).trimEnd());
}
