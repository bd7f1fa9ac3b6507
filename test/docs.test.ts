import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repository } from "./support/portolan.ts";

test("docs/envelope.md has every setting of the largest configuration there is", () => {
  const read = (name: string): string =>
    readFileSync(`${repository}${name}`, "utf8");
  const config = JSON.parse(read("interfaces/porto.envelope.json")) as object;
  const listed = [
    ...read("docs/envelope.md").matchAll(/^\| `(\w+)` +\|/gm),
  ].map(([, name]) => name);
  expect(new Set(listed)).toEqual(new Set(Object.keys(config)));
});
