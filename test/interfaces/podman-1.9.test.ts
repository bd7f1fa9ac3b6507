import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { corpus, describeCorpus } from "../support/corpus.ts";

/**
 * The tests read the file with a few lines of their own and not with our
 * parser: they judge the file, and must not share a fault with what reads it.
 */
const file = readFileSync(
  new URL("../../interfaces/io.podman-1.9.varlink", import.meta.url),
  "utf8",
);

/** The file's tokens without comments and white space. */
function tokensOf(text: string): string[] {
  return text.replaceAll(/#.*/gu, "").match(/->|[\w.]+|\S/gu) ?? [];
}

interface Field {
  readonly name: string;
  readonly type: readonly string[];
}

interface Member {
  readonly kind: string;
  readonly name: string;
  readonly input: readonly Field[];
  readonly output: readonly Field[];
}

/** Reads the members; only what the file uses: no inline structs, no enums. */
function membersOf(tokens: readonly string[]): Member[] {
  let at = 2; // `interface io.podman`
  const take = (expected?: string): string => {
    const token = tokens[at];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(
        `Token ${at}: expected ${expected ?? "more"}, found ${token ?? "the end"}`,
      );
    }
    at += 1;
    return token;
  };
  const fields = (): Field[] => {
    const found: Field[] = [];
    take("(");
    while (tokens[at] !== ")") {
      if (found.length > 0) take(",");
      const name = take();
      take(":");
      const type: string[] = [];
      while (tokens[at] !== "," && tokens[at] !== ")") type.push(take());
      found.push({ name, type });
    }
    take(")");
    return found;
  };
  const members: Member[] = [];
  while (at < tokens.length) {
    const kind = take();
    const name = take();
    const input = fields();
    if (kind === "method") take("->");
    members.push({
      kind,
      name,
      input,
      output: kind === "method" ? fields() : [],
    });
  }
  return members;
}

interface Doc {
  /** First line of the declaration that the comment stands above. */
  readonly above: string;
  readonly text: string;
}

/** Each comment block with the line under it, as a reader attaches them. */
function docsOf(text: string): Doc[] {
  const docs: Doc[] = [];
  let block: string[] = [];
  for (const line of text.split("\n")) {
    const comment = /^ *#(?: (.*)|)$/u.exec(line);
    if (comment !== null) block.push(comment[1] ?? "");
    else if (block.length > 0) {
      docs.push({ above: line.trim(), text: block.join("\n") });
      block = [];
    }
  }
  return docs;
}

const words = (list: string): string[] =>
  list.split(/\s+/u).filter((word) => word !== "");

const types = words(`
  Volume NotImplemented StringResponse RemoveImageResponse LogLine ContainerChanges
  ImageSaveOptions VolumeCreateOpts VolumeRemoveOpts Image ImageHistory
  ImageSearchResult ImageSearchFilter AuthConfig KubePodService Container
  ContainerStats PsOpts PsContainer ContainerMount ContainerPortMappings
  ContainerNameSpace InfoDistribution InfoHost InfoGraphStatus InfoRegistry InfoStore
  InfoPodmanBinary PodmanInfo Sockets Create BuildOptions BuildInfo MoreResponse
  ListPodContainerInfo PodCreate ListPodData PodContainerErrorData Runlabel Event
  DiffInfo ExecOpts
`);

const methods = words(`
  GetVersion Reset GetInfo ListContainers Ps GetContainersByStatus Top HealthCheckRun
  GetContainer GetContainersByContext CreateContainer InspectContainer
  ListContainerProcesses GetContainerLogs GetContainersLogs ListContainerChanges
  ExportContainer GetContainerStats GetContainerStatsWithHistory StartContainer
  StopContainer InitContainer RestartContainer KillContainer PauseContainer
  UnpauseContainer Attach AttachControl GetAttachSockets WaitContainer
  RemoveContainer EvictContainer DeleteStoppedContainers ListImages
  ListImagesWithFilters GetImage BuildImage InspectImage HistoryImage PushImage
  TagImage UntagImage RemoveImage RemoveImageWithResponse SearchImages
  DeleteUnusedImages Commit ImportImage ExportImage PullImage CreatePod ListPods
  GetPod InspectPod StartPod StopPod RestartPod KillPod PausePod UnpausePod RemovePod
  TopPod GetPodStats GetPodsByStatus ImageExists ImageTree ContainerExists
  ContainerCheckpoint ContainerRestore ContainerRunlabel ExecContainer
  ListContainerMounts MountContainer UnmountContainer ImagesPrune GenerateKube
  ContainerConfig ContainerArtifacts ContainerInspectData ContainerStateData
  PodStateData CreateFromCC Spec SendFile ReceiveFile VolumeCreate VolumeRemove
  GetVolumes InspectVolume VolumesPrune ImageSave GetPodsByContext LoadImage GetEvents
  Diff GetLayersMapWithImageInfo BuildImageHierarchyMap
`);

