import { expect } from "vitest";

/** Forms of texts. The first are ids. */
const forms: readonly RegExp[] = [
  /^[0-9a-f]{64}$/,
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC$/,
  /^(\d+h)?(\d+m)?(\d+(\.\d+)?(s|ms|µs))?$/,
  /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/,
  /^\d{4}-\d\d-\d\dT[\d:]{8}(\.\d+)?Z$/,
  /^\S+@sha256:[0-9a-f]{64}$/,
  /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}\+00:00 (stdout|stderr) [FP] .*\n$/s,
];

/** Nothing of these is there in an engine without a kernel and a network. */
const mayBeEmpty =
  /\.(mounts|registries|distribution|version|buildah_version|uptime|compiler|go_version|graph_root|run_root|graph_driver_name|user|uts|pidns|cgroup|net|mnt|ipc)$/;

export type Members = { readonly [member: string]: unknown };

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0)
  );
}

/**
 * Expects a reply of the same shape as one that was recorded, down to the form of texts.
 *
 * @param ids Gets what corresponds to the ids that were recorded.
 */
export function expectShape(
  got: unknown,
  recorded: unknown,
  where: string,
  ids: Map<string, string>,
): void {
  // Empty lists and maps were recorded as null.
  if (isEmpty(recorded)) {
    if (typeof got === "object") expect(isEmpty(got), where).toBe(true);
    return;
  }
  if (isEmpty(got)) {
    expect(where).toMatch(mayBeEmpty);
    return;
  }
  expect(typeof got, where).toBe(typeof recorded);
  if (typeof recorded === "string") {
    if (/^\{.*\}$/s.test(recorded)) {
      const parse = (text: string): unknown => JSON.parse(text);
      expectShape(parse(got as string), parse(recorded), `${where}:`, ids);
      return;
    }
    const form = forms.find((each) => each.test(recorded));
    if (form !== undefined) expect(got, where).toMatch(form);
    if (form === forms[0]) ids.set(recorded, got as string);
  } else if (Array.isArray(recorded)) {
    expect(got, where).toHaveLength(recorded.length);
    recorded.forEach((item, index) =>
      expectShape((got as unknown[])[index], item, `${where}[${index}]`, ids),
    );
  } else if (typeof recorded === "object" && recorded !== null) {
    expect(Object.keys(got as object), where).toEqual(Object.keys(recorded));
    for (const [member, value] of Object.entries(recorded)) {
      expectShape((got as Members)[member], value, `${where}.${member}`, ids);
    }
  }
}
