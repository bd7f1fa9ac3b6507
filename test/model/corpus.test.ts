import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { renderFrame } from "../../src/model/diagnostics.ts";
import { parseVarlink, type ParsedInterface } from "../../src/model/varlink.ts";
import { corpus, describeCorpus, hasCorpus, seed } from "../support/corpus.ts";

const read = (path: string): ParsedInterface =>
  parseVarlink(readFileSync(path, "utf8"), { path });
const folders = (path: string): string[] =>
  hasCorpus ? readdirSync(path) : [];

describeCorpus("real files", () => {
  const files = [
    seed("io.podman.varlink"),
    seed("io.projectatomic.podman.varlink"),
    corpus("podman", "io.podman-1.9.3.varlink"),
    ...folders(corpus("podman", "pairs")).map((name) =>
      corpus("podman", "pairs", name, "in.varlink"),
    ),
    ...folders(corpus("systemd")).map((name) => corpus("systemd", name)),
  ];

  it.each(files)("%s is right", (path) => {
    const { service, diagnostics, source } = read(path);
    expect(diagnostics.map((each) => renderFrame(each, source))).toEqual([]);
    // Every keyword at the beginning of a line begins a member.
    const keywords = source.text.match(/^(?:type|method|error)\b/gm) ?? [];
    expect(service?.members).toHaveLength(keywords.length);
    // Every doc line of ours is a comment line of theirs.
    for (const { docs } of service?.members ?? []) {
      for (const line of docs.split("\n")) expect(source.text).toContain(line);
    }
  });

  it("finds which of systemd's methods stream", () => {
    const { service } = read(
      corpus("systemd", "io.systemd.UserDatabase.varlink"),
    );
    expect(
      service?.methods.map(({ name, forms }) => [name, forms.more]),
    ).toEqual([
      ["GetUserRecord", "supported"],
      ["GetGroupRecord", "supported"],
      ["GetMemberships", "supported"],
    ]);
  });

  it.each(
    folders(corpus("podman", "quirks")).filter((name) => /^\d/.test(name)),
  )("Podman's oddity %s is right, or told of by few problems", (name) => {
    const { service, diagnostics } = read(
      corpus("podman", "quirks", name, "in.varlink"),
    );
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(service === undefined).toBe(errors.length > 0);
    expect(diagnostics.length).toBeLessThanOrEqual(5);
  });
});