const errors = words(`
  ImageNotFound ContainerNotFound NoContainerRunning PodNotFound VolumeNotFound
  PodContainerError NoContainersInPod InvalidState ErrorOccurred RuntimeError
  WantsMoreRequired ErrCtrStopped ErrRequiresCgroupsV2ForRootless
`);

const tokens = tokensOf(file);
const members = membersOf(tokens);
const docs = docsOf(file);
const lines = file.split("\n");

const named = (kind: string): string[] =>
  members.filter((member) => member.kind === kind).map((member) => member.name);

const docOf = (member: Member): string =>
  docs.find(({ above }) =>
    new RegExp(`^${member.kind} ${member.name} ?\\(`, "u").test(above),
  )?.text ?? "";

/** The methods whose docs end in this marker line. */
const marked = (marker: string): string[] =>
  members
    .filter((member) => docOf(member).split("\n").at(-1) === marker)
    .map((member) => member.name);

describe("the members", () => {
  it("has the interface's name, not the file's", () => {
    expect(tokens.slice(0, 2)).toEqual(["interface", "io.podman"]);
  });

  it("has every type, method and error of Podman 1.9, in its order", () => {
    expect(types).toHaveLength(42);
    expect(methods).toHaveLength(97);
    expect(errors).toHaveLength(13);
    expect(named("type")).toEqual(types);
    expect(named("method")).toEqual(methods);
    expect(named("error")).toEqual(errors);
    expect(members.map((member) => member.name)).toEqual([
      ...types,
      ...methods,
      ...errors,
    ]);
  });

  it("has every field and type of the release (a hash of all tokens)", () => {
    expect(createHash("sha256").update(tokens.join(" ")).digest("hex")).toBe(
      "d53960b59d3275e650410b6800899c8e33a23ea5fa5c001d03fd75f3f2779376",
    );
  });

  it("marks the methods that stream and those that take over the connection", () => {
    expect(marked("[Supports 'more' flag]")).toEqual([
      "GetContainerLogs",
      "GetContainersLogs",
      "BuildImage",
      "PushImage",
      "Commit",
      "PullImage",
      "ImageSave",
      "LoadImage",
      "GetEvents",
    ]);
    expect(marked("[Requires 'upgrade' flag]")).toEqual([
      "Attach",
      "ExecContainer",
      "SendFile",
      "ReceiveFile",
    ]);
    // No marker elsewhere, where it would be read as text.
    expect(file.match(/flag\]/gu)).toHaveLength(13);
  });
});

