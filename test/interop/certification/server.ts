import { isDeepStrictEqual } from "node:util";
import {
  CertificationError,
  certificationService,
  ClientIdError,
  type CertificationHandlers,
} from "../../../generated/org.varlink.certification/index.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import type { Call, JsonObject } from "../../../src/runtime/varlink/types.ts";
import { FrameReader } from "../support/frames.ts";
import { answers, replies, withoutNulls } from "./values.ts";

/** The calls that a client makes between `Start` and `End`, without its ID. */
const steps: readonly {
  readonly method: string;
  readonly parameters: object;
  readonly flags?: object;
}[] = [
  { method: "Test01", parameters: {} },
  { method: "Test02", parameters: answers.Test01 },
  { method: "Test03", parameters: answers.Test02 },
  { method: "Test04", parameters: answers.Test03 },
  { method: "Test05", parameters: answers.Test04 },
  { method: "Test06", parameters: answers.Test05 },
  { method: "Test07", parameters: answers.Test06 },
  { method: "Test08", parameters: answers.Test07 },
  { method: "Test09", parameters: answers.Test08 },
  { method: "Test10", parameters: answers.Test09, flags: { more: true } },
  {
    method: "Test11",
    parameters: { last_more_replies: replies },
    flags: { oneway: true },
  },
  { method: "End", parameters: {} },
];

/** How far a client has got. */
interface Run {
  step: number;
  ok: boolean;
}

/** A listening certification server. */
export interface CertificationServer extends AsyncDisposable {
  readonly address: string;
  /** What the server reported, and what it takes for a mistake of a client. */
  readonly problems: readonly unknown[];
}

/**
 * Serves `org.varlink.certification` and compares messages whole, as they came over
 * the wire: a member too many, be it a `"more": false`, is a `CertificationError`
 * as much as a wrong value is. Only that null and absent are the same for a
 * nullable field, as the specification has it.
 */
export async function startCertification(
  endpoint: Endpoint,
): Promise<CertificationServer> {
  const runs = new Runs();
  const servers = new Set<VarlinkServer>();
  const problems: unknown[] = [];
  const report = (error: unknown): void => void problems.push(error);

  // A server for each connection, so that a handler knows which bytes it answers.
  const listener = await endpoint.listen((stream) => {
    const frames = new FrameReader();
    stream.on("data", (chunk: Buffer) => frames.push(chunk));
    const server = new VarlinkServer({
      vendor: "Portolan",
      product: "Certification",
      version: "1",
      url: "https://varlink.org",
      onError: report,
      onProtocolError: report,
    });
    server.add(certificationService(handlers(new Examiner(runs, frames))));
    servers.add(server);
    stream.once("close", () => servers.delete(server));
    server.accept(stream);
  }, report);
  return {
    address: listener.address,
    problems,
    [Symbol.asyncDispose]: async () => {
      await listener.close();
      await Promise.all([...servers].map((server) => server.close()));
    },
  };
}

function handlers(examiner: Examiner): CertificationHandlers {
  return {
    start: (_, call) => ({ client_id: examiner.start(call) }),
    test01: (_, call) => examiner.check(call, answers.Test01),
    test02: (_, call) => examiner.check(call, answers.Test02),
    test03: (_, call) => examiner.check(call, answers.Test03),
    test04: (_, call) => examiner.check(call, answers.Test04),
    test05: (_, call) => examiner.check(call, answers.Test05),
    test06: (_, call) => examiner.check(call, answers.Test06),
    test07: (_, call) => examiner.check(call, answers.Test07),
    test08: (_, call) => examiner.check(call, answers.Test08),
    test09: (_, call) => examiner.check(call, answers.Test09),
    test10: (_, call) =>
      call.stream(examiner.check(call, replies).map((string) => ({ string }))),
    test11: (_, call) => examiner.check(call, undefined),
    end: (_, call) => ({ all_ok: examiner.end(call) }),
  };
}

/** What is read of a call before it is compared. */
interface Message {
  readonly method?: unknown;
  readonly parameters?: { readonly client_id?: unknown };
}

/** The clients that have begun and not ended. */
class Runs extends Map<string, Run> {
  #last = 0;

  begin(): string {
    this.#last += 1;
    const id = `client-${this.#last}`;
    this.set(id, { step: 0, ok: true });
    return id;
  }
}

/** Compares the calls of one connection with what has to come. */
class Examiner {
  readonly #runs: Runs;
  readonly #frames: FrameReader;

  constructor(runs: Runs, frames: FrameReader) {
    this.#runs = runs;
    this.#frames = frames;
  }

  start(call: Call): string {
    compare({ method: call.method }, this.#take(call));
    return this.#runs.begin();
  }

  check<T>(call: Call, answer: T): T {
    const got = this.#take(call);
    const { id, run } = this.#runOf(got);
    try {
      compare(wanted(id, run), got);
    } catch (error) {
      // Where no reply is wanted, it has to show at the end.
      run.ok = false;
      throw error;
    }
    run.step += 1;
    return answer;
  }

  end(call: Call): boolean {
    const got = this.#take(call);
    const { id, run } = this.#runOf(got);
    this.#runs.delete(id);
    return run.ok && same(wanted(id, run), got);
  }

  #runOf(message: Message): { readonly id: string; readonly run: Run } {
    const id = message.parameters?.client_id;
    const run = typeof id === "string" ? this.#runs.get(id) : undefined;
    if (typeof id !== "string" || run === undefined) throw new ClientIdError();
    return { id, run };
  }

  /** The message that a handler answers: what was refused before is passed over. */
  #take(call: Call): Message {
    for (;;) {
      const text = this.#frames.shift();
      if (text === undefined)
        throw new Error(`no message calls ${call.method}`);
      const message = JSON.parse(text) as Message;
      if (message.method === call.method) return message;
    }
  }
}

/** The message that a client has to send next. */
function wanted(client_id: string, { step }: Run): object {
  const { method, parameters, flags } = steps[step] ?? {};
  return {
    method: `org.varlink.certification.${method}`,
    parameters: { client_id, ...parameters },
    ...flags,
  };
}

function compare(wants: object, got: object): void {
  if (same(wants, got)) return;
  throw new CertificationError({
    wants: wants as JsonObject,
    got: got as JsonObject,
  });
}

function same(wants: object, got: object): boolean {
  return isDeepStrictEqual(withoutNulls(wants), withoutNulls(got));
}
