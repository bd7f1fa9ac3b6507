import { describe, expect, test } from "vitest";
import {
  type CopyOptions,
  EngineError,
  type ImageProgress,
  InvalidArgument,
  InvalidState,
  NoSuchImage,
  NotSupported,
  type ProgressStream,
  Runtime,
  type RuntimeOptions,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

async function open(
  fake: Fake,
  options: RuntimeOptions = {},
): Promise<Runtime> {
  return Runtime.open(fake.engine(), options);
}

/** Progress of so many lines, counted as they are taken. */
function lines(count: number): {
  readonly progress: Fake["progress"];
  readonly taken: () => number;
  readonly ended: () => boolean;
} {
  let taken = 0;
  let ended = false;
  return {
    progress: async function* progress(name): ProgressStream {
      try {
        for (; taken < count; taken++) yield { text: `line ${taken}` };
        return name;
      } finally {
        ended = true;
      }
    },
    taken: () => taken,
    ended: () => ended,
  };
}

async function read(transfer: AsyncIterable<ImageProgress>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of transfer) texts.push(text);
  return texts;
}

describe("a transfer", () => {
  test("does nothing until it is awaited or read", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    await Promise.resolve();
    expect(fake.asked).toEqual([]);
    expect((await pull).id).toBe("a");
    expect(fake.names()).toEqual(["pullImage", "getImage"]);
  });

  test("awaiting needs no reader, however much is said", async () => {
    const fake = new Fake();
    const { progress } = lines(5000);
    fake.progress = progress;
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    expect((await pull).id).toBe("a");
    expect(fake.names().filter((name) => name === "pullImage")).toHaveLength(1);
    // The last of what was said is there for who comes late; the result again, too.
    const late = await read(pull);
    expect(late).toHaveLength(1000);
    expect(late.at(-1)).toBe("line 4999");
    expect((await pull).id).toBe("a");
  });

  test("reading alone goes at the reader's pace, and ends with the result there", async () => {
    const fake = new Fake();
    const { progress, taken } = lines(3);
    fake.progress = progress;
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    const texts: string[] = [];
    for await (const { text } of pull) {
      texts.push(text);
      await new Promise(setImmediate);
      expect(taken()).toBeLessThanOrEqual(texts.length);
    }
    expect(texts).toEqual(["line 0", "line 1", "line 2"]);
    expect((await pull).id).toBe("a");
  });

  test("both at once: every line, and the result", async () => {
    const fake = new Fake();
    const { progress } = lines(500);
    fake.progress = progress;
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    const [image, texts] = await Promise.all([pull, read(pull)]);
    expect(image.id).toBe("a");
    expect(texts).toHaveLength(500);
  });

  test("leaving the loop cancels it", async () => {
    const fake = new Fake();
    const { progress } = lines(10);
    fake.progress = progress;
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    const awaited = rejection(runtime.pullImage("b").then(() => pull));
    for await (const { text } of pull) {
      expect(text).toBe("line 0");
      break;
    }
    expect(await rejection(pull)).toMatchObject({ code: "ABORTED" });
    expect(await awaited).toMatchObject({ code: "ABORTED" });
    expect(fake.images.has("a")).toBe(false);
  });

  test("leaving the loop ends what the engine is in the middle of", async () => {
    const fake = new Fake();
    const engine = fake.engine();
    let reason: unknown;
    engine.pullImage = async function* pulling(_, options): ProgressStream {
      yield { text: "begun" };
      await new Promise<void>((resolve) => {
        options?.signal?.addEventListener("abort", () => resolve());
      });
      reason = options?.signal?.reason;
      return "never";
    };
    await using runtime = await Runtime.open(engine);
    const pull = runtime.pullImage("a");
    const awaited = rejection(pull);
    for await (const { text } of pull) {
      expect(text).toBe("begun");
      // Whoever awaits it has the engine at its next step by then.
      await new Promise(setImmediate);
      break;
    }
    expect(await awaited).toMatchObject({ code: "ABORTED" });
    expect(reason).toMatchObject({ code: "ABORTED" });
  });

  test("leaving after the end cancels nothing", async () => {
    const fake = new Fake();
    const { progress } = lines(3);
    fake.progress = progress;
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    await pull;
    for await (const { text } of pull) {
      expect(text).toBe("line 0");
      break;
    }
    expect((await pull).id).toBe("a");
  });

  test("a failure reaches the reader and who awaits, after what was said", async () => {
    const fake = new Fake();
    const failure = new EngineError("disk full");
    fake.progress = async function* progress(): ProgressStream {
      yield { text: "begun" };
      throw failure;
    };
    await using runtime = await open(fake);
    const pull = runtime.pullImage("a");
    const texts: string[] = [];
    const reading = (async () => {
      for await (const { text } of pull) texts.push(text);
    })();
    expect(await rejection(reading)).toBe(failure);
    expect(texts).toEqual(["begun"]);
    expect(await rejection(pull)).toBe(failure);
    // Who only reads has no rejection elsewhere to handle: this would fail the run.
    await rejection(read(runtime.pullImage("b")));
  });

  test("has one reader", async () => {
    await using runtime = await open(new Fake());
    const pull = runtime.pullImage("a");
    const first = read(pull);
    expect(() => pull[Symbol.asyncIterator]()).toThrow(InvalidState);
    await first;
  });

  test("its signal ends it", async () => {
    const fake = new Fake();
    const { progress } = lines(Infinity);
    fake.progress = progress;
    await using runtime = await open(fake);
    const leave = new AbortController();
    const pull = runtime.pullImage("a", { signal: leave.signal });
    const iterator = pull[Symbol.asyncIterator]();
    await iterator.next();
    const reason = new Error("enough");
    leave.abort(reason);
    expect(await rejection(pull)).toMatchObject({
      code: "ABORTED",
      cause: reason,
    });
  });

  test("what the engine lacks is said where it is awaited, before anything is sent", async () => {
    const fake = new Fake();
    for (const call of ["pullImage", "getImage"] as const) {
      const engine = fake.engine({ lacks: [call] });
      await using runtime = await Runtime.open(engine);
      expect(await rejection(runtime.pullImage("a"))).toMatchObject({
        code: "NOT_SUPPORTED",
        feature: call,
      });
      expect(await rejection(read(runtime.pullImage("a")))).toBeInstanceOf(
        NotSupported,
      );
    }
    expect(fake.asked).toEqual([]);
  });
});

