import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { InvalidArgument, NotSupported, Runtime } from "portolan/libpod";
import { describeCorpus, hasCorpus, seed } from "../support/corpus.ts";
import { cell, columns } from "./core/columns.ts";
import { rejection } from "./core/support.ts";
import {
  besides,
  constants,
  type Counterpart,
  type Counterparts,
  errors,
  functions,
  stateMethods,
  types,
  variables,
} from "./core/surface.ts";

/**
 * Every exported thing of Go's libpod has its counterpart, and `docs/libpod.md` says
 * which and who can do it. `PORTOLAN_REFRESH=1` writes the tables of that file anew,
 * to be read before they are committed.
 */
const sections: Readonly<Record<string, readonly [Counterparts, number]>> = {
  Functions: [functions, 62],
  Types: [types, 12],
  "Methods of State": [stateMethods, 12],
  Errors: [errors, 15],
  Constants: [constants, 7],
  Variables: [variables, 2],
};

/** What the document has besides, in a table of the same form. */
const BESIDES = "What there is besides";

const file = fileURLToPath(new URL("../../docs/libpod.md", import.meta.url));
const document = await refreshed(readFileSync(file, "utf8"));

async function refreshed(text: string): Promise<string> {
  if (process.env["PORTOLAN_REFRESH"] !== "1") return text;
  let result = text;
  for (const [heading, table] of tables()) {
    const [first = [], ...others] = table;
    const lines = [first, first.map(() => "---"), ...others].map(
      (cells) =>
        `| ${cells.map((one) => one.replaceAll("|", "\\|")).join(" | ")} |\n`,
    );
    result = result.replace(
      tableAfter(heading),
      (_, before: string) => before + lines.join(""),
    );
  }
  result = await format(result, { parser: "markdown" });
  writeFileSync(file, result);
  return result;
}

/** The first table below a heading. */
function tableAfter(heading: string): RegExp {
  return new RegExp(
    `(^##+ ${heading}\\n(?:(?!#|\\|).*\\n)*)((?:\\|.*\\n)+)`,
    "m",
  );
}

type Table = readonly (readonly string[])[];

/** The tables that the document must have, by their headings. */
function tables(): readonly (readonly [string, Table])[] {
  const names = columns.map(({ name }) => name);
  const row = ({ ours, needs }: Counterpart): readonly string[] => [
    ours.includes("`") ? ours.replace(/^\w+/, "`$&`") : `\`${ours}\``,
    ...columns.map((column) => cell(column, needs)),
  ];
  const ofGo = Object.entries(sections).map(
    ([heading, [counterparts]]): readonly [string, Table] => {
      const rows = Object.entries(counterparts);
      return [
        heading,
        [
          ["Go", "TypeScript", ...names],
          ...rows.map(([go, one]) => [`\`${go}\``, ...row(one)]),
        ],
      ];
    },
  );
  return [
    ...ofGo,
    [BESIDES, [["TypeScript", ...names], ...Object.values(besides).map(row)]],
    ["Differences", [["Call", "Engine", "But"], ...differences()]],
  ];
}

/** The notes of all engines, by call. */
function differences(): Table {
  const notes = columns.flatMap(({ name, support }) =>
    Object.entries(support).flatMap(([call, note]) =>
      typeof note === "string" ? [[`\`${call}\``, name, note]] : [],
    ),
  );
  return notes.toSorted(([one = ""], [other = ""]) => one.localeCompare(other));
}

describe.each(Object.entries(sections))(
  "%s",
  (heading, [counterparts, count]) => {
    test(`there are ${count}`, () => {
      expect(Object.keys(counterparts)).toHaveLength(count);
    });

    test.each(Object.entries(counterparts))("%s is there", (_, { value }) => {
      expect(value).toBeDefined();
    });

    test("the document has their table", () => {
      expect(tableOf(heading)).toEqual(expectedTable(heading));
    });
  },
);

test.each([BESIDES, "Differences"])("the document has %s", (heading) => {
  expect(tableOf(heading)).toEqual(expectedTable(heading));
});

test.each(Object.entries(besides))("%s is there", (_, { value }) => {
  expect(value).toBeDefined();
});

test("methods are counted as the page has them", () => {
  const methods = Object.keys(functions).filter((name) => name.includes("."));
  expect(methods).toHaveLength(44);
});

/** The table below a heading of the document, cell by cell, without its rule. */
function tableOf(heading: string): Table {
  const [, , table = ""] = tableAfter(heading).exec(document) ?? [];
  const lines = table.trimEnd().split("\n");
  return lines
    .filter((_, index) => index !== 1)
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((one) => one.trim().replaceAll("\\|", "|")),
    );
}

function expectedTable(heading: string): Table {
  return tables().find(([name]) => name === heading)?.[1] ?? [];
}

describe("options of the table exist at run time", () => {
  const options = Object.entries(functions).filter(([, { ours }]) =>
    /^(Runtime|Container|Pod)Options\./.test(ours),
  );

  test.each(options)("%s", async (_, { ours, needs }) => {
    const [type = "", member = ""] = ours.split(".");
    await using runtime = await Runtime.open("embedded:");
    // What there is gets a value that fits nothing; what is not there is called so.
    const given = { [member]: 5.5 };
    const error =
      type === "RuntimeOptions"
        ? await rejection(Runtime.open("embedded:", given))
        : type === "PodOptions"
          ? await rejection(runtime.newPod(given))
          : await rejection(runtime.newContainer({}, given));
    expect(error).toBeInstanceOf(InvalidArgument);
    expect((error as Error).message).not.toContain("no such member");
    if (type !== "RuntimeOptions" || !("only" in needs)) return;
    // Of a daemon it is refused before anything is sent: nobody listens here.
    const fitting = { conmonEnv: ["A=b"], selinux: true, storage: {} };
    const value = fitting[member as keyof typeof fitting] ?? "/x";
    expect(
      await rejection(Runtime.open("podman:", { [member]: value })),
    ).toBeInstanceOf(NotSupported);
  });
});

describeCorpus("Go's own page", () => {
  const page = hasCorpus ? readFileSync(seed("libpod.md"), "utf8") : "";

  function found(pattern: RegExp): string[] {
    return [...page.matchAll(pattern)].map(([, ...parts]) =>
      parts.filter(Boolean).join("."),
    );
  }

  test.each([
    ["Functions", found(/^func (?:\(\w+ \*(\w+)\) )?(\w+)\(.*\)/gm)],
    ["Types", found(/^type (\w+) (?:struct|func|interface)\b/gm)],
    ["Errors", found(/^\t(Err\w+) = errors\.New/gm)],
    ["Constants", found(/^\t(\w+) = "/gm)],
    ["Variables", found(/^\t(\w+) = \w+\.Transport\.Name\(\)/gm)],
    [
      "Methods of State",
      found(/^\t(\w+)\(.*\) (?:error|\(.*\))$/gm).map(
        (name) => `State.${name}`,
      ),
    ],
  ])("%s are those of the table", (heading, names) => {
    const [counterparts = {}] = sections[heading] ?? [];
    expect(names.toSorted()).toEqual(Object.keys(counterparts).toSorted());
  });
});
