// What is kept of a value is read again as it was, and fits the protocol's fields.
import fc from "fast-check";
import { expect, it } from "vitest";
import { PortoError, TContainerSpec } from "portolan/porto";
import { settable } from "../../../../src/libpod/serve/porto/properties/settable.ts";
import {
  formatMap,
  parseMap,
} from "../../../../src/libpod/serve/porto/text.ts";

const context = { cpus: 4 };

/** Undefined where Porto refuses it. */
function accepted(set: () => string): string | undefined {
  try {
    return set();
  } catch (error) {
    if (PortoError.is(error)) return undefined;
    throw error;
  }
}

const word = fc.oneof(
  fc.constantFrom(
    ..."0 1 -1 4294967296 99999999999 18446744073709551615 18446744073709551616 1e300 1.5c 200c 64M 5E 100ms 22 true false root x unlimited node reserve cores mems set L3 MTU eth0 fs /a /dev/null rwm 10.0.0.1 NET_ADMIN memory nofile core A=1 AB.c: AB.c:d: nofile: fs: k: /x=/y".split(
      " ",
    ),
  ),
  fc.string({ maxLength: 4 }),
);
const value = fc.oneof(
  word,
  fc
    .array(
      fc.tuple(
        word,
        fc.constantFrom(" ", ";", "; ", ": ", ",", "-", "\t", "\\;"),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.flat().join("")),
);

it("every property reads and sends what it keeps", () => {
  let kept = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...settable.values()),
      fc.array(fc.tuple(fc.option(word), value), {
        minLength: 1,
        maxLength: 3,
      }),
      (property, settings) => {
        const { name, entry } = property;
        let text = "";
        for (const [key, given] of settings)
          text =
            accepted(() =>
              key === null || entry === undefined
                ? property.parse(given.trim(), context)
                : entry.set(text, key, given.trim(), context),
            ) ?? text;
        if (text === "") return;
        kept += 1;
        expect([name, property.parse(text, context)]).toEqual([name, text]);
        const spec = property.toSpec(text);
        const sent = TContainerSpec.decode(TContainerSpec.encode(spec));
        // Secrets are not told, and so cannot be told back.
        if (name === "env_secret") return;
        const back = accepted(() => property.fromSpec(sent, "", context) ?? "");
        expect([
          name,
          back === undefined ? back : property.toSpec(back),
        ]).toEqual([name, spec]);
      },
    ),
    { numRuns: 3000 },
  );
  expect(kept).toBeGreaterThan(500);
});

it("maps are read as they are written", () => {
  const trimmed = fc.string().map((text) => text.trim());
  fc.assert(
    fc.property(
      fc.dictionary(
        trimmed.filter((key) => !key.includes(": ") && !key.endsWith(":")),
        trimmed.filter((text) => text !== ""),
      ),
      (entries) => {
        const map = new Map(Object.entries(entries));
        expect(Object.fromEntries(parseMap(formatMap(map)))).toEqual(
          Object.fromEntries(map),
        );
      },
    ),
  );
});

it("maps keep what would end an entry, and names with colons", () => {
  const map = new Map([
    ["AB.c:d", "1"],
    ["/x;y", "a\\;b"],
  ]);
  expect(parseMap(formatMap(map))).toEqual(map);
  expect(parseMap("a:b;c: d")).toEqual(
    new Map([
      ["a", "b"],
      ["c", "d"],
    ]),
  );
});

it("what would be no number of the protocol is refused", () => {
  const refused = (property: string, given: string): boolean =>
    accepted(() => settable.get(property)?.parse(given, context) ?? "") ===
    undefined;
  expect(refused("task_cred", "4294967296 0")).toBe(true);
  expect(refused("task_cred", "4294967295 0")).toBe(false);
  // Numbers so large that one more is none more.
  expect(refused("cpu_set", "18446744073709551615")).toBe(true);
  expect(refused("cpu_set", "9007199254740992-9007199254740993")).toBe(true);
  expect(refused("cpu_set", "0-65535")).toBe(false);
});
