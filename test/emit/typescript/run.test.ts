import fc from "fast-check";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { emitTypescript } from "../../../src/emit/typescript/emit.ts";
import { chooseNames } from "../../../src/emit/typescript/names.ts";
import type { Service } from "../../../src/model/api.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import type { Client } from "../../../src/runtime/varlink/client.ts";
import { methodNames } from "../../../src/runtime/varlink/names.ts";
import type {
  Call as RuntimeCall,
  Upgraded,
} from "../../../src/runtime/varlink/types.ts";
import {
  type Service as RuntimeService,
  VarlinkServer,
} from "../../../src/runtime/index.ts";
import * as exact from "../../types/generated/exact/index.ts";
import * as partial from "../../types/generated/partial/index.ts";
import { fixture } from "./inputs.ts";
import { createProject, type Project } from "./project.ts";
import { randomService } from "./random.ts";
import { Values } from "./values.ts";

/** Generated clients and servers talk to each other over a connection of real bytes. */

const info = {
  vendor: "Portolan",
  product: "Test",
  version: "1",
  url: "https://example.org",
};

interface Served extends AsyncDisposable {
  readonly address: Endpoint;
}

async function serve(service: RuntimeService): Promise<Served> {
  const server = new VarlinkServer(info);
  server.add(service);
  const address = memoryEndpoint();
  await server.listen(address);
  return { address, [Symbol.asyncDispose]: () => server.close() };
}

const unit: exact.Unit = {
  name: "web.service",
  scope: "system",
  tags: { a: "b" },
};

