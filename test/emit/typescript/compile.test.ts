import fc from "fast-check";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  emitTypescript,
  type TypescriptOptions,
} from "../../../src/emit/typescript/emit.ts";
import type { Service } from "../../../src/model/api.ts";
import { defaults } from "./emitted.ts";
import { fixture, interfacesAtHand } from "./inputs.ts";
import {
  type Compiler,
  compilers,
  createProject,
  type Project,
  strictest,
} from "./project.ts";
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
  const types = fixture("../../types/com.example.types.varlink");
  for (const inputs of ["exact", "partial"] as const) {
    await writeAll(project, types, { stem: `usage-${inputs}`, inputs });
  }
  await project.write("out/usage.ts", usage);
  for (const [index, { service, ours }] of interfacesAtHand().entries()) {
    await writeAll(project, service, {
      stem: `${index}-partial`,
      inputs: "partial",
    });
    // The corpus is many; what exact inputs do to it, they do to ours.
    if (!ours) continue;
    await writeAll(project, service, { stem: `${index}-exact` });
    const stem = `${index}-bigint`;
    await writeAll(project, service, { stem, int: "bigint" });
  }
  const random = fc.sample(randomService, { numRuns: 40, seed: 7 });
  for (const [index, service] of random.entries()) {
    const importExtension = index % 2 === 0 ? ".js" : ".ts";
    for (const inputs of ["exact", "partial"] as const) {
      await writeAll(project, service, {
        stem: `random-${index}-${inputs}`,
        inputs,
        importExtension,
      });
    }
  }
}, 120_000);

async function writeAll(
  to: Project,
  service: Service,
  options: Partial<TypescriptOptions>,
): Promise<void> {
  for (const file of emitTypescript(service, { ...defaults, ...options })) {
    await to.write(`out/${file.path}`, file.text);
  }
}

/** The types do their work in old versions too; `test/types` has the whole of it. */
const usage = `
import { NotFound, TypesClient, typesService, type Unit } from "./usage-exact/index.js";
import type { TypesClient as Partial } from "./usage-partial/index.js";

export async function use(client: TypesClient, partial: Partial, unit: Unit, error: unknown): Promise<string[]> {
  const found: string[] = [];
  await client.ping();
  await client.get({ name: "web", timeout: null });
  await partial.get();
  // @ts-expect-error
  await client.get();
  // @ts-expect-error
  await client.find({ scope: "other" });
  // @ts-expect-error
  await client.watch({ name: "web" });
  for await (const { event } of client.watch.more({ name: "web" })) found.push(event);
  const reply = await client.get({ name: "web" });
  switch (reply.unit.scope) {
    case "system":
      break;
    case "newer":
      break;
  }
  if (NotFound.is(error)) found.push(error.parameters.name);
  typesService({
    get: ({ name }) => ({ unit: { ...unit, name } }),
    async *watch({ name }, { signal }) {
      yield { event: name };
      return { event: String(signal.aborted) };
    },
  });
  // @ts-expect-error
  typesService({ get: () => ({ unit: { ...unit, scope: "other" } }) });
  typesService({
    watch: (_, call) => call.stream([{ event: "one" }]),
    shell: async ({ command }, call) => call.upgraded({ id: command }, () => {}),
  });
  // @ts-expect-error
  typesService({ get: () => ({}) });
  // @ts-expect-error
  typesService({ shell: ({ command }) => ({ id: command }) });
  // @ts-expect-error
  typesService({ watch: (_, call) => call.upgraded({ event: "one" }, () => {}) });
  const other = await TypesClient.connect("unix:/run/demo");
  await other.$close();
  return found;
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
      include: ["out"],
    });
    expect(problems).toBe("");
  });

  test("and what does not fit is noticed", { timeout: 120_000 }, async () => {
    await project.write(
      "broken/index.ts",
      `export const wrong: number = "text";\n`,
    );
    const problems = await project.compile(newest, {
      compilerOptions: { ...strictest, ...newest.flags, ...runtime },
      include: ["broken"],
    });
    expect(problems).toContain(
      path.join("broken", "index.ts").replaceAll("\\", "/"),
    );
  });
});
