import {
  type Doc,
  group,
  hardline,
  ifBreak,
  indent,
  join,
  line,
  softline,
} from "./doc.ts";
import { propertyKey, stringLiteral } from "./literal.ts";

/** A type as generated code writes it. */
export type TypeTerm =
  /** `string`, `null`, `undefined`: a keyword of TypeScript. */
  | {
      readonly kind: "keyword";
      readonly name:
        | "boolean"
        | "number"
        | "bigint"
        | "string"
        | "null"
        | "undefined"
        | "void";
    }
  /** `Version`, `$.Dict<Version>`. */
  | {
      readonly kind: "reference";
      readonly name: string;
      readonly argument?: TypeTerm;
    }
  /** A string literal type. */
  | { readonly kind: "literal"; readonly value: string }
  /** `readonly T[]`. */
  | { readonly kind: "list"; readonly element: TypeTerm }
  /** `{ readonly name: T }`, a line for each member. */
  | { readonly kind: "object"; readonly members: readonly MemberTerm[] }
  /** The values of a constant: `(typeof Name)[keyof typeof Name]`. */
  | { readonly kind: "values"; readonly name: string }
  | { readonly kind: "union"; readonly members: readonly TypeTerm[] };

/** A member of an interface or an object type. */
export interface MemberTerm {
  readonly name: string;
  readonly optional: boolean;
  readonly type: TypeTerm;
  /** Lines of a comment above it. */
  readonly comment?: readonly string[];
}

/** `A | B`, with unions inside taken apart; a single member stays itself. */
export function union(...members: readonly TypeTerm[]): TypeTerm {
  const flat = members.flatMap((member) =>
    member.kind === "union" ? member.members : [member],
  );
  const [only] = flat;
  return flat.length === 1 && only !== undefined
    ? only
    : { kind: "union", members: flat };
}

/** Lays out a type; `place` is what stands around it, for a union wraps by that. */
export function typeDoc(
  term: TypeTerm,
  place: "annotation" | "enclosed" = "annotation",
): Doc {
  switch (term.kind) {
    case "keyword":
      return term.name;
    case "literal":
      return stringLiteral(term.value);
    case "reference":
      return term.argument === undefined
        ? term.name
        : [term.name, argumentDoc(term.argument)];
    case "list":
      return ["readonly ", elementDoc(term.element), "[]"];
    case "object":
      return objectDoc(term.members);
    case "values":
      return `(typeof ${term.name})[keyof typeof ${term.name}]`;
    default: {
      if (isHugged(term))
        return join(
          " | ",
          term.members.map((member) => typeDoc(member)),
        );
      const members = unionDoc(term.members);
      return place === "enclosed"
        ? members
        : group(indent([softline, members]));
    }
  }
}

/** `readonly name?: Type;` */
export function memberDoc({ name, optional, type, comment }: MemberTerm): Doc {
  const key = ["readonly ", propertyKey(name), optional ? "?: " : ": "];
  return [
    (comment ?? []).map((text) => [text, hardline]),
    group([key, typeDoc(type)]),
    ";",
  ];
}

/** Always open: Prettier keeps it so, and each member has its docs. */
function objectDoc(members: readonly MemberTerm[]): Doc {
  if (members.length === 0) return "{}";
  const lines = members.map((member) => [hardline, memberDoc(member)]);
  return group(["{", indent(lines), hardline, "}"]);
}

function argumentDoc(argument: TypeTerm): Doc {
  const hugged =
    argument.kind === "keyword" ||
    argument.kind === "literal" ||
    (argument.kind === "reference" && argument.argument === undefined) ||
    (argument.kind === "union" && isHugged(argument));
  const contents = typeDoc(argument, "enclosed");
  return hugged
    ? ["<", contents, ">"]
    : group(["<", indent([softline, contents]), softline, ">"]);
}

function elementDoc(element: TypeTerm): Doc {
  if (element.kind === "list") return ["(", typeDoc(element), ")"];
  if (element.kind !== "union") return typeDoc(element);
  if (isHugged(element)) return ["(", typeDoc(element), ")"];
  return [
    "(",
    group([indent([softline, unionDoc(element.members)]), softline]),
    ")",
  ];
}

function unionDoc(members: readonly TypeTerm[]): Doc {
  return group(
    members.map((member, index) => [
      index === 0 ? ifBreak("| ") : [line, "| "],
      indent(typeDoc(member)),
    ]),
  );
}

/** Whether a term is a union that does not keep to one line. */
export function isWrappingUnion(term: TypeTerm): boolean {
  return term.kind === "union" && !isHugged(term);
}

/** Whether a union keeps to its line: one named type, and otherwise only `null`. */
function isHugged(term: { readonly members: readonly TypeTerm[] }): boolean {
  const named = term.members.find((member) => member.kind === "reference");
  return (
    named !== undefined &&
    term.members.every(
      (member) =>
        member === named ||
        (member.kind === "keyword" && member.name === "null"),
    )
  );
}
