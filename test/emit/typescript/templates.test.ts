import Handlebars from "handlebars";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type {
  ClientView,
  DeclarationView,
  FileView,
  IndexView,
  MemberView,
  ServerView,
  TypesView,
} from "../../../src/emit/typescript/views.ts";
import type {
  CodecView,
  MessageView,
} from "../../../src/emit/typescript/proto/codec.ts";
import type {
  ProtoDeclarationView,
  ProtoModuleView,
} from "../../../src/emit/typescript/proto/views.ts";

/**
 * Templates only loop, include and test a boolean; and what they name is in
 * their view, for Handlebars takes a missing name in `{{#if}}` and `{{#each}}`
 * for an empty one.
 */

/** Keys of every member of a union. */
type Keys<T> = T extends unknown ? keyof T : never;

const folder = new URL("../../../templates/typescript/", import.meta.url);

const views: {
  readonly types: readonly (
    keyof TypesView | Keys<DeclarationView> | keyof MemberView | "this"
  )[];
  readonly client: readonly (keyof ClientView | keyof MemberView | "this")[];
  readonly server: readonly (keyof ServerView | keyof MemberView | "this")[];
  readonly index: readonly (keyof IndexView | "this")[];
  readonly opening: readonly (keyof FileView)[];
  readonly codec: readonly (keyof CodecView | keyof MessageView | "this")[];
  readonly "proto-module": readonly (
    | keyof ProtoModuleView
    | keyof ProtoModuleView["declarations"][number]
    | Keys<ProtoDeclarationView>
    | keyof MemberView
    | "this"
  )[];
} = {
  types: [
    "imports",
    "this",
    "declarations",
    "isInterface",
    "docs",
    "name",
    "members",
    "text",
    "isClass",
    "heading",
    "property",
    "isStatement",
  ],
  client: [
    "imports",
    "this",
    "hasMethods",
    "docs",
    "name",
    "methods",
    "text",
    "heading",
    "property",
  ],
  server: [
    "imports",
    "this",
    "hasMethods",
    "handlersDocs",
    "handlers",
    "methods",
    "docs",
    "text",
    "heading",
    "call",
  ],
  index: ["exports", "this"],
  opening: ["header"],
  codec: [
    "imports",
    "this",
    "hasMessages",
    "guards",
    "messages",
    "docs",
    "constant",
    "alias",
    "functions",
  ],
  "proto-module": [
    "imports",
    "this",
    "declarations",
    "isApart",
    "isInterface",
    "docs",
    "heading",
    "hasMembers",
    "members",
    "text",
    "isClass",
    "properties",
    "isStatement",
  ],
};

interface Used {
  readonly names: Set<string>;
  readonly blocks: Set<string>;
  readonly other: Set<string>;
}

function usesOf(template: string): Used {
  const used: Used = { names: new Set(), blocks: new Set(), other: new Set() };
  class Uses extends Handlebars.Visitor {
    override BlockStatement(block: hbs.AST.BlockStatement): void {
      used.blocks.add(block.path.original);
      for (const parameter of block.params) this.accept(parameter);
      this.accept(block.program);
      if (block.inverse !== undefined && block.inverse !== null)
        this.accept(block.inverse);
    }
    override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
      if (mustache.params.length > 0) used.other.add("a helper");
      this.accept(mustache.path);
    }
    override SubExpression(): void {
      used.other.add("a subexpression");
    }
    override PartialBlockStatement(): void {
      used.other.add("a partial block");
    }
    override PartialStatement(partial: hbs.AST.PartialStatement): void {
      if (partial.name.type !== "PathExpression")
        used.other.add("a dynamic partial");
    }
    override PathExpression(path: hbs.AST.PathExpression): void {
      used.names.add(path.original);
    }
  }
  new Uses().accept(Handlebars.parse(template));
  return used;
}

describe("templates", () => {
  test("there is a view for each", () => {
    const files = readdirSync(folder).map((file) => file.replace(/\.hbs$/, ""));
    expect(files.toSorted()).toEqual(Object.keys(views).toSorted());
  });

  test.for(Object.entries(views))("%s", ([name, keys]) => {
    const names: readonly string[] = keys;
    const used = usesOf(readFileSync(new URL(`${name}.hbs`, folder), "utf8"));
    expect([...used.names].toSorted()).toEqual([...names].toSorted());
    expect(
      [...used.blocks].filter((block) => block !== "if" && block !== "each"),
    ).toEqual([]);
    expect([...used.other]).toEqual([]);
  });
});
