import type { Span } from "../../../grammar/source/span.ts";
import type {
  EnumDraft,
  EnumValueDraft,
  FieldDraft,
  FileDraft,
  MessageDraft,
  OneofDraft,
  RpcDraft,
  ServiceDraft,
} from "./drafts.ts";

/** What a full name means. */
export type Symbol = {
  readonly fullName: string;
  readonly file: FileDraft;
  /** Of the name in its declaration. */
  readonly span: Span;
} & (
  | { readonly kind: "message"; readonly of: MessageDraft }
  | { readonly kind: "enum"; readonly of: EnumDraft }
  | { readonly kind: "enum value"; readonly of: EnumValueDraft }
  | { readonly kind: "field"; readonly of: FieldDraft }
  | { readonly kind: "extension"; readonly of: FieldDraft }
  | { readonly kind: "oneof"; readonly of: OneofDraft }
  | { readonly kind: "service"; readonly of: ServiceDraft }
  | { readonly kind: "method"; readonly of: RpcDraft }
);

/** A name can also mean a package, of which several files may be. */
export type Found = Symbol | { readonly kind: "package" };

/**
 * Every name of the files that are read together. Files that do not import each
 * other may declare the same one, so a name has a list.
 */
export class SymbolPool {
  readonly #symbols = new Map<string, Symbol | Symbol[]>();
  readonly #packages = new Map<string, Set<FileDraft>>();
  readonly #clashes = new Map<FileDraft, Map<FileDraft, string>>();

  /** Enters a file's package and those around it. */
  addPackage(file: FileDraft): void {
    for (let name = file.package; name !== ""; name = parentOf(name)) {
      const files = this.#packages.get(name);
      if (files === undefined) this.#packages.set(name, new Set([file]));
      else files.add(file);
      for (const other of this.all(name))
        if (other.file !== file) this.#clash(file, other.file, name);
    }
  }

  /** @returns the symbol of the same file that has the name already. */
  add(symbol: Symbol): Symbol | undefined {
    const { fullName, file } = symbol;
    for (const other of this.#packages.get(fullName) ?? [])
      if (other !== file) this.#clash(file, other, fullName);
    const there = this.#symbols.get(fullName);
    if (there === undefined) {
      this.#symbols.set(fullName, symbol);
      return undefined;
    }
    const all = Array.isArray(there) ? there : [there];
    const same = all.find((one) => one.file === file);
    if (same !== undefined) return same;
    this.#symbols.set(fullName, [...all, symbol]);
    for (const other of all) this.#clash(symbol.file, other.file, fullName);
    return undefined;
  }

  /** One name for each pair of files says enough. */
  #clash(file: FileDraft, other: FileDraft, fullName: string): void {
    const clashes = this.#clashes.get(file);
    if (clashes === undefined)
      this.#clashes.set(file, new Map([[other, fullName]]));
    else if (!clashes.has(other)) clashes.set(other, fullName);
  }

  get hasClashes(): boolean {
    return this.#clashes.size > 0;
  }

  /** Files read before that declare a name of this one, with the first such name. */
  clashes(file: FileDraft): ReadonlyMap<FileDraft, string> {
    return this.#clashes.get(file) ?? new Map<FileDraft, string>();
  }

  /** Enters what another pool has, of files that are kept. */
  adopt(other: SymbolPool): void {
    for (const files of other.#packages.values())
      for (const file of files) this.addPackage(file);
    for (const name of other.names())
      for (const symbol of other.all(name)) this.add(symbol);
  }

  all(fullName: string): readonly Symbol[] {
    const there = this.#symbols.get(fullName);
    if (there === undefined) return [];
    return Array.isArray(there) ? there : [there];
  }

  find(fullName: string, visible: ReadonlySet<FileDraft>): Symbol | undefined {
    const there = this.#symbols.get(fullName);
    if (there === undefined) return undefined;
    if (Array.isArray(there))
      return there.find(({ file }) => visible.has(file));
    return visible.has(there.file) ? there : undefined;
  }

  names(): Iterable<string> {
    return this.#symbols.keys();
  }
}

/** A name that was looked up and not found, with why. */
export type NotFound =
  | { readonly kind: "undefined" }
  /** Declared in a file that cannot be seen from here. */
  | { readonly kind: "not-imported"; readonly symbol: Symbol }
  /** Its first part was found nearer, and the rest is not there. */
  | { readonly kind: "shadowed"; readonly resolved: string };

/** Which symbols end a search for a simple name: for types, others are passed over. */
export type Wanted = "types" | "all";

/**
 * What one file can see: its own names, those of files it imports, and of those
 * that these import publicly.
 */
export class Scope {
  readonly #pool: SymbolPool;
  readonly #visible: ReadonlySet<FileDraft>;
  readonly #packages = new Set<string>();
  /** Files of which a name was found. */
  readonly used: Set<FileDraft> = new Set<FileDraft>();

