import type {
  Method,
  Service,
  StructDeclaration,
  TypeDeclaration,
} from "../../../model/api.ts";
import { type Uses, usesOf } from "../../../model/uses.ts";
import { typesOf } from "../notation.ts";
import type { Place } from "../service-view.ts";
import { type Homes, homesOf } from "./homes.ts";
import { namesOf, type ProtoNames } from "./names.ts";

/** What all parts of a document share. */
export interface ProtoContext {
  readonly service: Service;
  readonly place: Place;
  readonly names: ProtoNames;
  readonly find: (path: readonly string[]) => TypeDeclaration | undefined;
  readonly uses: Uses;
  readonly homes: Homes;
  /** Commands and types as the document arranges them. */
  readonly methods: readonly Method[];
  readonly types: readonly TypeDeclaration[];
}

/** Arranges members, which are given with the names they are shown by. */
export type Order = <T extends { readonly shown: string }>(
  members: readonly T[],
) => readonly T[];

/** Finds out what the parts of a document share. */
export function contextOf(
  service: Service,
  place: Place,
  order: Order,
): ProtoContext {
  const names = namesOf(service, place.prefix);
  const arrange = <T>(
    members: readonly T[],
    name: (member: T) => string,
  ): T[] =>
    order(members.map((member) => ({ member, shown: name(member) }))).map(
      ({ member }) => member,
    );
  const types = arrange(service.types, ({ path }) => names.type(path));
  const uses = usesOf(service);
  return {
    service,
    place,
    names,
    find: typesOf(service),
    uses,
    homes: homesOf(service, types, uses),
    methods: arrange(service.methods, ({ name }) => name),
    types,
  };
}

/** The message at a path. */
export function structAt(
  path: readonly string[],
  { find }: ProtoContext,
): StructDeclaration | undefined {
  const found = find(path);
  return found?.kind === "struct" ? found : undefined;
}
