// All commands, in random order and with input of every kind: whatever is asked, the
// daemon answers in Porto's words, and stays at work.
import fc from "fast-check";
import { expect, it } from "vitest";
import { EError, PortoClient, PortoError, portoService } from "portolan/porto";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import {
  embedded,
  manualClock,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { readable } from "../../../../src/libpod/serve/porto/properties/readable.ts";
import { inputs, step } from "./inputs.ts";
import { settable } from "../../../../src/libpod/serve/porto/properties/settable.ts";
import { portoHandlers } from "../../../../src/libpod/serve/index.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import { PortolanError } from "../../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { methodName } from "../../../../src/runtime/varlink/names.ts";
import { START } from "./support.ts";

/** How a property that can be set may be told of: it never has a value that cannot be read. */
const told = new Set<number>([EError.Success, EError.InvalidState]);

let succeeded = 0;

type Call = (input: unknown) => Promise<unknown>;

it("every command is tried", () => {
  expect(Object.keys(inputs).toSorted()).toEqual(
    Object.keys(portoDescriptor.methods).toSorted(),
  );
});

it("whatever is asked is answered in Porto's words", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 40, maxLength: 120 }),
      async (steps) => {
        const clock = manualClock(START);
        const engine = await embedded({
          clock,
          programs: { quick: { output: ["é"], exitCode: 3 } },
        });
        const endpoint = memoryEndpoint();
        const mistakes: unknown[] = [];
        const server = new EnvelopeServer(portoService(portoHandlers(engine)), {
          onError: (error) => mistakes.push(error),
          clock: () => clock.now(),
        });
        await server.listen(endpoint);
        const clients = await Promise.all(
          [0, 1].map(() => PortoClient.connect(endpoint)),
        );
        await engine.createContainer({ name: "podman", spec: {} });
        for (const each of ["a", "b", "a/b"])
          await clients[0]?.create({ name: each });
        await clients[0]?.createVolume();
        const watching: Promise<unknown>[] = [];
        for (const [index, { command, input }] of steps.entries()) {
          const client = clients[index % 2] as unknown as Record<string, Call>;
          const method = methodName(command);
          if (command === "StopAsyncWait") continue;
          if (command === "AsyncWait") {
            const reports = (clients[index % 2] as PortoClient).asyncWait(
              input as object,
            );
            watching.push(
              reports.next().then(
                () => reports.return(),
                () => undefined,
              ),
            );
            continue;
          }
          const answer = client[method]?.(input).then(
            () => EError.Success,
            (error: unknown) => {
              // What cannot be written is not sent.
              if (PortolanError.is(error) && error.code === "INVALID_INPUT")
                return undefined;
              if (!PortoError.is(error)) throw error;
              return error.error;
            },
          );
          const state = { over: false };
          void answer
            ?.finally(() => (state.over = true))
            .catch(() => undefined);
          for (let tries = 0; !state.over && tries < 200; tries += 1)
            await clock.advance(tries < 100 ? 10 : 2 ** 31);
          if (!state.over && command === "Wait") {
            // It may wait for ever.
            await clients[index % 2]?.$close();
            clients[index % 2] = await PortoClient.connect(endpoint);
          }
          await answer?.catch((error: unknown) => {
            if (command === "Wait") return;
            throw new Error(`${command} ${String(error)}`, { cause: error });
          });
          if (command === "SetProperty")
            succeeded += (await answer) === EError.Success ? 1 : 0;
        }
        expect(mistakes).toEqual([]);
        // What is there can be told whole, and taken away.
        const [client] = clients;
        const described = await client
          ?.listContainersBy()
          .catch(() => undefined);
        // What was wrong says more than that something was.
        expect(mistakes).toEqual([]);
        const { containers } = described ?? {};
        expect(containers?.map(({ error }) => error?.error ?? 0)).toEqual(
          containers?.map(() => 0),
        );
        const names = ["***", "/"];
        const { list } = (await client?.get({
          name: names,
          variable: [...settable.keys(), ...readable.keys()],
        })) ?? { list: [] };
        for (const { keyval } of list)
          for (const { variable = "", error = EError.Success } of keyval)
            if (settable.has(variable))
              expect([variable, told.has(error)]).toEqual([variable, true]);
        for (const each of (await client?.list())?.name ?? [])
          await client?.destroy({ name: each }).catch((error: unknown) => {
            if (!PortoError.is(error)) throw error;
          });
        expect((await client?.list())?.name).toEqual([]);
        for (const each of clients) await each.$close();
        await Promise.all(watching);
        await server.close({ timeout: 0 });
        await engine.close();
        expect(mistakes).toEqual([]);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
  // Else the input would be too wild to get anywhere.
  expect(succeeded).toBeGreaterThan(0);
}, 120_000);
