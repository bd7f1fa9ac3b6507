import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ContainerNotFound,
  PodmanClient,
  podmanService,
} from "portolan/podman";
import { PortoClient, portoService } from "portolan/porto";
import { EnvelopeServer, VarlinkServer } from "portolan/runtime";
import { embedded } from "portolan/libpod";
import { podmanHandlers, portoHandlers } from "portolan/libpod/serve";
import programs from "../examples/programs.ts";
import { portolan, repository } from "./support/portolan.ts";

/**
 * What the README shows is compiled, run, and does what it says. Snippets are
 * found by the word after their language: ```ts client. Budget: 30 s.
 */
const readme = readFileSync(path.join(repository, "README.md"), "utf8");

/** Inside the repository, so that the package's own name resolves. */
const work = path.join(repository, ".tmp", `readme-${process.pid}`);
const sockets = mkdtempSync(path.join(tmpdir(), "portolan-readme-"));

const blocks = [...readme.matchAll(/^```(\w+) ?(\w*)\n(.*?)^```$/gms)].map(
  ([, language = "", name = "", code = ""]) => ({ language, name, code }),
);

function snippet(name: string): string {
  const block = blocks.find((candidate) => candidate.name === name);
  if (block === undefined)
    throw new Error(`the README has no snippet "${name}"`);
  return block.code;
}

function commands(): string[] {
  return blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.split("\n"))
    .filter((line) => /^npx portolan (?!serve)/.test(line));
}

function start(file: string) {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions=portolan-source", path.join(work, file)],
    { cwd: repository, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

async function runToEnd(file: string): Promise<string> {
  const { child, output } = start(file);
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code, output()).toBe(0);
  return output();
}

beforeAll(async () => {
  mkdirSync(work, { recursive: true });
  const varlink =
    blocks.find(({ language }) => language === "varlink")?.code ?? "";
  writeFileSync(path.join(work, "org.example.counter.varlink"), varlink);
  const proto = blocks.find(({ language }) => language === "proto")?.code ?? "";
  writeFileSync(path.join(work, "shop.proto"), proto);
  for (const line of commands()) {
    const { code, output } = await portolan(line.split(" ").slice(2), work);
    expect(code, `${line}\n${output}`).toBe(0);
  }
  const at = (name: string): string => `unix:${path.join(sockets, name)}`;
  const replace = (code: string, from: string, to: string): string => {
    expect(code).toContain(from);
    return code.replace(from, to);
  };
  const client = replace(
    snippet("client"),
    "unix:/run/podman/io.podman",
    at("client"),
  );
  const server = replace(
    snippet("server"),
    "unix:/tmp/podman.sock",
    at("server"),
  );
  const porto = replace(
    snippet("porto"),
    "connect()",
    `connect(${JSON.stringify(at("porto"))})`,
  );
  writeFileSync(path.join(work, "porto.ts"), porto);
  writeFileSync(path.join(work, "proto.ts"), snippet("proto"));
  writeFileSync(path.join(work, "client.ts"), client);
  writeFileSync(path.join(work, "server.ts"), server);
  writeFileSync(path.join(work, "generated.ts"), snippet("generated"));
  writeFileSync(path.join(work, "library.ts"), snippet("library"));
  writeFileSync(path.join(work, "libpod.ts"), snippet("libpod"));
  writeFileSync(
    path.join(work, "tsconfig.json"),
    '{ "extends": "../../tsconfig.json", "include": ["."] }',
  );
}, 60_000);

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  rmSync(sockets, { recursive: true, force: true });
});

describe("the README", () => {
  test("has snippets that compile as strictly as our own code", () => {
    execFileSync(
      process.execPath,
      [
        path.join(repository, "node_modules/@typescript/native/bin/tsc"),
        "-p",
        work,
      ],
      { stdio: "pipe", encoding: "utf8" },
    );
  });

  test("names the two commands that exist", () => {
    const manifest = JSON.parse(
      readFileSync(path.join(repository, "package.json"), "utf8"),
    ) as {
      scripts: Record<string, string>;
    };
    expect(readme).toContain("npm ci && npm run demo");
    expect(readme).toContain("npm ci && npm test");
    expect(Object.keys(manifest.scripts)).toEqual(
      expect.arrayContaining(["demo", "test"]),
    );
  });

  test("calls a service", async () => {
    const address = `unix:${path.join(sockets, "client")}`;
    const server = new VarlinkServer({
      vendor: "",
      product: "",
      version: "",
      url: "",
    });
    const engine = await embedded({ programs });
    server.add(podmanService(podmanHandlers(engine)));
    await server.listen(address);
    const podman = await PodmanClient.connect(address);
    await podman.pullImage({ name: "httpd" });
    await podman.createContainer({ create: { name: "web", image: "httpd" } });
    await podman.startContainer({ name: "web" });
    await podman.$close();
    const output = await runToEnd("client.ts");
    await server.close();
    await engine.close();
    expect(output).toContain("[ 'web' ]");
    expect(output).toContain("web: stopped");
  });

  test("talks to Porto", async () => {
    const address = `unix:${path.join(sockets, "porto")}`;
    const engine = await embedded();
    const server = new EnvelopeServer(portoService(portoHandlers(engine)));
    await server.listen(address);
    const { child, output } = start("porto.ts");
    const ended = once(child, "exit");
    // The snippet waits for the container's end, which somebody must bring about.
    await expect.poll(output, { timeout: 20_000 }).toContain("web is running");
    const porto = await PortoClient.connect(address);
    await porto.stop({ name: "web" });
    await porto.$close();
    const [code] = (await ended) as [number | null];
    await server.close();
    await engine.close();
    expect({ code, output: output() }).toEqual({
      code: 0,
      output: "web is running\nweb is stopping\nweb is stopped\n",
    });
  });

  test("reads and writes messages", async () => {
    expect(await runToEnd("proto.ts")).toBe("1152921504606846976n [] 10\n");
  });

  test("offers a service", async () => {
    const { child, output } = start("server.ts");
    const address = `unix:${path.join(sockets, "server")}`;
    try {
      let podman: PodmanClient | undefined;
      for (let attempt = 0; podman === undefined && attempt < 100; attempt++) {
        podman = await PodmanClient.connect(address).catch(() => undefined);
        if (podman === undefined)
          await new Promise((resolve) => setTimeout(resolve, 100));
      }
      if (podman === undefined)
        throw new Error(`the server did not start:\n${output()}`);
      expect(await podman.imageExists({ name: "alpine" })).toEqual({
        exists: 0,
      });
      await expect(podman.getContainer({ name: "x" })).rejects.toSatisfy(
        (error) => ContainerNotFound.is(error),
      );
      const lines: string[] = [];
      for await (const { container } of podman.getContainerLogs.more({
        name: "x",
      })) {
        lines.push(...container);
      }
      expect(lines).toEqual(["first line of x", "last line"]);
      await podman.$close();
    } finally {
      child.kill();
    }
  });

  test("drives an engine", async () => {
    expect(await runToEnd("libpod.ts")).toBe("web running\nended with 137\n");
  });

  test("generates code that runs", async () => {
    expect(await runToEnd("generated.ts")).toBe("{ count: 42 }\n");
  });

  test("uses the library, whose diagnostics say what is wrong", async () => {
    const output = await runToEnd("library.ts");
    expect(output).toContain("hello.varlink:3");
    expect(output).toContain("text");
  });
});