describe("names", () => {
  async function pulled(
    name: string,
    imageConfig: RuntimeOptions["imageConfig"],
    options: CopyOptions = {},
  ): Promise<readonly unknown[]> {
    const fake = new Fake();
    await using runtime = await open(fake, { imageConfig });
    await runtime.pullImage(name, options);
    return fake.asked[0]?.slice(1) ?? [];
  }

  test.each([
    ["alpine", {}, "alpine"],
    ["docker://alpine", {}, "alpine"],
    ["docker://alpine", { registries: ["one.example"] }, "alpine"],
    ["alpine", { registries: ["one.example/"] }, "one.example/alpine"],
    ["a/b:c", { registries: ["one.example"] }, "one.example/a/b:c"],
    ["host:5000/a", { registries: ["one.example"] }, "host:5000/a"],
    ["localhost/a", { registries: ["one.example"] }, "localhost/a"],
    ["docker.io/a", { registries: ["one.example"] }, "docker.io/a"],
    ["/x.tar", { defaultTransport: "oci-archive:" }, "oci-archive:/x.tar"],
    ["docker://a", { defaultTransport: "oci-archive:" }, "a"],
    ["dir:/x", { defaultTransport: "oci-archive:" }, "dir:/x"],
    ["docker-archive:/x", { registries: ["a.b"] }, "docker-archive:/x"],
  ])("%s with %j is asked for as %s", async (name, imageConfig, asked) => {
    expect((await pulled(name, imageConfig))[0]).toBe(asked);
  });

  test("registries are tried in their order, until one has it", async () => {
    const fake = new Fake();
    const failure = new NoSuchImage("manifest unknown");
    fake.progress = async function* progress(name): ProgressStream {
      yield { text: name };
      if (!name.startsWith("c")) throw failure;
      return name;
    };
    await using runtime = await open(fake, {
      imageConfig: { registries: ["a", "b", "c", "d"] },
    });
    const pull = runtime.pullImage("x");
    expect(await read(pull)).toEqual(["a/x", "b/x", "c/x"]);
    expect((await pull).id).toBe("c/x");
    const missing = await open(fake, {
      imageConfig: { registries: ["a", "b"] },
    });
    const error = await rejection(missing.pullImage("x"));
    expect(error).toBeInstanceOf(NoSuchImage);
    expect((error as Error).cause).toMatchObject({
      errors: [failure, failure],
    });
    await missing.close();
  });

  test("trouble with the connection is not looked round", async () => {
    const fake = new Fake();
    const lost = Object.assign(new Error("lost"), { code: "CONNECTION_LOST" });
    fake.progress = async function* progress(): ProgressStream {
      yield { text: "begun" };
      throw lost;
    };
    await using runtime = await open(fake, {
      imageConfig: { registries: ["a", "b"] },
    });
    expect(await rejection(runtime.pullImage("x"))).toBe(lost);
    expect(fake.names()).toEqual(["pullImage"]);
  });

  test("insecure registries are not verified, unless the call says so", async () => {
    const imageConfig = {
      registries: ["bad.example"],
      insecureRegistries: ["bad.example", "worse.example"],
    };
    expect((await pulled("x", imageConfig))[1]).toEqual({
      registry: { tlsVerify: false },
    });
    expect((await pulled("good.example/x", imageConfig))[1]).toEqual({});
    const registry = { tlsVerify: true, username: "me" };
    expect((await pulled("x", imageConfig, { registry }))[1]).toEqual({
      registry,
    });
    const fake = new Fake();
    await using runtime = await open(fake, { imageConfig });
    await runtime.pushImage("x", "docker://worse.example/y");
    expect(fake.asked[0]).toEqual([
      "pushImage",
      "x",
      "worse.example/y",
      { registry: { tlsVerify: false } },
    ]);
  });
});

