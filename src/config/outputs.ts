import path from "node:path";
import { targetOf } from "./target.ts";
import type { Config } from "./types.ts";

/** A place that a configuration asks to be written. */
interface Output {
  readonly setting: string;
  /** As the configuration has it. */
  readonly said: string;
  readonly path: string;
  readonly kind: "document" | "folder" | "generated";
}

/**
 * Problems of outputs that lie in each other. Folders of documents may, for each
 * leaves the other's files alone. A document has no header, so it would be taken for
 * somebody's file in a folder of ours; and what `portolan generate` finds in its
 * folder and did not plan, it removes.
 *
 * @param documents - Those of the configuration, in its order.
 */
export async function outputProblems(
  config: Config,
  folder: string,
  documents: readonly {
    readonly output: string;
    readonly interfaces: readonly unknown[];
  }[],
): Promise<string[]> {
  const outputs: Output[] = [];
  for (const [at, { output, interfaces }] of documents.entries()) {
    outputs.push({
      setting: `documents[${at}]`,
      said: config.documents?.[at]?.output ?? output,
      path: path.resolve(output),
      kind: await targetOf(output, interfaces.length, folder),
    });
  }
  const { output } = config;
  if (output !== undefined) {
    outputs.push({
      setting: "output",
      said: output,
      path: path.resolve(folder, output),
      kind: "generated",
    });
  }
  return outputs.flatMap((one, at) =>
    outputs.slice(at + 1).flatMap((other) => problemOf(one, other) ?? []),
  );
}

function problemOf(one: Output, other: Output): string | undefined {
  if (one.path === other.path)
    return `${one.setting} and ${other.setting} have the same output`;
  const [inner, outer] = isInside(one, other) ? [one, other] : [other, one];
  const isFine =
    !isInside(inner, outer) ||
    (outer.kind === "folder" && inner.kind !== "document");
  if (isFine) return undefined;
  const quoted = ({ setting, said }: Output): string =>
    `${setting === "output" ? "output" : `${setting}.output`} ${JSON.stringify(said)}`;
  return `${quoted(inner)} lies in ${quoted(outer)}: give one of them another place`;
}

function isInside(inner: Output, outer: Output): boolean {
  const way = path.relative(outer.path, inner.path);
  const [first = ""] = way.split(path.sep);
  return first !== "" && first !== ".." && !path.isAbsolute(way);
}
