// Users and groups of a JSON file, known to the whole system: what `userdbctl`, `getent`,
// `id`, `ls -l` and sshd ask for, by systemd's interface for user databases.
//
// In a clone, after `npm ci && npm run build`, as root:
//
//     node --import tsx examples/userdb/main.ts examples/userdb/staff.json
//     userdbctl user ada
//
// ADDRESS is unix:/run/systemd/userdb/NAME, where NAME is the name of the service; the
// default is the socket that systemd has started this with (ListenStream=, SocketMode=0666),
// else unix:/run/systemd/userdb/io.example.Staff;mode=0666. `--privileged` hands out hashed
// passwords and SSH keys too, and is for a socket that only root can open.
// SIGHUP reads the file anew.
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  activatedEndpoints,
  parseAddress,
  PortolanError,
  VarlinkServer,
} from "portolan/runtime";
import { userDatabaseService } from "../../generated/io.systemd.UserDatabase/index.ts";
import { command } from "../command.ts";
import { plain } from "../table.ts";
import { readDatabase } from "./database.ts";
import { userDatabase } from "./service.ts";

const STAFF = "unix:/run/systemd/userdb/io.example.Staff;mode=0666";

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new PortolanError("INVALID_INPUT", String(error), { cause: error });
  }
}

await command(
  "userdb/main.ts FILE [ADDRESS] [--privileged]",
  ["privileged"],
  async (given) => {
    const [file, address] = given.words;
    if (file === undefined)
      throw new PortolanError("INVALID_INPUT", "which FILE has the users?");
    let database = readDatabase(read(file));
    process.on("SIGHUP", () => {
      try {
        database = readDatabase(read(file));
      } catch (error) {
        // What was read before is better than nothing.
        process.stderr.write(`${plain(String(error))}\n`);
      }
    });

    const server = new VarlinkServer({
      vendor: "Portolan",
      product: "Users from a file",
      version: "1",
      url: "https://systemd.io/USER_GROUP_API",
    });
    const [passed] = address === undefined ? activatedEndpoints() : [];
    const endpoint = passed ?? parseAddress(address ?? STAFF);
    const service = path.basename(endpoint.address);
    server.add(
      userDatabaseService(
        userDatabase(() => database, {
          service,
          machineId: read("/etc/machine-id").trim(),
          privileged: given.has("privileged"),
        }),
      ),
    );
    const listener = await server.listen(endpoint);
    process.stdout.write(`${service} listens at ${listener.address}\n`);
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => void server.close());
  },
);
