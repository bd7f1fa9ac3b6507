import { InvalidArgument } from "../../errors.ts";

/** The headings of the engine's columns, by the names that `ps` has for them. */
const headings: ReadonlyMap<string, string> = new Map([
  ["user", "USER"],
  ["pid", "PID"],
  ["ppid", "PPID"],
  ["pcpu", "%CPU"],
  ["etime", "ELAPSED"],
  ["tty", "TTY"],
  ["time", "TIME"],
  ["comm", "COMMAND"],
  ["args", "COMMAND"],
]);

/**
 * Chooses columns of what the engine says of processes, which are parted by tabs
 * below a line of headings.
 *
 * @param names As `ps` has them.
 * @throws InvalidArgument for one that is none.
 */
export function chooseColumns(
  lines: readonly string[],
  names: readonly string[],
): readonly string[] {
  const [first = "", ...rows] = lines.map((line) => line.split("\t"));
  const indexes = names.map((name) => {
    const heading = headings.get(name.toLowerCase());
    const index = heading === undefined ? -1 : first.indexOf(heading);
    if (index >= 0) return index;
    throw new InvalidArgument(
      `${JSON.stringify(name)} is no column: there are ${[...headings.keys()].join(", ")}`,
    );
  });
  return [first, ...rows].map((row) =>
    indexes.map((index) => row[index]).join("\t"),
  );
}
