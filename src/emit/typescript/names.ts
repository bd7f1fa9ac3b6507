import type {
  ErrorDeclaration,
  Method,
  Service,
  TypeDeclaration,
} from "../../model/api.ts";

/** How a type is identified: `Version`, `Test06.input.struct`. */
export function typeKey(path: readonly string[]): string {
  return path.join(".");
}

/** The names of what is generated for one method. */
export interface MethodNames {
  /** The interface that ties them together. */
  readonly method: string;
  readonly input: string;
  readonly output: string;
  /** Used where a server sees another input than the client sends. */
  readonly parameters: string;
  /** Used where a server sends another output than the client reads. */
  readonly reply: string;
}

/** Every name that the generated files export, each of them unique. */
export interface Names {
  readonly client: string;
  readonly handlers: string;
  readonly service: string;
  readonly descriptor: string;
  /** What a declared member is called, for links in docs. */
  member(wireName: string): string | undefined;
  type(path: readonly string[]): string;
  /** A struct as a client sends it, where that differs. */
  inputVariant(path: readonly string[]): string;
  /** A struct as a client reads it, where that differs. */
  outputVariant(path: readonly string[]): string;
  method(method: Method): MethodNames;
  error(error: ErrorDeclaration): {
    readonly error: string;
    readonly parameters: string;
  };
}

/**
 * Values that must not be called as they are: TypeScript's CommonJS output
 * itself uses `Object` at the top of every file.
 */
const RESERVED_VALUES: ReadonlySet<string> = new Set(["Object"]);

/**
 * Chooses the names. Declared members come first and keep theirs; whatever we
 * derive gets a `$`, which is legal in no interface, until it is free.
 */
export function chooseNames(service: Service, label: string): Names {
  const taken = new Set<string>();
  const claim = (wanted: string): string => {
    let name = wanted;
    while (taken.has(name)) name += "$";
    taken.add(name);
    return name;
  };

  const members = new Map<string, string>();
  for (const member of service.members) {
    const isValue = member.kind === "error" || member.kind === "enum";
    const wanted =
      isValue && RESERVED_VALUES.has(member.name)
        ? `${member.name}$`
        : member.name;
    members.set(member.name, claim(wanted));
  }

  const upper = label.charAt(0).toUpperCase() + label.slice(1);
  const lower = label.charAt(0).toLowerCase() + label.slice(1);
  const client = claim(`${upper}Client`);
  const handlers = claim(`${upper}Handlers`);
  const serviceName = claim(`${lower}Service`);
  const descriptor = claim(`${lower}Descriptor`);

  const methods = new Map<string, MethodNames>();
  for (const { name } of service.methods) {
    methods.set(name, {
      method: known(members, name),
      input: claim(`${name}Input`),
      output: claim(`${name}Output`),
      parameters: claim(`${name}Parameters`),
      reply: claim(`${name}Reply`),
    });
  }
  const errors = new Map<
    string,
    { readonly error: string; readonly parameters: string }
  >();
  for (const { name } of service.errors) {
    errors.set(name, {
      error: known(members, name),
      parameters: claim(`${name}Parameters`),
    });
  }
  const types = new Map<string, string>();
  for (const type of service.types) {
    types.set(
      typeKey(type.path),
      type.inline ? claim(inlineName(type)) : known(members, type.name),
    );
  }
  const inputs = new Map<string, string>();
  const outputs = new Map<string, string>();
  for (const type of service.types) {
    if (type.kind === "enum") continue;
    const name = known(types, typeKey(type.path));
    inputs.set(typeKey(type.path), claim(`${name}Input`));
    outputs.set(typeKey(type.path), claim(`${name}Output`));
  }

  return {
    client,
    handlers,
    service: serviceName,
    descriptor,
    member: (wireName) => members.get(wireName),
    type: (path) => known(types, typeKey(path)),
    inputVariant: (path) => known(inputs, typeKey(path)),
    outputVariant: (path) => known(outputs, typeKey(path)),
    method: (method) => known(methods, method.name),
    error: (error) => known(errors, error.name),
  };
}

function known<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  // `validate` has seen every reference.
  if (value === undefined) throw new Error(`no name was chosen for ${key}`);
  return value;
}

/** `Test06.input.struct` is `Test06InputStruct`. */
function inlineName(type: TypeDeclaration): string {
  return type.path.map(pascalCase).join("");
}

/** Words begin upper-case and are joined: `get_version` is `GetVersion`, `foo-bar` is `FooBar`. */
function pascalCase(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** The name that client and service go by when no other is given: the last label, `Podman` of `io.podman`. */
export function defaultLabel(interfaceName: string): string {
  const label = pascalCase(
    interfaceName.slice(interfaceName.lastIndexOf(".") + 1),
  );
  return /^[0-9]/.test(label) ? `_${label}` : label;
}
