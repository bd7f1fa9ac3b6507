import { readProto } from "../../../grammar/proto/read.ts";
import { DiagnosticCollector } from "../../../grammar/source/diagnostics.ts";
import { SourceText } from "../../../grammar/source/source-text.ts";
import type { Code } from "./all-codes.ts";
import { buildUnit } from "./build.ts";
import { clip } from "./names.ts";
import { ExtensionIndex, SymbolPool } from "./symbols.ts";
import type { Unit, UnitImport } from "./unit.ts";
import { wellKnownFile } from "./well-known.ts";

/** A file as a caller finds it for an import. */
export interface LoadedFile {
  /** Names it in messages. */
  readonly path: string;
  readonly text: string;
}

/**
 * Finds the file that an import names, `google/protobuf/any.proto`; undefined if
 * there is none. Where to look, and what must not be read, is the caller's.
 */
export type LoadFile = (importPath: string) => LoadedFile | undefined;

const descriptorPath = "google/protobuf/descriptor.proto";

/** Our own descriptor.proto, which nearly every file's options need: read once. */
let builtin: Workspace | undefined;

/** Files that are read together: each once, however many import it. */
export class Workspace {
  readonly #load: LoadFile;
  readonly #pool = new SymbolPool();
  readonly #extensions = new ExtensionIndex();
  readonly #units = new Map<string, Unit | undefined>();
  readonly #byPath = new Map<string, Unit>();
  readonly #state = new Map<Unit, "open" | "done">();

  constructor(load: LoadFile) {
    this.#load = load;
  }

  /** Reads a file whose text is at hand, and everything it imports. */
  add(name: string, file: LoadedFile): Unit {
    const unit = this.#read(name, file);
    this.#finish(unit);
    return unit;
  }

  /** Reads a file by the name that imports have for it. */
  import(name: string): Unit | undefined {
    const unit = this.#find(name);
    if (unit !== undefined) this.#finish(unit);
    return unit;
  }

  #find(name: string): Unit | undefined {
    if (this.#units.has(name)) return this.#units.get(name);
    const unit = this.#open(name);
    this.#units.set(name, unit);
    return unit;
  }

  #open(name: string): Unit | undefined {
    const loaded = this.#load(name);
    if (loaded !== undefined) {
      // The same file by another name would declare everything twice.
      return this.#byPath.get(loaded.path) ?? this.#read(name, loaded);
    }
    const text = wellKnownFile(name);
    if (text === undefined) return undefined;
    if (name !== descriptorPath) return this.#read(name, { path: name, text });
    if (builtin === undefined) {
      builtin = new Workspace(() => undefined);
      builtin.add(name, { path: name, text });
    }
    return this.#adopt(name, builtin);
  }

  #adopt(name: string, other: Workspace): Unit | undefined {
    this.#pool.adopt(other.#pool);
    const unit = other.#units.get(name);
    if (unit !== undefined) this.#state.set(unit, "done");
    return unit;
  }

  #read(name: string, { path, text }: LoadedFile): Unit {
    const source = new SourceText(path, text);
    const problems = new DiagnosticCollector<Code>();
    const ast = readProto(source, problems);
    const imports = ast.items
      .filter((item) => item.kind === "import")
      .map((node) => ({
        node,
        path: new TextDecoder().decode(node.path.bytes),
        unit: undefined,
      }));
    const unit: Unit = {
      name,
      source,
      ast,
      problems,
      imports,
      draft: undefined,
      isRight: false,
    };
    this.#units.set(name, unit);
    this.#byPath.set(path, unit);
    return unit;
  }

  /** Imported files first, without recursion: chains of imports can be long. */
  #finish(root: Unit): void {
    if (this.#state.has(root)) return;
    const stack: { readonly unit: Unit; next: number }[] = [];
    const enter = (unit: Unit): void => {
      this.#state.set(unit, "open");
      stack.push({ unit, next: 0 });
    };
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { unit } = top;
      const one = unit.imports[top.next];
      top.next += 1;
      if (one === undefined) {
        stack.pop();
        buildUnit(unit, {
          pool: this.#pool,
          extensions: this.#extensions,
          descriptor: (forUnit) => this.#descriptor(forUnit),
        });
        this.#state.set(unit, "done");
        continue;
      }
      // A missing path was told of.
      const found = one.path === "" ? undefined : this.#find(one.path);
      if (found === undefined) tellMissing(unit, one);
      else if (this.#state.get(found) === "open")
        tellCycle(
          unit,
          one,
          found,
          stack.map((each) => each.unit),
        );
      else {
        one.unit = found;
        if (!this.#state.has(found)) enter(found);
      }
    }
  }

  /** The file that says which options there are: the project's own, or ours. */
  #descriptor(forUnit: Unit): Unit["draft"] {
    if (forUnit.name === descriptorPath) return forUnit.draft;
    return this.import(descriptorPath)?.draft;
  }
}

function tellMissing({ problems }: Unit, { node, path }: UnitImport): void {
  if (path === "") return;
  problems.error("proto/import-not-found", node.path.span, () => ({
    message: `there is no file \`${clip(path)}\``,
    help: "imports are looked for in the folders of `-I DIR` (`--proto-path`), or without any beside the file that is read first",
  }));
}

function tellCycle(
  { problems }: Unit,
  { node }: UnitImport,
  found: Unit,
  stack: readonly Unit[],
): void {
  problems.error("proto/import-cycle", node.path.span, () => {
    const way = stack.slice(stack.indexOf(found));
    const names = [...way.slice(0, 8), found].map(({ name }) => clip(name));
    return way.length === 1
      ? { message: "the file imports itself" }
      : {
          message: "the file imports itself by way of others",
          help: `the way is ${names.join(" → ")}`,
        };
  });
}
