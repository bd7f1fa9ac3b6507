import type { LinkProblems } from "./codes.ts";
import { type MessageWork, simpleOption } from "./drafts.ts";
import type { Features } from "./features.ts";
import { clip, jsonNameOf } from "./names.ts";

interface Seen {
  readonly name: string;
  readonly isCustom: boolean;
  readonly work: MessageWork["fields"][number];
}

/**
 * Checks that a message's fields have names of their own in JSON: those that are
 * made of their names, and those that are given. Where JSON was an afterthought
 * (proto2) a conflict that involves a made name is a warning.
 */
export function checkJsonNames(
  { draft, fields }: MessageWork,
  has: Features | undefined,
  problems: LinkProblems,
): void {
  const legacy = draft.options.get("deprecated_legacy_json_field_conflicts");
  if (legacy?.kind === "scalar" && legacy.value === true) return;
  const isAnyGiven = fields.some(
    ({ node }) => simpleOption(node.options, "json_name") !== undefined,
  );
  for (const useCustom of isAnyGiven ? [false, true] : [false]) {
    const seen = new Map<string, Seen>();
    for (const work of fields) {
      const made = jsonNameOf(work.draft.name);
      const isGiven = simpleOption(work.node.options, "json_name");
      const isCustom =
        useCustom && isGiven !== undefined && work.draft.jsonName !== made;
      const name = useCustom ? work.draft.jsonName : made;
      const first = seen.get(name);
      if (first === undefined) {
        seen.set(name, { name: work.draft.name, isCustom, work });
        continue;
      }
      // Without a given name it was told of before; equal names too.
      if (useCustom && !isCustom && !first.isCustom) continue;
      if (first.name === work.draft.name) continue;
      const words = () => ({
        message: `\`${clip(work.draft.name)}\` and \`${clip(first.name)}\` have the same name in JSON, \`${clip(name)}\``,
        related: [
          { span: first.work.node.span, message: "the first is this field" },
        ],
      });
      const isStrict =
        has?.json_format === "ALLOW" || (isCustom && first.isCustom);
      const { span } = work.node.name;
      if (isStrict) problems.error("proto/json-name-conflict", span, words);
      else problems.warning("proto/json-name-conflict", span, words);
    }
  }
}