describe("with exact inputs", () => {
  test("calls, streams and errors", async () => {
    const events: string[] = [];
    await using served = await serve(
      exact.typesService({
        ping() {},
        get({ name, timeout }) {
          if (name === "") throw new exact.NotFound({ name, scope: "user" });
          return { unit: { ...unit, name: `${name} ${timeout ?? "-"}` } };
        },
        find: ({ scope }) => ({
          units: scope === "user" ? [] : [unit, unit],
          total: 2,
        }),
        put: ({ unit: { name }, any, nested }) => ({
          id: JSON.stringify([name, any, nested]),
        }),
        async *watch({ name }) {
          yield { event: `${name} one` };
          return { event: "last" };
        },
        logs: () => [{ line: "one" }, {}, { line: null }],
        old: undefined,
      }),
    );
    await using client = await exact.TypesClient.connect(served.address);

    expect(await client.ping()).toEqual({});
    expect((await client.get({ name: "web", timeout: 3 })).unit).toEqual({
      ...unit,
      name: "web 3",
    });
    expect((await client.find()).units).toHaveLength(2);
    expect((await client.find({ scope: exact.Scope.user })).units).toEqual([]);
    const plain = { leaf: { value: 1, ratio: 0.5 }, leaves: [], data: {} };
    expect(
      await client.put({
        unit,
        plain,
        any: [null],
        nested: [null, { a: null }],
      }),
    ).toEqual({
      id: `["web.service",[null],[null,{"a":null}]]`,
    });
    for await (const { event } of client.watch.more({ name: "web" }))
      events.push(event);
    expect(events).toEqual(["web one", "last"]);
    const lines: unknown[] = [];
    for await (const { line } of client.logs.more()) lines.push(line);
    expect(lines).toHaveLength(3);
    await client.get.oneway({ name: "web" });

    const missing: unknown = await client
      .get({ name: "" })
      .catch((error: unknown) => error);
    expect(exact.NotFound.is(missing)).toBe(true);
    expect(exact.Busy.is(missing)).toBe(false);
    expect(missing).toMatchObject({
      error: "com.example.types.NotFound",
      parameters: { name: "", scope: "user" },
    });
    await expect(client.old()).rejects.toMatchObject({
      error: "org.varlink.service.MethodNotImplemented",
    });
  });

  test("what the types forbid, the runtime refuses", async () => {
    await using served = await serve(
      exact.typesService({
        find: () => ({ units: [] }),
        watch: () => [{ event: "one" }],
      }),
    );
    await using client = await exact.TypesClient.connect(served.address);
    // @ts-expect-error - closed
    await expect(client.find({ scope: "other" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    // @ts-expect-error - required
    await expect(client.get({})).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    // @ts-expect-error - a stream only
    const call = client.watch({ name: "web" }) as Promise<unknown>;
    await expect(call).rejects.toMatchObject({
      error: "org.varlink.service.ExpectedMore",
    });
  });
});

test("with partial inputs a server sees what was left out as zero", async () => {
  let seen: partial.PutParameters | undefined;
  await using served = await serve(
    partial.typesService({
      put(parameters) {
        seen = parameters;
        return { id: parameters.unit.name };
      },
    }),
  );
  await using client = await partial.TypesClient.connect(served.address);
  expect(await client.put({ unit: { scope: "user" }, any: 1 })).toEqual({
    id: "",
  });
  expect(seen).toEqual({
    unit: { name: "", scope: "user", tags: {} },
    plain: { leaf: { value: 0, ratio: 0 }, leaves: [], data: {} },
    any: 1,
    nested: [],
  });
});

interface Generated {
  readonly [name: string]: unknown;
}
type ClientClass = {
  connect(address: Endpoint): Promise<Client>;
};
type Call = (input: object) => Promise<object>;

/**
 * Calls every method of a service with random input and answers it with a random
 * reply: both arrive as they were sent.
 */
async function roundTrip(
  project: Project,
  service: Service,
  label: string,
  stem: string,
): Promise<void> {
  const files = emitTypescript(service, {
    stem,
    header: "Generated by Portolan from demo.varlink. Do not edit.",
    client: true,
    server: true,
    inputs: "exact",
    importExtension: ".ts",
  });
  for (const file of files) await project.write(file.path, file.text);
  const module = (await import(
    pathToFileURL(path.join(project.folder, stem, "index.ts")).href
  )) as Generated;
  const names = chooseNames(service, label);
  const called = methodNames(service.methods.map(({ name }) => name));
  const values = new Values(service);
  const methods = service.methods.filter(
    ({ input, output }) => values.isFinite(input) && values.isFinite(output),
  );

  const plan = methods.map((method) => {
    const [sample] = fc.sample(
      fc.tuple(values.struct(method.input), values.struct(method.output)),
      { numRuns: 1, seed: 5 },
    );
    const [input = {}, output = {}] = sample ?? [];
    return { method, name: called.get(method.name) ?? "", input, output };
  });
  const received = new Map<string, object>();
  const handlers = Object.fromEntries(
    plan.map(({ method, name, output }) => [
      name,
      (input: object, made: RuntimeCall) => {
        received.set(name, input);
        if (made.upgrade) return made.upgraded(output, () => {});
        return method.forms.more === "required" ? [output] : output;
      },
    ]),
  );
  const make = module[names.service] as (handlers: object) => RuntimeService;
  await using served = await serve(make(handlers));
  await using client = await (module[names.client] as ClientClass).connect(
    served.address,
  );
  for (const { method, name, input, output } of plan) {
    const call = client[name as keyof Client] as unknown as Call & {
      more(input: object): AsyncIterable<object>;
      upgrade(input: object): Promise<Upgraded<object>>;
    };
    if (method.forms.more === "required") {
      const items: object[] = [];
      for await (const item of call.more(input)) items.push(item);
      // A last reply without parameters is the end of a stream, not an item.
      expect(items, method.name).toEqual(
        Object.keys(output).length === 0 ? [] : [output],
      );
    } else if (method.forms.upgrade !== "required")
      expect(await call(input), method.name).toEqual(output);
    if (method.forms.upgrade === "required") {
      const confirmed = await call.upgrade(input);
      expect(confirmed.output, method.name).toEqual(output);
      confirmed.release();
    }
    expect(received.get(name), method.name).toEqual(input);
  }
}

describe("every method can be called, whatever it is named", () => {
  test("the interface of clashes", { timeout: 60_000 }, async () => {
    await using project = await createProject();
    const service = fixture("com.example.clash.varlink");
    expect(service.methods.length).toBeGreaterThan(20);
    await roundTrip(project, service, "Clash", "clash");
  });

  test("random interfaces", { timeout: 120_000 }, async () => {
    await using project = await createProject();
    const services = fc.sample(randomService, { numRuns: 40, seed: 11 });
    for (const [index, service] of services.entries()) {
      await roundTrip(project, service, "Demo", `demo-${index}`);
    }
  });
});
