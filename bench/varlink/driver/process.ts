/** Processes that are measured: started, asked and ended. */
import {
  type ChildProcess,
  spawn,
  type StdioOptions,
} from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Question, Report, Usage, Work } from "../contract.ts";
import { peakOf } from "../work/usage.ts";

/** A server that listens. */
export interface Server {
  usage(collect: boolean): Promise<Usage>;
  stop(): Promise<void>;
}

/** How programs are started. */
export interface Starting {
  /** CPUs as taskset takes them; undefined leaves it to the system. */
  readonly cpus: string | undefined;
  /** A folder for CPU profiles of our own programs. */
  readonly profiles: string | undefined;
}

function start(
  file: string,
  parameters: readonly string[],
  { cpus }: Starting,
  stdio: StdioOptions,
): ChildProcess {
  const [command, all] =
    cpus === undefined
      ? [file, parameters]
      : ["taskset", ["-c", cpus, file, ...parameters]];
  return spawn(command, all, { stdio });
}

function nodeFlags({ profiles }: Starting): readonly string[] {
  return profiles === undefined
    ? ["--expose-gc"]
    : ["--expose-gc", "--cpu-prof", `--cpu-prof-dir=${profiles}`];
}

/** A program of the benchmark's own. */
class Child {
  readonly #process: ChildProcess;
  readonly #file: string;

  constructor(file: string, parameters: readonly string[], how: Starting) {
    this.#file = file;
    this.#process = start(
      process.execPath,
      [...nodeFlags(how), file, ...parameters],
      how,
      ["ignore", "ignore", "inherit", "ipc"],
    );
  }

  /** @throws Error if the child fails or ends. */
  async ask(question: Question): Promise<Answer> {
    const answer = this.answer();
    this.#process.send(question);
    return await answer;
  }

  answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const child = this.#process;
      const done = (): void => {
        child.off("message", onMessage);
        child.off("exit", onExit);
        child.off("error", onError);
      };
      const onMessage = (answer: Answer): void => {
        done();
        if ("failed" in answer)
          reject(new Error(`${this.#file}: ${answer.failed}`));
        else resolve(answer);
      };
      const onExit = (code: number | null): void => {
        done();
        reject(new Error(`${this.#file} ended with ${code ?? "a signal"}`));
      };
      const onError = (error: Error): void => {
        done();
        reject(error);
      };
      child.on("message", onMessage);
      child.on("exit", onExit);
      child.on("error", onError);
    });
  }

  /** It ends by itself when nobody can ask it any more. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    if (child.connected) child.disconnect();
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(late);
  }
}

/** A server of the benchmark's own. */
export async function startServer(
  file: string,
  parameters: readonly string[],
  how: Starting,
): Promise<Server> {
  const child = new Child(file, parameters, how);
  await child.answer();
  return {
    async usage(collect) {
      const answer = await child.ask({ ask: "usage", collect });
      if ("usage" in answer) return answer.usage;
      throw new Error(`${file} did not tell its usage`);
    },
    stop: () => child.stop(),
  };
}

/** A server that Debian's package varlink-go has. */
export async function startGoServer(
  address: string,
  how: Starting,
): Promise<Server> {
  const child = start(GO, [`-varlink=${address}`], how, [
    "ignore",
    "ignore",
    "inherit",
  ]);
  // Ours end when their channel does; this one has none.
  const kill = (): void => void child.kill();
  process.on("exit", kill);
  await once(child, "spawn");
  const { pid } = child;
  if (pid === undefined) throw new Error(`${GO} has no process`);
  await untilListening(address.slice("unix:".length));
  return {
    usage: () => Promise.resolve(usageOf(pid)),
    async stop() {
      const ended = once(child, "exit");
      kill();
      await ended;
      process.off("exit", kill);
    },
  };
}

/** The program of that package. */
export const GO = "varlink-go-certification";

async function untilListening(path: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (connected) return;
    await sleep(10);
  }
  throw new Error(`nobody listens at ${path}`);
}

/** What Linux knows of another process: the run time of its threads, in ns. */
function usageOf(pid: number): Usage {
  let cpu = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8");
    cpu += Number(text.split(" ", 1)[0]) / 1000;
  }
  return {
    cpu,
    peak: peakOf(pid),
    // Nobody asks for it where Go serves.
    resident: Number.NaN,
    heap: Number.NaN,
  };
}

/** One measurement, from both sides. */
export interface Sample {
  readonly report: Report;
  readonly server: { readonly before: Usage; readonly after: Usage };
}

/** Lets a fresh client work against a server. */
export async function sampleClient(
  server: Server,
  client: string,
  address: string,
  work: Work,
  how: Starting,
): Promise<Sample> {
  const child = new Child(client, [], how);
  try {
    await child.answer();
    await child.ask({ ask: "warm", work, address });
    const collect = work.kind === "idle";
    const before = await server.usage(collect);
    const answer = await child.ask({ ask: "measure" });
    const after = await server.usage(collect);
    if (!("report" in answer)) throw new Error(`${client} has no report`);
    return { report: answer.report, server: { before, after } };
  } finally {
    await child.stop();
  }
}

/** Lets Go's client take its whole test against a server, again and again. */
export async function sampleGoClient(
  server: Server,
  address: string,
  work: { readonly warmUp: number; readonly times: number },
  how: Starting,
): Promise<Sample> {
  for (let time = 0; time < work.warmUp; time++) await goClient(address, how);
  const before = await server.usage(false);
  const began = performance.now();
  for (let time = 0; time < work.times; time++) await goClient(address, how);
  const seconds = (performance.now() - began) / 1000;
  const after = await server.usage(false);
  const report = {
    times: work.times,
    seconds,
    before: UNKNOWN,
    after: UNKNOWN,
  };
  return { report, server: { before, after } };
}

/** Nobody can ask a process that has ended. */
const UNKNOWN: Usage = {
  cpu: Number.NaN,
  peak: Number.NaN,
  resident: Number.NaN,
  heap: Number.NaN,
};

async function goClient(address: string, how: Starting): Promise<void> {
  const child = start(GO, [`-varlink=${address}`, "-client"], how, [
    "ignore",
    "pipe",
    "inherit",
  ]);
  let said = "";
  child.stdout?.on("data", (bytes: Buffer) => {
    said += bytes.toString("latin1");
  });
  await once(child, "close");
  // It ends with 0 whatever came of it.
  if (!said.endsWith("End: 'true'\n"))
    throw new Error(`${GO} failed at ${address}: ${said}`);
}
