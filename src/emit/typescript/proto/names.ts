import type { Method, Service, TypeDeclaration } from "../../../model/api.ts";
import { methodNames } from "../../../runtime/varlink/names.ts";
import { typeKey } from "../names.ts";
import { findInputVariants } from "./inputs.ts";

/** Names of what a generated envelope RPC has beside its messages. */
export interface EnvelopeNames {
  readonly client: string;
  readonly handlers: string;
  readonly service: string;
  readonly descriptor: string;
  readonly error: string;
}

/**
 * Names in generated code. All but those of properties are unique among the
 * exports, and no export has a name that is no identifier, or that TypeScript,
 * JavaScript or their compilers give a meaning of their own. A message's
 * interface and its codec share one name.
 */
export interface ProtoNames extends EnvelopeNames {
  /** A message or enum: `TGetResponse_TContainerGetListResponse`. */
  type(path: readonly string[]): string;
  /** A message as it may be given: `TGetResponseInput`, or {@link type} where that is the same. */
  input(path: readonly string[]): string;
  /** Whether {@link input} is another type than {@link type}. */
  differs(path: readonly string[]): boolean;
  /** The type of a `oneof`'s property: `TMessage_choice`. */
  oneof(path: readonly string[], name: string): string;
  /** The same as it may be given: where a message in it {@link differs}. */
  oneofInput(path: readonly string[], name: string): string;
  /** The interface of a method's types: `Create`. */
  method(method: Method): string;
  /** What a method is called as a property of clients and handlers: `create`. */
  property(method: Method): string;
}

/**
 * What JavaScript finds on every object: as a field's name it would be there
 * where the field is absent, and `__proto__` would be no field at all.
 */
const EVERY_OBJECT_HAS: ReadonlySet<string> = new Set(
  Object.getOwnPropertyNames(Object.prototype),
);

/**
 * The property of a field, a `oneof` or an enum's value: its name in the
 * interface file, with a `$` after it where every object has such a property.
 */
export function propertyName(name: string): string {
  return EVERY_OBJECT_HAS.has(name) ? `${name}$` : name;
}

/**
 * Words that cannot name both a type and a value: those of JavaScript in its
 * strict mode and in modules, TypeScript's own types and what stands before a
 * type, what its CommonJS output uses.
 */
const RESERVED: ReadonlySet<string> = new Set(
  `abstract any arguments as asserts await bigint boolean break case catch class
  const continue debugger default delete do else enum eval export exports extends
  false finally for function globalThis if implements import in infer instanceof
  interface intrinsic keyof let module never new null number object package
  private protected public readonly require return static string super switch
  symbol this throw true try type typeof undefined unique unknown var void while
  with yield Infinity NaN Object`.split(/\s+/),
);

/** Chooses what a type or value is called before others have taken the name. */
function exportName(name: string): string {
  // Compilers keep names with two underscores to themselves.
  return RESERVED.has(name) || name.startsWith("__") ? `${name}$` : name;
}

/**
 * Chooses the names. Messages and enums of the file come first, the outer before
 * the inner, then those of other files, then what we derive; one whose name is
 * taken gets a `$`, which is legal in no interface file, until it is free.
 *
 * @param label - What client and service are called by: `Porto`.
 */
export function chooseProtoNames(service: Service, label: string): ProtoNames {
  const taken = new Set<string>();
  const claim = (wanted: string): string => {
    let name = exportName(wanted);
    while (taken.has(name)) name += "$";
    taken.add(name);
    return name;
  };

  const types = new Map<string, string>();
  for (const type of byPrecedence(service)) {
    types.set(typeKey(type.path), claim(ownPath(type).join("_")));
  }

  const upper = capitalised(label);
  const lower = label.charAt(0).toLowerCase() + label.slice(1);
  const envelope: EnvelopeNames = {
    client: claim(`${upper}Client`),
    handlers: claim(`${upper}Handlers`),
    service: claim(`${lower}Service`),
    descriptor: claim(`${lower}Descriptor`),
    error: claim(`${upper}Error`),
  };
  const methods = new Map<string, string>();
  for (const { name } of service.methods)
    methods.set(name, claim(capitalised(name)));
  const properties = methodNames(
    service.methods.map(({ name }) => propertyName(name)),
  );

  const differing = findInputVariants(service);
  const inputs = new Map<string, string>();
  const oneofs = new Map<string, string>();
  const oneofInputs = new Map<string, string>();
  for (const type of service.types) {
    if (type.kind !== "struct") continue;
    const key = typeKey(type.path);
    const name = known(types, key);
    if (differing.has(key)) inputs.set(key, claim(`${name}Input`));
    for (const oneof of type.oneofs ?? []) {
      const oneofKey = typeKey([...type.path, oneof.name]);
      const oneofName = claim(`${name}_${oneof.name}`);
      oneofs.set(oneofKey, oneofName);
      const cases = type.fields.filter(
        ({ wire }) => wire?.oneof === oneof.name,
      );
      const differs = cases.some(
        (field) =>
          field.type.kind === "reference" &&
          differing.has(typeKey(field.type.path)),
      );
      oneofInputs.set(
        oneofKey,
        differs ? claim(`${oneofName}Input`) : oneofName,
      );
    }
  }

  return {
    ...envelope,
    type: (path) => known(types, typeKey(path)),
    input: (path) => inputs.get(typeKey(path)) ?? known(types, typeKey(path)),
    differs: (path) => differing.has(typeKey(path)),
    oneof: (path, name) => known(oneofs, typeKey([...path, name])),
    oneofInput: (path, name) => known(oneofInputs, typeKey([...path, name])),
    method: ({ name }) => known(methods, name),
    property: ({ name }) => known(properties, propertyName(name)),
  };
}

function known(map: ReadonlyMap<string, string>, key: string): string {
  const value = map.get(key);
  // `validateProto` has seen every reference.
  if (value === undefined) throw new Error(`no name was chosen for ${key}`);
  return value;
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The way to a type within its package. */
export function ownPath({
  path,
  package: scope = "",
}: TypeDeclaration): string[] {
  return path.slice(scope === "" ? 0 : scope.split(".").length);
}

/**
 * Types in the order in which they choose a name, so that `A_B` is the message
 * that is declared so, and `A_B$` the `B` inside of `A`.
 */
function byPrecedence(service: Service): TypeDeclaration[] {
  const [first] = service.types;
  const foreign = (type: TypeDeclaration): number =>
    type.package === first?.package ? 0 : 1;
  return service.types
    .map((type, index) => ({ type, index }))
    .toSorted(
      (left, right) =>
        foreign(left.type) - foreign(right.type) ||
        ownPath(left.type).length - ownPath(right.type).length ||
        left.index - right.index,
    )
    .map(({ type }) => type);
}
