import type { CallForms } from "../../model/api.ts";
import { inLines } from "./fill-lines.ts";

/** What the index says of the ways in which a method can be called. */
export function formWords({ more, upgrade }: CallForms): string[] {
  return [...formWord("more", more), ...formWord("upgrade", upgrade)];
}

function formWord(form: keyof CallForms, known: CallForms["more"]): string[] {
  if (known === "unknown") return [];
  return [`${known === "required" ? "requires" : "supports"} \`${form}\``];
}

/** What a method's section says of them, in paragraphs: the call's shape, and what comes back. */
export function formBlocks({ more, upgrade }: CallForms): string[] {
  return [...streamBlock(more), ...upgradeBlock(upgrade)];
}

function streamBlock(more: CallForms["more"]): string[] {
  if (more === "unknown") return [];
  const replies =
    'is answered with any number of replies, each of them but the last with `"continues": true`';
  const otherwise =
    more === "required"
      ? "Any other call fails with `org.varlink.service.ExpectedMore`."
      : "Any other call is answered once.";
  return [
    inLines(
      `**Streams:** a call with \`"more": true\` ${replies}. ${otherwise}`,
    ),
  ];
}

function upgradeBlock(upgrade: CallForms["upgrade"]): string[] {
  if (upgrade === "unknown") return [];
  const after =
    "is answered once, and then the connection speaks another protocol";
  const otherwise =
    upgrade === "required"
      ? "Any other call fails with `org.varlink.service.ExpectedUpgrade`."
      : "Any other call leaves the connection as it is.";
  return [
    inLines(
      `**Upgrades:** a call with \`"upgrade": true\` ${after}. ${otherwise}`,
    ),
  ];
}
