import { readFile } from "node:fs/promises";

/** One end of an established TCP connection, as the kernel's table has it. */
export interface End {
  readonly local: number;
  readonly remote: number;
  /** What the system waits for: `02` is keep-alive, `00` nothing. */
  readonly timer: string;
}

/** The ends of the established connections (of IPv4) from or to a port. */
export async function ends(port: number): Promise<End[]> {
  const table = await readFile("/proc/net/tcp", "utf8");
  const found: End[] = [];
  for (const line of table.split("\n")) {
    const [, local = "", remote = "", state, , timer = ""] = line
      .trim()
      .split(/\s+/);
    if (state !== "01") continue;
    const end = {
      local: portOf(local),
      remote: portOf(remote),
      timer: timer.slice(0, 2),
    };
    if (end.local === port || end.remote === port) found.push(end);
  }
  return found;
}

function portOf(address: string): number {
  return Number.parseInt(address.split(":").at(-1) ?? "", 16);
}
