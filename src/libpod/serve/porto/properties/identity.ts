import { invalid } from "./kinds.ts";

/** Root by name and by number; of other users and groups the engine has no list. */
const ROOT_NAME = "root";
const ROOT_ID = "0";

const MAX_ID = 2 ** 32 - 1;

/** A user or group as a client may name it. @throws PortoError `InvalidValue` */
export function checkIdentity(name: string): string {
  const isName = /^[a-z_0-9][\w.-]*\$?$/i.test(name);
  if (!isName || (/^\d+$/.test(name) && Number(name) > MAX_ID))
    throw invalid(`Invalid user or group: ${name}`);
  return name;
}

/** By name where that is known. */
export function nameOf(identity: string): string {
  return identity === ROOT_ID ? ROOT_NAME : identity;
}

/** By number where that is known. */
export function idOf(identity: string): string {
  return identity === ROOT_NAME ? ROOT_ID : identity;
}

function numberOf(identity: string): number | undefined {
  const id = idOf(identity);
  return /^\d+$/.test(id) ? Number(id) : undefined;
}

/** Who a user and a group are, by name and by number as far as that is known. */
export function credOf(
  user: string,
  group: string,
): {
  readonly user: string;
  readonly uid: number | undefined;
  readonly group: string;
  readonly gid: number | undefined;
} {
  return {
    user: nameOf(user),
    uid: numberOf(user),
    group: nameOf(group),
    gid: numberOf(group),
  };
}
