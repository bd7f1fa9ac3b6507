import type {
  Field,
  Service,
  Struct,
  StructDeclaration,
  TypeDeclaration,
} from "../../model/api.ts";
import { isNullable } from "./descriptor.ts";
import { typeKey } from "./names.ts";
import { referenceOf } from "../../model/references.ts";
import { Zeros } from "./zeros.ts";

/**
 * Which structs need more than one TypeScript type. The base type is exact,
 * with closed enums. As a client reads it, an enum may hold values that a newer
 * peer has added; as a client sends it to a peer that takes partial inputs,
 * what has a zero value may be left out.
 */
export interface Variants {
  /** Whether a client reads this struct otherwise than a server writes it. */
  isOpen(struct: Struct): boolean;
  /** Whether a client may send this struct with less than a server sees. */
  isPartial(struct: Struct): boolean;
  /** Whether a client may leave out a field that is not nullable. */
  mayBeLeftOut(field: Field): boolean;
  /** Structs that need a type of their own as a client reads them. */
  readonly open: ReadonlySet<TypeDeclaration>;
  /** Structs that need a type of their own as a client sends them. */
  readonly partial: ReadonlySet<TypeDeclaration>;
}

/** Works out the variants; recursive types are ordinary. */
export function findVariants(
  service: Service,
  inputs: "exact" | "partial",
): Variants {
  const types = new Map(
    service.types.map((type) => [typeKey(type.path), type]),
  );
  const structs = service.types.filter((type) => type.kind === "struct");
  const known = new Map<Struct, readonly TypeDeclaration[]>();
  const referred = (struct: Struct): readonly TypeDeclaration[] => {
    let found = known.get(struct);
    if (found === undefined) {
      found = struct.fields.flatMap(
        ({ type }) => types.get(typeKey(referenceOf(type) ?? [])) ?? [],
      );
      known.set(struct, found);
    }
    return found;
  };

  const partial = inputs === "partial";
  const zeros = new Zeros(structs);
  const mayBeLeftOut = ({ type }: Field): boolean => zeros.has(type);

  const containsEnum = closure(structs, referred, (struct) =>
    referred(struct).some(({ kind }) => kind === "enum"),
  );
  const isOpen = (struct: Struct): boolean =>
    referred(struct).some(
      (type) => type.kind === "enum" || containsEnum.has(type),
    );
  const hasOptional = (struct: Struct): boolean =>
    struct.fields.some((field) => !isNullable(field) && mayBeLeftOut(field));
  const optionalSomewhere = closure(structs, referred, hasOptional);
  const isPartial = (struct: Struct): boolean =>
    partial &&
    (hasOptional(struct) ||
      referred(struct).some((type) => optionalSomewhere.has(type)));

  const read = reachable(
    [...service.methods.map(({ output }) => output), ...service.errors],
    referred,
  );
  const sent = reachable(
    service.methods.map(({ input }) => input),
    referred,
  );
  return {
    isOpen,
    isPartial,
    mayBeLeftOut: (field) => partial && mayBeLeftOut(field),
    open: intersection(read, containsEnum),
    partial: partial ? intersection(sent, optionalSomewhere) : new Set(),
  };
}

/** The structs that a rule holds for, and those that refer to one of these. */
function closure(
  structs: readonly StructDeclaration[],
  referred: (struct: Struct) => readonly TypeDeclaration[],
  rule: (struct: StructDeclaration) => boolean,
): ReadonlySet<TypeDeclaration> {
  const referring = new Map<TypeDeclaration, StructDeclaration[]>();
  for (const struct of structs) {
    for (const type of referred(struct)) {
      const others = referring.get(type);
      if (others === undefined) referring.set(type, [struct]);
      else others.push(struct);
    }
  }
  const found = new Set<TypeDeclaration>(structs.filter(rule));
  // A set takes in what is added while it is gone through.
  for (const type of found)
    for (const struct of referring.get(type) ?? []) found.add(struct);
  return found;
}

function reachable(
  from: readonly Struct[],
  referred: (struct: Struct) => readonly TypeDeclaration[],
): ReadonlySet<TypeDeclaration> {
  const found = new Set<TypeDeclaration>();
  const queue = from.flatMap(referred);
  for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
    if (found.has(type)) continue;
    found.add(type);
    if (type.kind === "struct") queue.push(...referred(type));
  }
  return found;
}

function intersection<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a].filter((item) => b.has(item)));
}
