import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Service } from "../../../src/model/api.ts";
import { parseVarlink } from "../../../src/model/varlink.ts";
import { corpus, hasCorpus, seed } from "../../support/corpus.ts";

export interface NamedService {
  readonly name: string;
  readonly service: Service;
  /** Whether it is in the repository. */
  readonly ours: boolean;
}

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Parses an interface that is known to be right. */
export function parse(text: string, name = "test.varlink"): Service {
  const { service, diagnostics } = parseVarlink(text, { path: name });
  if (service === undefined) {
    throw new Error(
      `${name}: ${diagnostics.map(({ message }) => message).join("; ")}`,
    );
  }
  return service;
}

/** A fixture of this folder. */
export function fixture(name: string): Service {
  return parse(readFileSync(new URL(name, import.meta.url), "utf8"), name);
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".varlink"))
    .toSorted()
    .map((file) => path.join(folder, file));
}

/** Every interface there is: our fixtures, those we ship, and the corpus where it is at hand. */
export function interfacesAtHand(): readonly NamedService[] {
  const ours = [
    ...files(path.join(repository, "interfaces")),
    ...files(fileURLToPath(new URL(".", import.meta.url))),
  ];
  const theirs = hasCorpus
    ? [
        seed("io.podman.varlink"),
        seed("io.projectatomic.podman.varlink"),
        ...files(corpus()),
      ]
    : [];
  return [...ours, ...theirs].flatMap((file) => {
    const { service } = parseVarlink(readFileSync(file, "utf8"), {
      path: path.basename(file),
    });
    // The corpus has files that are wrong on purpose.
    return service === undefined
      ? []
      : [
          {
            name: path.relative(repository, file),
            service,
            ours: ours.includes(file),
          },
        ];
  });
}
