// The three methods of a user database, answered from what a file holds.
import { InvalidParameter, type Call } from "portolan/runtime";
import type { Json, JsonObject } from "portolan/codegen/v1";
import {
  BadService,
  ConflictingRecordFound,
  NoRecordFound,
  NonMatchingRecordFound,
  type UserDatabaseHandlers,
} from "../../generated/io.systemd.UserDatabase/index.ts";
import {
  type Database,
  type GroupRecord,
  isNumber,
  type Table,
  type UserRecord,
} from "./database.ts";

export interface UserDatabaseOptions {
  /** The name of the socket's file, by which clients say whom they ask. */
  readonly service: string;
  /** The ID of this machine, of `/etc/machine-id`: 32 hexadecimal digits. */
  readonly machineId: string;
  /**
   * Hand out the `privileged` parts of records too, with hashed passwords and SSH
   * keys. Who has connected cannot be asked of Node, so this is for sockets that
   * only root can open. Default `false`: the parts are left out, and records that
   * had one are marked as incomplete.
   */
  readonly privileged?: boolean;
}

/** What a record is looked for by, whatever it is a record of. */
interface Query {
  readonly name: string | null | undefined;
  readonly number: number | null | undefined;
  readonly fuzzyNames?: readonly string[] | null | undefined;
  readonly dispositionMask?: readonly string[] | null | undefined;
  readonly min: number | null | undefined;
  readonly max: number | null | undefined;
  readonly uuid?: string | null | undefined;
}

/** How a kind of record is read. */
interface Kind<T> {
  /** The parameter with the number, for errors. */
  readonly key: string;
  readonly number: (record: T) => number;
  /** What words are looked for in. */
  readonly names: (record: T) => readonly unknown[];
}

const users: Kind<UserRecord> = {
  key: "uid",
  number: ({ uid }) => uid,
  names: ({ userName, aliases = [], realName, emailAddress }) => [
    userName,
    ...aliases,
    realName,
    emailAddress,
  ],
};

const groups: Kind<GroupRecord> = {
  key: "gid",
  number: ({ gid }) => gid,
  names: ({ groupName, description }) => [groupName, description],
};

/** Answers from what `database` returns at each call, so that it can be read anew. */
export function userDatabase(
  database: () => Database,
  { service, machineId, privileged = false }: UserDatabaseOptions,
): UserDatabaseHandlers {
  const check = (asked: string): void => {
    if (asked !== service) throw new BadService();
  };
  // Clients take no record that does not say for this machine where it is from.
  const signed = (record: JsonObject): JsonObject => {
    const status = objectOf(record["status"]);
    const here = { ...objectOf(status[machineId]), service };
    return { ...record, status: { ...status, [machineId]: here } };
  };
  const show = (record: JsonObject) => {
    const { privileged: hidden, ...rest } = record;
    if (privileged || hidden === undefined) return { record: signed(record) };
    return { record: signed(rest), incomplete: true };
  };

  return {
    getUserRecord(input, call) {
      check(input.service);
      const { userName: name, uid: number, uidMin: min, uidMax: max } = input;
      const query = { ...input, name, number, min, max };
      return answer(find(database().users, users, query), query, call, show);
    },
    getGroupRecord(input, call) {
      check(input.service);
      const { groupName: name, gid: number, gidMin: min, gidMax: max } = input;
      const query = { ...input, name, number, min, max };
      return answer(find(database().groups, groups, query), query, call, show);
    },
    getMemberships({ userName, groupName, service: asked }, call) {
      check(asked);
      const found = database().memberships.filter(
        (one) =>
          one.userName === (userName ?? one.userName) &&
          one.groupName === (groupName ?? one.groupName),
      );
      const [only, ...others] = found;
      if (only === undefined) throw new NoRecordFound();
      // One reply fits into an ordinary call; more need `more`.
      return others.length === 0 ? only : call.stream(found);
    },
  };
}

/** One record for a look-up, a stream where nothing was looked up. */
function answer<T extends JsonObject, R>(
  found: readonly T[],
  { name, number }: Query,
  call: Call,
  show: (record: T) => R,
) {
  const [first] = found;
  if (first === undefined) throw new NoRecordFound();
  if (given(name) || given(number)) return show(first);
  // Its last item is marked as the last: to a reply behind it that is empty, as a
  // generator's end is, systemd's clients say that it lacks its record.
  return call.stream(found.map(show));
}

/**
 * The records that a query is for.
 *
 * @throws InvalidParameter for a number that none can have; ConflictingRecordFound
 * and NonMatchingRecordFound as the interface says.
 */
function find<T extends JsonObject>(
  { all, byName, byNumber }: Table<T>,
  kind: Kind<T>,
  query: Query,
): readonly T[] {
  const { name, number } = query;
  if (given(number) && !isNumber(number))
    throw new InvalidParameter({ parameter: kind.key });
  if (!given(name) && !given(number))
    return all.filter((record) => fits(record, kind, query));

  const named = given(name) ? byName.get(name) : undefined;
  const numbered = given(number) ? byNumber.get(number) : undefined;
  const record = named ?? numbered;
  if (record === undefined) return [];
  if (given(name) && given(number) && named !== numbered)
    throw new ConflictingRecordFound();
  if (!fits(record, kind, query)) throw new NonMatchingRecordFound();
  return [record];
}

/** Whether a record is among those that the narrowing parameters leave. */
function fits<T extends JsonObject>(
  record: T,
  kind: Kind<T>,
  { fuzzyNames, dispositionMask, min, max, uuid }: Query,
): boolean {
  const number = kind.number(record);
  return (
    (!given(min) || number >= min) &&
    (!given(max) || number <= max) &&
    (!given(uuid) || sameUuid(record["uuid"], uuid)) &&
    (!given(dispositionMask) ||
      dispositionMask.includes(dispositionOf(record, number))) &&
    (!given(fuzzyNames) ||
      fuzzyNames.some((word) =>
        kind.names(record).some((name) => contains(name, word)),
      ))
  );
}

function given<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

function objectOf(value: Json | undefined): JsonObject {
  const isObject = typeof value === "object" && value !== null;
  return isObject && !Array.isArray(value) ? (value as JsonObject) : {};
}

function contains(name: unknown, word: string): boolean {
  return (
    typeof name === "string" && name.toLowerCase().includes(word.toLowerCase())
  );
}

function sameUuid(one: unknown, other: string): boolean {
  return typeof one === "string" && digits(one) === digits(other);
}

/** UUIDs are written with dashes or without, in both cases. */
function digits(uuid: string): string {
  return uuid.replaceAll("-", "").toLowerCase();
}

/** What kind of user or group it is: as it says, or as systemd takes numbers to mean. */
function dispositionOf(record: JsonObject, number: number): string {
  const { disposition } = record;
  if (typeof disposition === "string") return disposition;
  if (number === 0 || number === 65_534) return "intrinsic";
  if (number <= 999) return "system";
  if (number >= 61_184 && number <= 65_519) return "dynamic";
  if (number >= 524_288 && number <= 1_879_048_191) return "container";
  return number > 0x7fff_ffff ? "reserved" : "regular";
}
