import type { Method, Service, TypeDeclaration } from "../../../model/api.ts";
import type { LinkTargets } from "../docs.ts";
import { typeKey } from "../names.ts";
import { ownPath, propertyName, type ProtoNames } from "./names.ts";

/**
 * What links in the file's docs lead to in `types.ts`: `#Create` the command's
 * types, else the type of this name, with its package or without, and a nested one
 * also by its own name if no other has it; `#TError.msg` a field, and
 * `#EError.Success` the enum that has the value.
 */
export function linksOfTypes(service: Service, names: ProtoNames): LinkTargets {
  const methods = new Map(
    envelopeMethods(service).map((method) => [
      method.name,
      names.method(method),
    ]),
  );
  const types = typesByName(service);
  const type = (name: string): string | undefined => {
    const found = types.get(name);
    return found && names.type(found.path);
  };
  const part = (name: string): string | undefined => {
    const dot = name.lastIndexOf(".");
    const owner = dot < 0 ? undefined : types.get(name.slice(0, dot));
    return owner && partOf(owner, name.slice(dot + 1), names);
  };
  return {
    member: (name) => methods.get(name) ?? type(name) ?? part(name),
    deadLinks: "shown",
  };
}

/**
 * What links lead to in a file that declares `owner`, with a property for each
 * method, and nothing else.
 */
export function linksOfCalls(
  owner: string,
  methods: readonly Method[],
  names: ProtoNames,
): LinkTargets {
  const properties = new Map(
    methods.map((method) => [
      method.name,
      `${owner}.${names.property(method)}`,
    ]),
  );
  return { member: (name) => properties.get(name), deadLinks: "shown" };
}

/** Types are made of these methods only. */
function envelopeMethods({ envelope, methods }: Service): readonly Method[] {
  return envelope === undefined ? [] : methods;
}

/** Full names before those within the package, these before a nested type's own. */
function typesByName(
  service: Service,
): ReadonlyMap<string, TypeDeclaration | undefined> {
  const byName = new Map<string, TypeDeclaration | undefined>();
  for (const type of service.types)
    byName.set(type.name, byName.has(type.name) ? undefined : type);
  const own = service.types[0]?.package;
  for (const type of service.types)
    if (type.package === own) byName.set(ownPath(type).join("."), type);
  for (const type of service.types) byName.set(typeKey(type.path), type);
  return byName;
}

/** A field of a message. Values of enums have no place of their own that tools link to. */
function partOf(
  owner: TypeDeclaration,
  name: string,
  names: ProtoNames,
): string | undefined {
  const type = names.type(owner.path);
  if (owner.kind === "enum")
    return owner.values.some((value) => value.name === name) ? type : undefined;
  const field = owner.fields.find((one) => one.name === name);
  // A case of a `oneof` is no property of its own.
  const property =
    field === undefined ? undefined : (field.wire?.oneof ?? name);
  return property && `${type}.${propertyName(property)}`;
}
