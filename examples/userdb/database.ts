// Users and groups from a JSON file: read, checked, and found again.
import type { JsonObject } from "portolan/codegen/v1";
import { PortolanError } from "portolan/runtime";

/** A user as `https://systemd.io/USER_RECORD/` has it; what is not named here goes through as it is. */
export interface UserRecord extends JsonObject {
  readonly userName: string;
  readonly uid: number;
  readonly aliases?: readonly string[];
  /** Groups besides the user's own. */
  readonly memberOf?: readonly string[];
}

/** A group as `https://systemd.io/GROUP_RECORD/` has it. */
export interface GroupRecord extends JsonObject {
  readonly groupName: string;
  readonly gid: number;
  readonly members?: readonly string[];
}

/** A user in a group that is not the user's own. */
export interface Membership {
  readonly userName: string;
  readonly groupName: string;
}

/** What a file holds, in its order. */
export interface Database {
  readonly users: Table<UserRecord>;
  readonly groups: Table<GroupRecord>;
  readonly memberships: readonly Membership[];
}

/** Records of one kind, to be found by name (aliases are names too) and number. */
export interface Table<T> {
  readonly all: readonly T[];
  readonly byName: ReadonlyMap<string, T>;
  readonly byNumber: ReadonlyMap<number, T>;
}

/**
 * Reads `{ "users": [ … ], "groups": [ … ] }`.
 *
 * @throws PortolanError `INVALID_INPUT` for what no service should hand out: no
 * JSON, a name or number that is none or that two have, lists of something else
 * than names, integers that JavaScript does not hold exactly.
 */
export function readDatabase(text: string): Database {
  const file = parse(text);
  const users = tableOf<UserRecord>(file, "users", "userName", "uid");
  const groups = tableOf<GroupRecord>(file, "groups", "groupName", "gid");
  const memberships = [
    ...users.all.flatMap(({ userName, memberOf = [] }) =>
      memberOf.map((groupName) => ({ userName, groupName })),
    ),
    ...groups.all.flatMap(({ groupName, members = [] }) =>
      members.map((userName) => ({ userName, groupName })),
    ),
  ];
  // Both sides may tell of the same membership. No name has a colon in it.
  const once = new Map(
    memberships.map((one) => [`${one.userName}:${one.groupName}`, one]),
  );
  return { users, groups, memberships: [...once.values()] };
}

function parse(text: string): JsonObject {
  let file: unknown;
  try {
    file = JSON.parse(text, (name, value: unknown) => {
      if (typeof value === "number" && isRounded(value))
        throw refusal(`"${name}" is more than JavaScript can hold exactly`);
      return value;
    });
  } catch (error) {
    if (PortolanError.is(error)) throw error;
    throw refusal(String(error), error);
  }
  if (!isObject(file)) throw refusal("there is no object in it");
  return file;
}

function tableOf<T extends JsonObject>(
  file: JsonObject,
  list: string,
  nameKey: string,
  numberKey: string,
): Table<T> {
  const records = file[list] ?? [];
  if (!Array.isArray(records)) throw refusal(`"${list}" is no list`);
  const byName = new Map<string, T>();
  const byNumber = new Map<number, T>();
  for (const [index, record] of (records as unknown[]).entries()) {
    const place = `${list}[${index}]`;
    if (!isObject(record)) throw refusal(`${place} is no object`);
    const { [nameKey]: name, [numberKey]: number } = record;
    if (!isName(name)) throw refusal(`${place} has no "${nameKey}"`);
    if (!isNumber(number)) throw refusal(`${place} has no "${numberKey}"`);
    for (const key of ["aliases", "memberOf", "members"]) {
      const names = record[key] ?? [];
      if (!Array.isArray(names) || !names.every(isName))
        throw refusal(`"${key}" of ${place} is no list of names`);
    }
    for (const one of [name, ...((record["aliases"] ?? []) as string[])]) {
      if (byName.has(one)) throw refusal(`two of ${list} are named ${one}`);
      byName.set(one, record as T);
    }
    if (byNumber.has(number))
      throw refusal(`two of ${list} have the number ${number}`);
    byNumber.set(number, record as T);
  }
  return { all: [...byNumber.values()], byName, byNumber };
}

/** Names that every program takes; systemd's own rule is wider. */
function isName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z_][\w-]{0,30}$/.test(value);
}

/** Whether a value is a UID or GID. 65535 and 4294967295 say that there is none. */
export function isNumber(value: unknown): value is number {
  return (
    typeof value === "number" &&
    Number.isInteger(value) &&
    value >= 0 &&
    value < 0xffff_ffff &&
    value !== 0xffff
  );
}

function isRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(what: string, cause?: unknown): PortolanError {
  return new PortolanError(
    "INVALID_INPUT",
    `these are no users and groups: ${what}`,
    { cause },
  );
}