describe("the layout", () => {
  it("keeps lines within 80 columns", () => {
    expect(lines.filter((line) => Array.from(line).length > 80)).toEqual([]);
  });

  it("has neither tabs, carriage returns nor blanks at the end of lines", () => {
    expect(lines.filter((line) => /[\t\r]|\s$/u.test(line))).toEqual([]);
    expect(file.endsWith("\n")).toBe(true);
    expect(file.endsWith("\n\n")).toBe(false);
  });

  it("sets one blank line between members and none within them", () => {
    const chunks = file.trimEnd().split("\n\n");
    expect(chunks).toHaveLength(members.length + 1);
    for (const chunk of chunks) {
      expect(chunk).toMatch(/^#/u);
      expect(chunk.match(/^(?:interface|type|method|error) /gmu)).toHaveLength(
        1,
      );
    }
  });

  it("indents by two blanks, one field a line", () => {
    const code = lines.filter((line) => line !== "" && !/^ *#/u.test(line));
    for (const line of code) {
      expect(line).toMatch(
        /^(?:  \w+: \S+|interface \S+|(?:type|error|method) .*|\)|\) -> \(.*)$/u,
      );
    }
  });

  it("sets the comment mark off by one blank, and uses it alone only inside a block", () => {
    for (const [index, line] of lines.entries()) {
      if (!/^ *#/u.test(line)) continue;
      expect(line).toMatch(/^(?: {2})?#(?:$| \S| {2,}\S)/u);
      if (/^ *#$/u.test(line)) {
        expect(lines[index - 1]).toMatch(/^ *# \S/u);
        expect(lines[index + 1]).toMatch(/^ *# \S/u);
      }
    }
  });
});

describe("the docs", () => {
  it("describes the interface and every member", () => {
    expect(docs[0]?.above).toBe("interface io.podman");
    expect(docs[0]?.text).toContain("`unix:/run/podman/io.podman`");
    expect(members.filter((member) => docOf(member).length < 12)).toEqual([]);
  });

  it("describes every field of every type and error", () => {
    const bare = lines.filter(
      (line, index) =>
        /^ {2}\w+: /u.test(line) &&
        !/^ {2}# /u.test(lines[index - 1] ?? "") &&
        isInTypeOrError(index),
    );
    expect(bare).toEqual([]);
    expect(
      members.filter(
        ({ kind, input }) => kind !== "method" && input.length > 0,
      ),
    ).toHaveLength(
      // Errors without fields have nothing to describe.
      types.length + errors.length - 1,
    );
  });

  it("links only to members, under their own name", () => {
    const names = new Set(members.map((member) => member.name));
    const links = docs.flatMap(({ text }) =>
      Array.from(text.matchAll(/\[([^\]]*)\]\(([^)]*)\)/gu), (link) => ({
        text: link[1] ?? "",
        target: link[2] ?? "",
      })),
    );
    expect(links.length).toBeGreaterThan(100);
    for (const link of links) {
      expect(link.target).toBe(`#${link.text}`);
      expect(names).toContain(link.text);
    }
  });

  it("is Markdown that Prettier leaves alone", async () => {
    for (const { above, text } of docs) {
      const pretty = await format(text, { parser: "markdown" });
      expect(pretty, above).toBe(`${text}\n`);
    }
  });

  it("gives examples of inputs that the interface has", () => {
    let examples = 0;
    for (const member of members) {
      for (const [, json] of docOf(member).matchAll(
        /^```json\n(.*?)^```$/gmsu,
      )) {
        expectInput(JSON.parse(json ?? ""), member.input, member.name);
        examples += 1;
      }
    }
    expect(examples).toBeGreaterThan(2);
    expect(file.match(/^ *# ```json$/gmu)).toHaveLength(examples);
  });
});

/** Whether a line belongs to a type or an error: the nearest keyword above it says so. */
function isInTypeOrError(index: number): boolean {
  const head = lines
    .slice(0, index)
    .findLast((line) => /^(?:type|method|error) /u.test(line));
  return head !== undefined && !head.startsWith("method ");
}

/** Checks that a value has known fields of fitting types; fields may be missing. */
function expectInput(
  value: unknown,
  fields: readonly Field[],
  where: string,
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${where}: expected an object`);
  }
  for (const [key, item] of Object.entries(value)) {
    const field = fields.find(({ name }) => name === key);
    if (field === undefined) throw new Error(`${where}: no field ${key}`);
    expectType(item, field.type, `${where}.${key}`);
  }
}

function expectType(
  value: unknown,
  type: readonly string[],
  where: string,
): void {
  const [head = "", ...rest] = type;
  if (head === "?") expectType(value, rest, where);
  else if (head === "[" && rest[0] === "]") {
    expect(Array.isArray(value), where).toBe(true);
    for (const item of Array.isArray(value) ? value : [])
      expectType(item, rest.slice(1), where);
  } else if (head === "string") expect(value, where).toBeTypeOf("string");
  else if (head === "bool") expect(value, where).toBeTypeOf("boolean");
  else if (head === "int") expect(value, where).toSatisfy(Number.isSafeInteger);
  else {
    const declared = members.find(
      ({ kind, name }) => kind === "type" && name === head,
    );
    if (declared === undefined)
      throw new Error(`${where}: examples of ${head} are not checked`);
    expectInput(value, declared.input, where);
  }
}

describe("the reading of the file in these tests", () => {
  it("tells members, fields and comments apart", () => {
    const text =
      "# a\ninterface b\n\n# c\nmethod D(e: ?[]string, f: [string]int) -> () # g\n";
    expect(membersOf(tokensOf(text))).toEqual([
      {
        kind: "method",
        name: "D",
        input: [
          { name: "e", type: ["?", "[", "]", "string"] },
          { name: "f", type: ["[", "string", "]", "int"] },
        ],
        output: [],
      },
    ]);
    expect(docsOf(text).map(({ above, text: doc }) => [above, doc])).toEqual([
      ["interface b", "a"],
      ["method D(e: ?[]string, f: [string]int) -> () # g", "c"],
    ]);
  });

  it("finds runs of words across line ends, whatever their marks and case", () => {
    const own = runsOf(
      "# Say `one` two\n#\n# [Three](#Three), four; five six Seven eight.",
    );
    expect(own).toEqual(
      new Set(["say one two three four five six seven"]).add(
        "one two three four five six seven eight",
      ),
    );
  });
});

/** Every run of eight words in the comments of a file. */
function runsOf(text: string): Set<string> {
  const prose = Array.from(
    text.matchAll(/#(.*)/gu),
    (comment) => comment[1] ?? "",
  ).join(" ");
  const list =
    prose
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
      .toLowerCase()
      .match(/[\p{L}\p{N}']+/gu) ?? [];
  return new Set(
    list.slice(7).map((_, index) => list.slice(index, index + 8).join(" ")),
  );
}

/** The file as Podman shipped it. */
const original = (): string =>
  readFileSync(corpus("podman", "io.podman-1.9.3.varlink"), "utf8");

describeCorpus("against the file that Podman 1.9.3 shipped", () => {
  it("has the same tokens in the same order", () => {
    expect(tokens).toEqual(tokensOf(original()));
  });

  it("has no run of eight words of its comments", () => {
    const theirs = runsOf(original());
    expect(theirs.size).toBeGreaterThan(1000);
    expect(Array.from(runsOf(file)).filter((run) => theirs.has(run))).toEqual(
      [],
    );
  });
});
