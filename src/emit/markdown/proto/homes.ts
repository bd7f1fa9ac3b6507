import type { Method, Service, TypeDeclaration } from "../../../model/api.ts";
import type { Uses } from "../../../model/uses.ts";

/** Which types a document shows with a command, and not among all others. */
export interface Homes {
  /** The command that a type is shown with. */
  readonly of: (path: readonly string[]) => Method | undefined;
  /** The types shown with a command: its request, its result, then what is declared in these. */
  readonly at: (method: Method) => readonly TypeDeclaration[];
}

/**
 * A message stands with its command where that alone uses it, so that a reader
 * has both in one place and nothing is said twice. What is declared inside such a
 * message goes with it, as long as nothing elsewhere refers to it.
 *
 * @param types - The types of the service, as the document arranges them.
 */
export function homesOf(
  service: Service,
  types: readonly TypeDeclaration[],
  uses: Uses,
): Homes {
  const owners = candidates(service, types, uses);
  dropShared(owners, types, service, uses);
  const shown = new Map<Method, TypeDeclaration[]>(
    service.methods.map((method) => [method, []]),
  );
  for (const type of types) {
    const owner = owners.get(keyOf(type.path));
    if (owner !== undefined) shown.get(owner)?.push(type);
  }
  return {
    of: (path) => owners.get(keyOf(path)),
    at: (method) =>
      (shown.get(method) ?? []).toSorted(
        (left, right) => rank(left, method) - rank(right, method),
      ),
  };
}

function rank({ path }: TypeDeclaration, { envelope }: Method): number {
  const key = keyOf(path);
  if (key === keyOf(envelope?.input ?? [])) return 0;
  return key === keyOf(envelope?.output ?? []) ? 1 : 2;
}

type Owners = Map<string, Method>;

/** The messages that one command takes or gives, and what is declared in them. */
function candidates(
  { envelope }: Service,
  types: readonly TypeDeclaration[],
  uses: Uses,
): Owners {
  const owners: Owners = new Map();
  if (envelope === undefined) return owners;
  const never = new Set(
    [envelope.request, envelope.response, envelope.error.enum].map(keyOf),
  );
  // Sorted by depth, each finds what is decided of the message around it.
  for (const { path } of types.toSorted(
    (left, right) => left.path.length - right.path.length,
  )) {
    const key = keyOf(path);
    if (never.has(key)) continue;
    const [user, ...others] = uses
      .ofType(path)
      .flatMap((use) => (use.kind === "method" ? [use.member] : []));
    if (others.length > 0) continue;
    const owner = user ?? owners.get(keyOf(path.slice(0, -1)));
    if (owner !== undefined) owners.set(key, owner);
  }
  return owners;
}

/** Takes away what something else uses, and then what that uses in its turn. */
function dropShared(
  owners: Owners,
  types: readonly TypeDeclaration[],
  { envelope }: Service,
  uses: Uses,
): void {
  const carriers = new Set(
    [envelope?.request ?? [], envelope?.response ?? []].map(keyOf),
  );
  const dependents = new Map<string, string[]>();
  const depend = (on: string, key: string): void => {
    const there = dependents.get(on);
    if (there === undefined) dependents.set(on, [key]);
    else there.push(key);
  };
  const shared = new Set<string>();
  for (const { path } of types) {
    const key = keyOf(path);
    const owner = owners.get(key);
    if (owner === undefined) continue;
    const around = keyOf(path.slice(0, -1));
    if (!isMessageOf(owner, key)) depend(around, key);
    for (const use of uses.ofType(path)) {
      if (use.kind === "error") continue;
      const user = use.kind === "type" ? keyOf(use.member.path) : "";
      if (use.kind === "method") {
        if (use.member !== owner) shared.add(key);
      } else if (carriers.has(user)) {
        if (use.fields.some((name) => name !== owner.name)) shared.add(key);
      } else if (owners.get(user) === owner) {
        depend(user, key);
      } else {
        shared.add(key);
      }
    }
  }
  // It grows while it is walked.
  for (const key of shared) {
    owners.delete(key);
    for (const next of dependents.get(key) ?? []) shared.add(next);
  }
}

function isMessageOf({ envelope }: Method, key: string): boolean {
  return [envelope?.input, envelope?.output].some(
    (path) => path !== undefined && keyOf(path) === key,
  );
}

function keyOf(path: readonly string[]): string {
  return path.join(".");
}
