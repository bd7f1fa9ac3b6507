/** Who is measured in a scenario, and beside whom. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Work } from "../contract.ts";
import type { Cell } from "./figures.ts";
import type { Programs } from "./prepare.ts";
import {
  sampleClient,
  sampleGoClient,
  type Server,
  startGoServer,
  startServer,
  type Starting,
} from "./process.ts";
import { exactly, type Scenario } from "./scenarios.ts";

type Start = (address: string) => Promise<Server>;

/** Makes cells of scenarios. */
export class Contenders {
  readonly #programs: Programs;
  readonly #how: Starting;
  readonly #folder: string = mkdtempSync(
    path.join(tmpdir(), "portolan-bench-"),
  );
  #sockets = 0;

  constructor(programs: Programs, how: Starting) {
    this.#programs = programs;
    this.#how = how;
    process.on("exit", () => rmSync(this.#folder, { recursive: true }));
  }

  /** The first is what the others are compared with. */
  cells({ part }: Scenario, work: Work): readonly Cell[] {
    const { floor, ours, exact } = this.#programs;
    if (part === "exact")
      return [
        this.#cell("number", this.#ours(ours.server), ours.client, work),
        this.#cell(
          "bigint",
          this.#ours(exact.server),
          exact.client,
          exactly(work),
        ),
      ];
    if (part === "go") return this.#beside(work);
    if (part === "certification") return this.#certification(work);
    return [
      this.#cell("floor", this.#floor, floor.client, work),
      this.#cell("ours", this.#ours(ours.server), ours.client, work),
    ];
  }

  readonly #floor: Start = (address) =>
    startServer(this.#programs.floor.server, [address], this.#how);

  readonly #go: Start = (address) => startGoServer(address, this.#how);

  /** @param flags Which interface it serves: that of the benchmark without. */
  #ours(program: string, ...flags: readonly string[]): Start {
    return (address) => startServer(program, [address, ...flags], this.#how);
  }

  #servers(): readonly (readonly [string, Start])[] {
    return [
      ["floor", this.#floor],
      ["ours", this.#ours(this.#programs.ours.server, "--certification")],
      ["Go", this.#go],
    ];
  }

  /** Both clients against all servers. */
  #beside(work: Work): readonly Cell[] {
    const { floor, ours } = this.#programs;
    return this.#servers().flatMap(([name, start]) => [
      this.#cell(`floor → ${name}`, start, floor.client, work),
      this.#cell(`ours → ${name}`, start, ours.client, work),
    ]);
  }

  #certification(work: Work): readonly Cell[] {
    if (work.kind !== "runs") throw new Error("Go's client runs, or does not");
    return this.#servers().map(([name, start]) => ({
      name: `Go → ${name}`,
      sample: () =>
        this.#serving(start, (server, address) =>
          sampleGoClient(server, address, work, this.#how),
        ),
    }));
  }

  #cell(name: string, start: Start, client: string, work: Work): Cell {
    return {
      name,
      sample: () =>
        this.#serving(start, (server, address) =>
          sampleClient(server, client, address, work, this.#how),
        ),
    };
  }

  /** A fresh server for each. */
  async #serving<T>(
    start: Start,
    use: (server: Server, address: string) => Promise<T>,
  ): Promise<T> {
    this.#sockets += 1;
    const address = `unix:${path.join(this.#folder, `${this.#sockets}.sock`)}`;
    const server = await start(address);
    try {
      return await use(server, address);
    } finally {
      await server.stop();
    }
  }
}
