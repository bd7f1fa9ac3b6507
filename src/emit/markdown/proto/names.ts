import type {
  RpcService,
  Service,
  TypeDeclaration,
} from "../../../model/api.ts";
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
  /** Anchors of services, which are not called as commands are. */
  readonly services: ReadonlyMap<RpcService, string>;
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
    const isSlug = prefix === "" && !/[A-Z.]/.test(wanted);
    const base = isSlug ? `${service.name}.${wanted}` : prefix + wanted;
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
  const services = new Map(
    (service.rpcServices ?? []).map((one) => [one, claim(one.name)]),
  );
  const find = finder(service, shown, commands, types, services);
  return {
    type: shown,
    types: { of: (name) => types.get(name), find },
    commands: { of: (name) => commands.get(name), find },
    services,
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
 * What a link in somebody's docs means: `#Create` the command, else the type or
 * service of this name; with the package or without, and a nested type also by its
 * own name if no other has it. A field or value behind a type's name means the
 * type. The bare name will do.
 */
function finder(
  service: Service,
  shown: ProtoNames["type"],
  commands: ReadonlyMap<string, string>,
  types: ReadonlyMap<string, string>,
  services: ReadonlyMap<RpcService, string>,
): Anchors["find"] {
  const byName = new Map<string, string | undefined>();
  for (const { name, path } of service.types)
    byName.set(name, byName.has(name) ? undefined : types.get(shown(path)));
  for (const [{ name }, anchor] of services) {
    byName.set(name, anchor);
    byName.set(`${service.name}.${name}`, anchor);
  }
  const parts = new Map<string, ReadonlySet<string>>();
  for (const type of service.types) {
    const names = new Set(partsOf(type).map(({ name }) => name));
    for (const name of [type.path.join("."), shown(type.path)]) {
      byName.set(name, types.get(shown(type.path)));
      parts.set(name, names);
    }
  }
  return (destination) => {
    const name = destination.replace(/^#/, "").replace(/^\./, "");
    const whole = commands.get(name) ?? byName.get(name);
    if (whole !== undefined) return whole;
    const dot = name.lastIndexOf(".");
    const around = name.slice(0, Math.max(dot, 0));
    return parts.get(around)?.has(name.slice(dot + 1)) === true
      ? byName.get(around)
      : undefined;
  };
}

function partsOf(type: TypeDeclaration): readonly { readonly name: string }[] {
  return type.kind === "struct" ? type.fields : type.values;
}
