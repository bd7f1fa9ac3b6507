import type * as ast from "../../../grammar/proto/ast.ts";
import { checkReservedNames, checkReservedValues } from "./check-numbers.ts";
import type { LinkProblems } from "./codes.ts";
import { type EnumWork, type FileWork, simpleOption } from "./drafts.ts";
import { clip, strippedValueName } from "./names.ts";

/** Checks an enum's values: their numbers, aliases, and what is reserved. */
export function checkEnum(
  { draft, node }: EnumWork,
  work: FileWork,
  problems: LinkProblems,
): void {
  const values = node.body.filter((item) => item.kind === "value");
  const [first] = values;
  if (first === undefined) {
    problems.error("proto/empty-enum", node.name.span, () => ({
      message: `the enum \`${clip(draft.name)}\` has no values`,
    }));
    return;
  }
  const numbers = draft.values.map(({ number }, index) => ({
    number,
    span: values[index]?.number.span ?? node.span,
  }));
  if (
    !draft.closed &&
    draft.values[0]?.number !== 0 &&
    first.number.kind !== "missing"
  )
    problems.error("proto/enum-first-value", first.number.span, () => ({
      message: "the first value of an open enum must be 0",
      help: "it is what a field is that nobody has set",
    }));
  checkAliases({ draft, node, parent: undefined }, values, problems);
  checkReservedValues(
    draft.reservedRanges.map((range) => ({
      range,
      what: "reserved",
      span: work.ranges.get(range) ?? node.span,
    })),
    numbers,
    problems,
  );
  checkReservedNames(
    node.body,
    values.map(({ name }) => ({ name: name.text, span: name.span })),
    problems,
  );
  checkJsonNames({ draft, node, parent: undefined }, values, problems);
}

function checkAliases(
  { draft, node }: EnumWork,
  values: readonly ast.EnumValueDeclaration[],
  problems: LinkProblems,
): void {
  const option = draft.options.get("allow_alias");
  const isAllowed = option?.kind === "scalar" && option.value === true;
  const byNumber = new Map<bigint, ast.EnumValueDeclaration>();
  let aliases = 0;
  for (const value of values) {
    if (value.number.kind === "missing") continue;
    const { span, value: number } = value.number;
    const same = byNumber.get(number);
    if (same === undefined) {
      byNumber.set(number, value);
      continue;
    }
    aliases += 1;
    if (isAllowed) continue;
    problems.error("proto/enum-alias", span, () => ({
      message: `the number ${number} is that of \`${clip(same.name.text)}\` already`,
      help: "if both are to mean the same, add `option allow_alias = true;` to the enum",
      related: [{ span: same.span, message: "the first is this value" }],
    }));
  }
  const at = simpleOption(
    node.body.flatMap((item) => (item.kind === "option" ? [item.option] : [])),
    "allow_alias",
  );
  if (aliases === 0 && isAllowed && at !== undefined)
    problems.error("proto/enum-alias", at.span, () => ({
      message: "no two values have one number: there is nothing to allow",
      help: "take the option out",
    }));
  if (option?.kind === "scalar" && option.value === false && at !== undefined)
    problems.error("proto/enum-alias", at.span, () => ({
      message: "`allow_alias = false` is what holds without it",
      help: "take the option out",
    }));
}

/** Some languages take the enum's name off its values': they must stay different. */
function checkJsonNames(
  { draft, draft: { file } }: EnumWork,
  values: readonly ast.EnumValueDeclaration[],
  problems: LinkProblems,
): void {
  const legacy = draft.options.get("deprecated_legacy_json_field_conflicts");
  const isLegacy = legacy?.kind === "scalar" && legacy.value === true;
  const byName = new Map<
    string,
    { name: string; number: number; node: ast.EnumValueDeclaration }
  >();
  for (const [index, node] of values.entries()) {
    const number = draft.values[index]?.number ?? 0;
    const name = node.name.text;
    if (name === "") continue;
    const stripped = strippedValueName(draft.name, name);
    const first = byName.get(stripped);
    if (first === undefined) {
      byName.set(stripped, { name, number, node });
      continue;
    }
    // Aliases may be the same; equal names were told of.
    if (first.number === number || first.name === name) continue;
    const words = () => ({
      message: `\`${clip(name)}\` and \`${clip(first.name)}\` differ only in case, underscores or the enum's name before them`,
      related: [{ span: first.node.span, message: "the first is this value" }],
    });
    if (isLegacy && file.syntax === "proto2")
      problems.warning("proto/json-name-conflict", node.name.span, words);
    else problems.error("proto/json-name-conflict", node.name.span, words);
  }
}
