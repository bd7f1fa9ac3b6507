import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Service } from "../../../src/model/api.ts";
import {
  bindEnvelope,
  type EnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { parseProto } from "../../../src/model/proto.ts";
import { hasCorpus, seed } from "../../support/corpus.ts";

/** Reads a file of Protocol Buffers that is known to be right; imports are beside it. */
export function readService(file: string): Service {
  const load = (name: string) => {
    const beside = path.join(path.dirname(file), name);
    return existsSync(beside)
      ? { path: beside, text: readFileSync(beside, "utf8") }
      : undefined;
  };
  const { service, diagnostics } = parseProto(readFileSync(file, "utf8"), {
    path: path.basename(file),
    load,
  });
  if (service === undefined)
    throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return service;
}

const here = fileURLToPath(new URL(".", import.meta.url));

/** A fixture of this folder: a file of messages, without calls. */
export function messages(name: string): Service {
  return readService(path.join(here, name));
}

/** How `clash.proto` is an envelope RPC. */
export const clashConfig: EnvelopeConfig = {
  request: "com.example.demo.TRequest",
  response: "com.example.demo.TResponse",
  error: {
    field: "__defineGetter__",
    message: "hasOwnProperty",
    success: "Fine",
    absent: "__proto__",
  },
  timestamp: "valueOf",
  address: "unix:/run/demo.socket",
  push: { Watch: { stop: "StopWatch" } },
  bound: { Create: { name: "name", when: "constructor.then" } },
  extraTime: { connect: 1500 },
  idempotent: ["Then"],
  bare: ["Watch"],
  priority: ["toString", "Create"],
  failures: { method: { code: "constructor", text: "no such method" } },
};

/** The fixture whose names clash with everything, as an envelope RPC. */
export function clash(): Service {
  return bindEnvelope(messages("clash.proto"), clashConfig);
}

/** A small RPC: what the type tests are about. */
export function demo(): Service {
  const types = fileURLToPath(
    new URL("../../types/com.example.rpc.proto", import.meta.url),
  );
  return bindEnvelope(readService(types), {
    label: "demo",
    request: "com.example.rpc.Request",
    response: "com.example.rpc.Response",
    error: {
      field: "code",
      message: "text",
      success: "Fine",
      absent: "Unknown",
    },
    timestamp: "time",
    push: { Watch: { stop: "StopWatch" } },
    idempotent: ["Get", "Find"],
  });
}

/** How Porto's interface is an envelope RPC, as far as tests here are about it. */
const portoConfig: EnvelopeConfig = {
  request: "Porto.TPortoRequest",
  response: "Porto.TPortoResponse",
  error: {
    field: "error",
    message: "errorMsg",
    success: "Success",
    absent: "LostError",
  },
  timestamp: "timestamp",
  address: "unix:/run/portod.socket",
  push: { AsyncWait: { stop: "StopAsyncWait" } },
};

export interface NamedService {
  readonly name: string;
  readonly service: Service;
}

/** The fixtures of the tests of codecs: messages with everything that there is. */
export function codecFixtures(): readonly Service[] {
  const folder = path.join(here, "..", "proto-codec");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".proto"))
    .map((name) => readService(path.join(folder, name)));
}

/** Every file there is: our fixtures, and Porto's interface where it is at hand. */
export function servicesAtHand(): readonly NamedService[] {
  const ours = readdirSync(here)
    .filter((name) => name.endsWith(".proto") && name !== "clash.proto")
    .map((name) => ({ name, service: messages(name) }));
  const all = [...ours, { name: "clash.proto", service: clash() }];
  if (!hasCorpus) return all;
  const porto = bindEnvelope(readService(seed("rpc.proto")), portoConfig);
  return [...all, { name: "rpc.proto", service: porto }];
}
