import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  emitProto,
  type ProtoOptions,
} from "../../../src/emit/typescript/proto/emit.ts";
import type { Service } from "../../../src/model/api.ts";
import { parseProto } from "../../../src/model/proto.ts";
import {
  type Compiler,
  compilers,
  createProject,
  type Project,
  strictest,
} from "../typescript/project.ts";
import { defaults } from "./emitted.ts";
import { codecFixtures, demo, messages, servicesAtHand } from "./inputs.ts";
import { randomService } from "./random.ts";

/**
 * Everything that is generated compiles, whatever version of TypeScript a user
 * has and however strict or lax it is set. The runtime's types are those that
 * are published: declaration files, made by the newest version.
 */
let project: Project;

const newest = compilers.at(-1) as Compiler;

beforeAll(async () => {
  project = await createProject();
  const problems = await project.compile(newest, {
    compilerOptions: {
      ...strictest,
      ...newest.flags,
      customConditions: ["portolan-source"],
      allowImportingTsExtensions: true,
      emitDeclarationOnly: true,
      // Whether the runtime itself is right is checked elsewhere, in its own configuration.
      noCheck: true,
      rootDir: "../../src",
      outDir: "runtime",
    },
    files: ["../../src/codegen/v1.ts"],
  });
  expect(problems).toBe("");
  for (const [index, { service }] of servicesAtHand().entries()) {
    // `usage.ts` names one of them.
    const stem = service.name === "com.example.demo" ? "usage" : `${index}`;
    await writeAll(service, { stem });
  }
  for (const [index, service] of codecFixtures().entries())
    await writeAll(service, { stem: `codec-${index}` });
  const values = messages("values.proto");
  for (const int64 of ["bigint", "number", "string"] as const)
    await writeAll(values, { stem: int64, int64 });
  await writeAll(demo(), { stem: "client", server: false });
  await writeAll(demo(), { stem: "server", client: false });
  await writeAll({ ...values, types: [] }, { stem: "nothing" });
  // As conditions one after the other they would keep the compiler for minutes.
  await writeAll(hugeOneof(500), { stem: "oneof" });
  const random = fc.sample(randomService, { numRuns: 12, seed: 5 });
  for (const [index, service] of random.entries()) {
    const importExtension = index % 2 === 0 ? ".js" : ".ts";
    await writeAll(service, { stem: `random-${index}`, importExtension });
  }
  await project.write("out/usage.ts", usage);
}, 120_000);

async function writeAll(
  service: Service,
  options: Partial<ProtoOptions>,
): Promise<void> {
  for (const file of emitProto(service, { ...defaults, ...options }))
    await project.write(`out/${file.path}`, file.text);
}

function hugeOneof(cases: number): Service {
  const fields = Array.from({ length: cases }, (_, index) =>
    index % 2 === 0
      ? `int32 number_${index} = ${index + 1};`
      : `string text_${index} = ${index + 1};`,
  );
  const { service } = parseProto(
    `syntax = "proto3"; message Huge { oneof one { ${fields.join(" ")} } }`,
    { path: "huge.proto" },
  );
  if (service === undefined) throw new Error("huge.proto has an error");
  return service;
}

/** The types do their work in old versions too; `test/types` has the whole of it. */
const usage = `
import * as demo from "./usage/index.js";
import { Choice, type ChoiceInput, Several } from "./bigint/index.js";

export async function use(client: demo.DemoClient$, error: unknown): Promise<string[]> {
  const found: string[] = [];
  await client.then$();
  await client.class({}, { timeout: 1000 });
  const { created } = await client.Create({ name: "web", hasOwnProperty$: { case: "isPrototypeOf", value: {} } });
  found.push(...created.map(({ name }) => name));
  // @ts-expect-error
  await client.Create();
  // @ts-expect-error
  await client.Create({ name: "web", hasOwnProperty$: { case: "valueOf", value: {} } });
  const nothing: void = await client.connect();
  for await (const { names } of client.watch({ names: ["web"] })) found.push(...names);
  if (demo.DemoError$.is(error) && error.error === demo.TResponse_Code.constructor$) found.push(error.text);
  demo.demoService$({
    Create: ({ name }) => ({ created: [{ name }] }),
    *watch({ names }) {
      yield { names };
    },
    // @ts-expect-error
    stopWatch() {},
  });
  return [...found, String(nothing)];
}

export function count(choice: Choice): bigint | string {
  const { kind } = choice;
  switch (kind?.case) {
    case "several":
      return kind.value.numbers.reduce((sum, one) => sum + one, 0n);
    case "number":
      return kind.value;
    default:
      return choice.before;
  }
}

export function bytes(input: ChoiceInput): Uint8Array {
  Several.encode({});
  return Choice.encode(input);
}

// What is read can be written.
export function again(choice: Choice): Uint8Array {
  return Choice.encode(choice);
}
`;

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

const runtime = {
  // Where a published package would be found.
  paths: { "portolan/codegen/v1": ["./runtime/codegen/v1.d.ts"] },
  allowImportingTsExtensions: true,
  noEmit: true,
};

describe("generated TypeScript compiles", () => {
  test.for(compilers)(
    "as strictly as $version can",
    { timeout: 120_000 },
    async (compiler) => {
      const problems = await project.compile(compiler, {
        compilerOptions: { ...strictest, ...compiler.flags, ...runtime },
        include: ["out"],
      });
      expect(problems).toBe("");
    },
  );

  test("for a bundler, without strictness", { timeout: 120_000 }, async () => {
    const problems = await project.compile(newest, {
      compilerOptions: {
        target: "es2022",
        lib: ["es2022", "dom", "esnext.disposable"],
        module: "preserve",
        moduleResolution: "bundler",
        types: ["node"],
        strict: false,
        skipLibCheck: true,
        ...runtime,
      },
      include: ["out"],
      // Without strict null checks some of its errors are none.
      exclude: ["out/usage.ts"],
    });
    expect(problems).toBe("");
  });

  test("to CommonJS", { timeout: 120_000 }, async () => {
    const compiler = compilers.find(
      ({ version }) => version === "5.9",
    ) as Compiler;
    const problems = await project.compile(compiler, {
      compilerOptions: {
        target: "es2020",
        lib: ["es2022", "esnext.disposable"],
        module: "commonjs",
        moduleResolution: "node10",
        types: ["node"],
        strict: true,
        skipLibCheck: true,
        ...runtime,
        baseUrl: ".",
      },
      // What CommonJS forbids is a matter of names, and these have them all.
      include: ["out/usage", "out/usage.ts"],
    });
    expect(problems).toBe("");
  });
});
