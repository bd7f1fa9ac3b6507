import { createHash } from "node:crypto";
import type { Service } from "../model/api.ts";
import { GenerateError } from "./errors.ts";
import type { SourceFile } from "./generate.ts";
import { assertHeaded, headerText, originOf } from "./header.ts";
import { emitIndex, emitMarkdown, emitTogether } from "./markdown/emit.ts";
import type { MarkdownOptions } from "./markdown/options.ts";
import type { PlannedFile } from "./plan.ts";
import { stemOf, stemsOf } from "./stems.ts";

/** An interface file, read. */
export interface DocumentSource {
  readonly source: SourceFile;
  readonly service: Service;
}

/** How documents are made; see {@link MarkdownOptions}. */
export type DocumentOptions = Omit<MarkdownOptions, "path" | "header">;

/** What {@link planDocuments} takes besides. */
export interface DocumentFolder {
  /** Folder the documents are meant for; headers name the interface files as seen from it. */
  readonly root: string;
  /** File name of the index. Default `README.md`, which code hosts show with its folder. */
  readonly index?: string;
}

/**
 * Plans a folder of documents: one per interface file, named by its stem, and an
 * index. Each says in its first lines where it comes from, as all generated files do.
 *
 * @throws GenerateError when two files have the same stem, or one that of the index,
 * or templates leave out those lines.
 */
export function planDocuments(
  all: readonly DocumentSource[],
  { root, index = "README.md" }: DocumentFolder,
  options: DocumentOptions,
): PlannedFile[] {
  const stems = stemsOf(
    all.map(({ source }) => source),
    (stem) => `as "${stem}.md"`,
  );
  const documents = all.map((one) => ({
    ...one,
    file: `${stems.get(one.source) ?? ""}.md`,
  }));
  const taken = documents.find(
    ({ file }) => file.toLowerCase() === index.toLowerCase(),
  );
  if (taken !== undefined) {
    throw new GenerateError(
      `"${index}", the index, is also the document of "${taken.source.path}": give the index another name`,
    );
  }
  const count = `${all.length} interface ${all.length === 1 ? "file" : "files"}`;
  const files = [
    ...documents.map(({ source, service, file }) =>
      emitMarkdown(service, {
        ...options,
        path: file,
        header: headerText(
          originOf({
            source: source.location ?? source.path,
            text: source.text,
            folder: root,
          }),
        ),
      }),
    ),
    emitIndex(documents, {
      ...options,
      path: index,
      header: headerText({ source: count, hash: hashOf(all) }),
    }),
  ];
  return assertHeaded(files, options.templates);
}

/** The text of one document of all interface files. */
export function documentText(
  all: readonly DocumentSource[],
  options: DocumentOptions,
): string {
  const named = { ...options, path: "API.md" };
  const [first, ...others] = all;
  if (first !== undefined && others.length === 0)
    return emitMarkdown(first.service, named).text;
  const titled = all.map(({ service, source }) => ({
    service,
    stem: stemOf(source.path),
  }));
  return emitTogether(titled, named).text;
}

/** As long as those of single files. */
function hashOf(all: readonly DocumentSource[]): string {
  const hash = createHash("sha256");
  for (const { source } of all) hash.update(`${source.text}\0`);
  return hash.digest("hex").slice(0, 16);
}
