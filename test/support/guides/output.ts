/**
 * Whether a program has printed what a guide shows: `…` stands for anything
 * within a line, a line of nothing but `…` for any lines, none included.
 */
export function isPrinted(shown: string, printed: string): boolean {
  const lines = shown.trimEnd().split("\n");
  const pattern = lines.map((line) =>
    line.trim() === "…"
      ? "(?:.*\n)*?"
      : `${line
          .split("…")
          .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
          .join(".*")}\n`,
  );
  return new RegExp(`^${pattern.join("")}$`, "u").test(
    `${printed.trimEnd()}\n`,
  );
}

/** Text below a line of a message. */
export function indent(text: string): string {
  const shown = text.trimEnd();
  if (shown === "") return "    (nothing)";
  return shown.replace(/^/gm, "    ");
}
