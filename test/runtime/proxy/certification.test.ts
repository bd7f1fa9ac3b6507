import { afterAll, expect, test } from "vitest";
import { CertificationClient } from "../../../generated/org.varlink.certification/index.ts";
import type { TapEvent } from "../../../src/runtime/proxy/events.ts";
import { VarlinkTap } from "../../../src/runtime/proxy/tap.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import { certify } from "../../interop/certification/client.ts";
import { startCertification } from "../../interop/certification/server.ts";
import {
  answers,
  replies,
  withoutNulls,
} from "../../interop/certification/values.ts";
import { eventually, places, removeFolders, startRelay } from "./support.ts";

afterAll(removeFolders);

test.each([
  { from: "unix", to: "tcp" },
  { from: "tcp", to: "unix" },
  { from: "memory", to: "unix" },
] as const)(
  "the certification from $from to $to, call by call",
  async ({ from, to }) => {
    await using server = await startCertification(await places[to]());
    const events: TapEvent[] = [];
    const tap = new VarlinkTap({ onEvent: (event) => events.push(event) });
    await using relayed = await startRelay(await places[from](), {
      connect: parseAddress(server.address),
      tap,
    });
    const client = await CertificationClient.connect(relayed.endpoint, {
      maxConnections: 1,
    });
    const certificate = await certify(client);
    await client.$close();
    expect(withoutNulls(certificate)).toMatchObject(
      withoutNulls({ answers, replies, allOk: true }),
    );
    expect(server.problems).toEqual([]);

    await eventually(() => events.at(-1)?.type === "close");
    const methods = events
      .filter((event) => event.type === "call")
      .map(({ method, mode }) => `${method.split(".").pop()} ${mode}`);
    const numbers = Array.from({ length: 9 }, (_, at) => `Test0${at + 1} call`);
    expect(methods).toEqual([
      "Start call",
      ...numbers,
      "Test10 more",
      "Test11 oneway",
      "End call",
    ]);
    const answered = events.filter((event) => event.type === "reply");
    expect(answered.map(({ to: { call } }) => call)).toEqual([
      ...Array.from({ length: 10 }, (_, at) => at + 1),
      ...Array.from({ length: 10 }, () => 11),
      13,
    ]);
    expect(events.filter(({ type }) => type === "violation")).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      raw: { sent: 0, received: 0 },
      unanswered: [],
    });
  },
);
