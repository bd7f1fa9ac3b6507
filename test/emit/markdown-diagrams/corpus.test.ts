import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Method, Service } from "../../../src/model/api.ts";
import { readInterface } from "../../../src/model/read.ts";
import { usesOf } from "../../../src/model/uses.ts";
import { corpus, describeCorpus, seed } from "../../support/corpus.ts";
import { diagramOf, readDiagram } from "./support.ts";

const ours = fileURLToPath(new URL("../../../interfaces/", import.meta.url));

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:varlink|proto)$/.test(file))
    .map((file) => path.join(folder, file))
    .toSorted();
}

/** Undefined where the file is one that has to be refused. */
function readService(file: string): Service | undefined {
  const envelope = file.replace(/proto$/, "envelope.json");
  const read = (name: string): { path: string; text: string } => ({
    path: name,
    text: readFileSync(name, "utf8"),
  });
  return readInterface({
    ...read(file),
    ...(file === path.join(ours, "porto.proto")
      ? { envelope: read(envelope) }
      : {}),
  }).service;
}

type NameOf = (path: readonly string[]) => string;

/** Short names that no two types share, whatever a file calls them. */
function numbered(service: Service): NameOf {
  const numbers = new Map(
    service.types.map(({ path: way }, at) => [way.join("."), `T${at}`]),
  );
  return (way) => numbers.get(way.join(".")) ?? "";
}

/** The arrows among what is drawn, as {@link usesOf} knows them. */
function expectedArrows(
  service: Service,
  method: Method,
  nameOf: NameOf,
  drawn: readonly string[],
): string[] {
  const uses = usesOf(service);
  const arrows = service.types.flatMap((type) =>
    uses.ofType(type.path).flatMap((use): [string, string][] => {
      const to = nameOf(type.path);
      if (use.kind === "type") return [[nameOf(use.member.path), to]];
      // A command mentions its two messages, which are themselves where it begins.
      return use.kind === "method" && use.member === method && !method.envelope
        ? use.sides.map((side) => [side, to])
        : [];
    }),
  );
  return arrows
    .filter((ends) => ends.every((end) => drawn.includes(end)))
    .map((ends) => ends.join(" -> "))
    .toSorted();
}

/** How many diagrams a file's methods have; each is held against the uses of its types. */
function checkFile(file: string): number {
  const service = readService(file);
  if (service === undefined) return 0;
  const nameOf = numbered(service);
  let count = 0;
  for (const method of service.methods) {
    const source = diagramOf(service, method.name, nameOf);
    if (source === "") continue;
    count += 1;
    const { boxes, arrows } = readDiagram(source);
    const drawn = boxes.map(boxName);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.length).toBeLessThanOrEqual(20);
    const shown = arrows.map((arrow) =>
      arrow
        .split(/ -[^>]*-> /)
        .map(boxName)
        .join(" -> "),
    );
    expect(shown.toSorted()).toEqual(
      expectedArrows(service, method, nameOf, drawn),
    );
  }
  return count;
}

/** A type's name, or `input` and `output` where a method has no messages. */
function boxName(box: string): string {
  const [first = "", second = ""] = box.split("/");
  if (first.startsWith("Re")) return second;
  return /^(?:Input|Output)$/.test(first) ? first.toLowerCase() : first;
}

test.each([
  ["io.podman.varlink", 6],
  ["io.podman-1.9.varlink", 7],
  ["io.projectatomic.podman.varlink", 2],
  ["org.varlink.service.varlink", 0],
  ["porto.proto", 10],
])("%s has %d, which say who mentions whom", (file, count) => {
  expect(checkFile(path.join(ours, file))).toBe(count);
});

describeCorpus("real interfaces", () => {
  const files = [...filesBelow(seed()), ...filesBelow(corpus())];
  test("have diagrams that say who mentions whom", () => {
    const counts = files.map(checkFile);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(5);
  });
});