describe("images", () => {
  async function withImage(): Promise<{ fake: Fake; runtime: Runtime }> {
    const fake = new Fake();
    fake.images.set("1", {
      id: "1",
      names: ["a:1", "a:2"],
      digests: [],
      labels: {},
    });
    fake.images.set("2", { id: "2", names: [], digests: [], labels: {} });
    return { fake, runtime: await open(fake) };
  }

  test("are found, listed and looked at", async () => {
    const { runtime } = await withImage();
    const image = await runtime.getImage("a:2");
    expect([image.id, image.name, image.names]).toEqual([
      "1",
      "a:1",
      ["a:1", "a:2"],
    ]);
    expect(
      (await runtime.getImages(({ name }) => name === undefined)).map(
        ({ id }) => id,
      ),
    ).toEqual(["2"]);
    expect((await runtime.getImageRef("a:1")).id).toBe("1");
    expect((await image.inspect()).names).toEqual(["a:1", "a:2"]);
    expect(await image.history()).toEqual([]);
    await runtime.close();
  });

  test("are named by object or name", async () => {
    const { fake, runtime } = await withImage();
    const image = await runtime.getImage("1");
    fake.asked.splice(0);
    await runtime.tagImage(image, "b:1");
    await runtime.untagImage("a:1", "a:1");
    await runtime.removeImage(image, { force: true });
    await runtime.importImage("/x.tar", { reference: "x" });
    expect(fake.asked).toEqual([
      ["tagImage", "1", "b:1", {}],
      ["untagImage", "a:1", "a:1", {}],
      ["removeImage", "1", { force: true }],
      ["importImage", "/x.tar", { reference: "x" }],
      ["getImage", "/x.tar", {}],
    ]);
    await runtime.close();
  });

  test("nothing, and what is another runtime's, is no image", async () => {
    const { fake, runtime } = await withImage();
    const other = await open(fake);
    const theirs = await other.getImage("1");
    fake.names();
    for (const image of ["", undefined, null, 5, theirs, {}] as never[]) {
      for (const call of [
        runtime.getImage(image),
        runtime.tagImage(image, "x"),
        runtime.removeImage(image),
        runtime.pushImage(image, "x"),
        runtime.tagImage("a", image),
      ])
        expect(await rejection(call)).toBeInstanceOf(InvalidArgument);
    }
    expect(fake.asked).toEqual([]);
    await runtime.close();
    await other.close();
  });
});