  constructor(pool: SymbolPool, visible: ReadonlySet<FileDraft>) {
    this.#pool = pool;
    this.#visible = visible;
    for (const file of visible) {
      let name = file.package;
      // Once a package is there, so are those around it.
      while (name !== "" && !this.#packages.has(name)) {
        this.#packages.add(name);
        name = parentOf(name);
      }
    }
  }

  exact(fullName: string): Found | undefined {
    const symbol = this.#pool.find(fullName, this.#visible);
    if (symbol !== undefined) {
      this.used.add(symbol.file);
      return symbol;
    }
    return this.#packages.has(fullName) ? { kind: "package" } : undefined;
  }

  /**
   * Finds what a name means at a place, as protoc does (`LookupSymbol` in
   * descriptor.cc): the innermost scope that has the name's first part decides,
   * even if the rest is not there.
   *
   * @param from Full name of what the name stands in; its parent is the first scope.
   */
  lookup(name: string, from: string, wanted: Wanted): Found | NotFound {
    if (name.startsWith(".")) return this.#missing(name.slice(1), "");
    const dot = name.indexOf(".");
    const first = dot < 0 ? name : name.slice(0, dot);
    for (let scope = from; scope !== "";) {
      scope = parentOf(scope);
      const prefix = scope === "" ? "" : `${scope}.`;
      const found = this.exact(prefix + first);
      if (found === undefined) continue;
      if (dot < 0) {
        if (wanted === "all" || isType(found)) return found;
      } else if (isAggregate(found)) {
        const resolved = prefix + name;
        return this.exact(resolved) ?? this.#shadowed(resolved);
      }
    }
    return this.#missing(name, from);
  }

  #missing(name: string, from: string): Found | NotFound {
    const found = from === "" ? this.exact(name) : undefined;
    if (found !== undefined) return found;
    for (let scope = from; ; scope = parentOf(scope)) {
      const full = scope === "" ? name : `${scope}.${name}`;
      // Passed over before: what is wanted is a type.
      const passed = this.exact(full);
      if (passed !== undefined) return passed;
      const [symbol] = this.#pool.all(full);
      if (symbol !== undefined) return { kind: "not-imported", symbol };
      if (scope === "") return { kind: "undefined" };
    }
  }

  /** Not to be found by its first part; perhaps only for want of an import. */
  #shadowed(resolved: string): NotFound {
    const [symbol] = this.#pool.all(resolved);
    if (symbol !== undefined) return { kind: "not-imported", symbol };
    return { kind: "shadowed", resolved };
  }

  /** Full names that may have been meant, types of this file's reach. */
  *candidates(): Generator<string> {
    let left = 2000;
    for (const name of this.#pool.names()) {
      const symbol = this.#pool.find(name, this.#visible);
      if (symbol === undefined || !isType(symbol)) continue;
      if (left-- === 0) return;
      yield name;
    }
  }
}

/** `a.b.c` is in `a.b`. */
export function parentOf(fullName: string): string {
  return fullName.slice(0, Math.max(fullName.lastIndexOf("."), 0));
}

function isType({ kind }: Found): boolean {
  return kind === "message" || kind === "enum";
}

function isAggregate(found: Found): boolean {
  const { kind } = found;
  return isType(found) || kind === "package" || kind === "service";
}

export function isFound(result: Found | NotFound): result is Found {
  return (
    result.kind !== "undefined" &&
    result.kind !== "not-imported" &&
    result.kind !== "shadowed"
  );
}

interface IndexedExtension {
  readonly of: FieldDraft;
  readonly file: FileDraft;
}

/** The extensions of messages by their numbers. */
export class ExtensionIndex {
  readonly #byNumber = new Map<unknown, Map<number, IndexedExtension[]>>();

  add(of: FieldDraft, file: FileDraft): void {
    const { extendee, number } = of;
    if (extendee === undefined) return;
    let numbers = this.#byNumber.get(extendee);
    if (numbers === undefined) {
      numbers = new Map<number, IndexedExtension[]>();
      this.#byNumber.set(extendee, numbers);
    }
    const there = numbers.get(number);
    if (there === undefined) numbers.set(number, [{ of, file }]);
    else there.push({ of, file });
  }

  /** Those of the same number that were there before. */
  others(extendee: unknown, of: FieldDraft): readonly IndexedExtension[] {
    const there = this.#byNumber.get(extendee)?.get(of.number) ?? [];
    const index = there.findIndex((one) => one.of === of);
    return index < 0 ? there : there.slice(0, index);
  }
}
