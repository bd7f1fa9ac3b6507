import type { Service, TypeDeclaration } from "../../../model/api.ts";
import type { Anchors } from "../anchors.ts";

/** How members are called in the document, and where they are found in it. */
export interface ProtoNames {
  /**
   * A type without its package, with what it stands in: `TGetResponse.Entry`. Of
   * another package it is the full name, with a leading full stop where that
   * could be taken for one of ours.
   */
  readonly type: (path: readonly string[]) => string;
  /** Anchors of types by {@link type}, for links from tables and signatures. */
  readonly types: Anchors;
  /** Anchors of commands by name. */
  readonly commands: Anchors;
}

/**
 * Chooses names and anchors. A member's anchor is its name: it does not change
 * when others come, go or move. The slugs that GitHub makes of headings have no
 * capital letter and no full stop, so a name with neither gets the service's name
 * in front. A message that is called as a command is gets its package in front.
 *
 * @param prefix - What all begin with, where others share the document.
 */
export function namesOf(service: Service, prefix: string): ProtoNames {
  const shown = shownNames(service);
  const taken = new Set<string>();
  const claim = (wanted: string): string => {
    const isOurs = wanted.startsWith(`${service.name}.`);
    const needsName = prefix === "" ? !/[A-Z.]/.test(wanted) : !isOurs;
    const base = needsName ? `${service.name}.${wanted}` : wanted;
    let anchor = base;
    for (let copy = 2; taken.has(anchor); copy += 1) anchor = `${base}.${copy}`;
    taken.add(anchor);
    return anchor;
  };
  const commands = new Map(
    service.methods.map(({ name }) => [name, claim(name)]),
  );
  const types = new Map(
    service.types.map(({ path }) => {
      const name = shown(path);
      const isTaken = commands.has(name);
      return [name, claim(isTaken ? `${service.name}.${name}` : name)];
    }),
  );
  const find = finder(service, shown, commands, types);
  return {
    type: shown,
    types: { of: (name) => types.get(name), find },
    commands: { of: (name) => commands.get(name), find },
  };
}

function shownNames(service: Service): ProtoNames["type"] {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const ours = service.types[0]?.package;
  for (const { path, package: scope } of service.types) {
    const full = path.join(".");
    const isOurs = scope !== undefined && scope !== "" && scope === ours;
    const short = isOurs ? full.slice(scope.length + 1) : full;
    const name = taken.has(short) ? `.${full}` : short;
    taken.add(name);
    names.set(full, name);
  }
  return (path) => names.get(path.join(".")) ?? path.join(".");
}

/**
 * What a link in somebody's docs means: `#Create` the command, else the type of
 * this name; with the package or without, and a nested type also by its own name
 * if no other has it. The bare name will do.
 */
function finder(
  service: Service,
  shown: ProtoNames["type"],
  commands: ReadonlyMap<string, string>,
  types: ReadonlyMap<string, string>,
): Anchors["find"] {
  const byName = new Map<string, string | undefined>();
  const add = ({ name, path }: TypeDeclaration): void => {
    const anchor = types.get(shown(path));
    byName.set(name, byName.has(name) ? undefined : anchor);
  };
  service.types.forEach(add);
  for (const type of service.types) {
    const anchor = types.get(shown(type.path));
    byName.set(type.path.join("."), anchor);
    byName.set(shown(type.path), anchor);
  }
  return (destination) => {
    const name = destination.replace(/^#/, "").replace(/^\./, "");
    return commands.get(name) ?? byName.get(name);
  };
}
