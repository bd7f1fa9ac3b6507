import { readFileSync } from "node:fs";
import {
  type Database,
  readDatabase,
} from "../../../examples/userdb/database.ts";
import {
  userDatabase,
  type UserDatabaseOptions,
} from "../../../examples/userdb/service.ts";
import { userDatabaseService } from "../../../generated/io.systemd.UserDatabase/index.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { machineId, type System } from "./system.ts";

/** The users that `examples/userdb` comes with. */
export const staff: Database = readDatabase(
  readFileSync(
    new URL("../../../examples/userdb/staff.json", import.meta.url),
    "utf8",
  ),
);

/** A user database of ours that others ask. */
export interface ServedStaff extends AsyncDisposable {
  /** What the server reported, and what it takes for a mistake of a client. */
  readonly problems: readonly unknown[];
}

/** What is served, and how. */
export interface StaffOptions extends Partial<UserDatabaseOptions> {
  readonly database?: Database;
  /** The path of the socket, where it is not the service's own. */
  readonly path?: string;
}

/** Serves a database in a system, by the service of `examples/userdb`. */
export async function serveStaff(
  system: System,
  options: StaffOptions = {},
): Promise<ServedStaff> {
  const { database = staff, service = "io.example.Staff" } = options;
  const { path = system.socket(service), privileged = false } = options;
  const problems: unknown[] = [];
  const report = (error: unknown): void => void problems.push(error);
  const server = new VarlinkServer({
    vendor: "Portolan",
    product: "Users of a test",
    version: "1",
    url: "https://systemd.io/USER_GROUP_API",
    onError: report,
    onProtocolError: report,
  });
  const handlers = userDatabase(() => database, {
    service,
    machineId,
    privileged,
  });
  server.add(userDatabaseService(handlers));
  await server.listen(`unix:${path};mode=0666`);
  return { problems, [Symbol.asyncDispose]: () => server.close() };
}
