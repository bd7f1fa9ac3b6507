import type { Service } from "../../model/api.ts";

/**
 * Where members are found in the document. A member's anchor is its own name,
 * set as an explicit `id` on its heading: it does not change when members come,
 * go or move, `GetId` and `GetID` are two anchors, and links that were written
 * for Podman's own document (`API.md#GetContainer`) keep working. The slugs that
 * GitHub makes of headings have no upper-case letter and no full stop, so no
 * heading, not even `## Methods` or one in somebody's docs, takes a member's place.
 */
export interface Anchors {
  /** The `id` of a member, or undefined when there is no such member. */
  readonly of: (name: string) => string | undefined;
  /**
   * The member that a link's destination means: `#GetContainer`, and what is
   * found in real docs as well: the bare name, the name behind the interface's,
   * the slug. Undefined when there is none.
   */
  readonly find: (destination: string) => string | undefined;
  /** The anchor of the member whose docs are printed: its name is not made a link. Default: none. */
  readonly own?: string | undefined;
}

/**
 * The anchors of all members of a service.
 *
 * @param shared - What all begin with, where others share the document.
 */
export function anchorsOf(service: Service, shared: string): Anchors {
  const names = new Set(service.members.map((member) => member.name));
  /** Undefined where several names have the slug. */
  const bySlug = new Map<string, string | undefined>();
  for (const name of names) {
    const slug = name.toLowerCase();
    bySlug.set(slug, bySlug.has(slug) ? undefined : name);
  }
  const anchor = (name: string): string =>
    shared === "" && !/[A-Z]/.test(name)
      ? `${service.name}.${name}`
      : shared + name;
  const prefix = `${service.name}.`;
  return {
    of: (name) => (names.has(name) ? anchor(name) : undefined),
    find(destination) {
      let name = destination.replace(/^#/, "");
      if (name.startsWith(prefix)) name = name.slice(prefix.length);
      if (names.has(name)) return anchor(name);
      const only = bySlug.get(name.toLowerCase());
      return destination.startsWith("#") && only !== undefined
        ? anchor(only)
        : undefined;
    },
  };
}
