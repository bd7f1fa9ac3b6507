import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/libpod/engine.ts";
import {
  type Answer,
  collect,
  daemons,
  endless,
  fails,
  replies,
  outcomeOf,
  withEngine,
} from "./fake.ts";

describe("images", () => {
  it("are pulled step by step, and the flood of empty steps is left out", async () => {
    const PullImage = replies(
      { reply: { logs: ["Trying\n"], id: "" } },
      { reply: { logs: null, id: "" } },
      { reply: { logs: [], id: "sha" } },
    );
    await withEngine("io.podman (1.9)", { PullImage }, async (engine) => {
      const stream = engine.pullImage("busybox");
      expect(await stream.next()).toEqual({
        done: false,
        value: { text: "Trying" },
      });
      expect(await stream.next()).toEqual({ done: true, value: "sha" });
    });
  });

  it("fail to be pulled in the middle", async () => {
    const PullImage: Answer = (call, connection) => {
      endless({ reply: { logs: ["Trying"], id: "" } })(call, connection);
      fails("ErrorOccurred", { reason: "no such host" })(call, connection);
    };
    await withEngine("io.podman (1.9)", { PullImage }, async (engine) => {
      await expect(collect(engine.pullImage("x"))).rejects.toMatchObject({
        code: "ENGINE_ERROR",
        message: "no such host",
      });
    });
  });

  const text = daemons["io.podman (1.0)"].description.join("\n");
  /** Podman 1.0.1 has more inputs than the interface that its API was published with. */
  const podman101 = {
    description: text.replace(
      "PullImage(name: string)",
      "PullImage(name: string, certDir: string, creds: string, signaturePolicy: string, tlsVerify: bool)",
    ),
  };

  it("are pulled with what the daemon takes, and with TLS", async () => {
    const script = { PullImage: { id: "sha" } };
    const registry = { username: "me", password: "a:b" };
    await withEngine(podman101, script, async (engine, fake) => {
      expect(await outcomeOf(engine.pullImage("x"))).toBe("sha");
      // Absent, it would be false.
      expect(fake.input("PullImage")).toEqual({ name: "x", tlsVerify: true });
      const options = { registry: { ...registry, tlsVerify: false } };
      await outcomeOf(engine.pullImage("x", options));
      expect(fake.input("PullImage")).toEqual({
        name: "x",
        tlsVerify: false,
        creds: "me:a:b",
      });
    });
    const PullImage = replies({ reply: { logs: [], id: "sha" } });
    await withEngine("io.podman (1.9)", { PullImage }, async (engine, fake) => {
      await outcomeOf(engine.pullImage("x", { registry }));
      expect(fake.input("PullImage")).toEqual({ name: "x", creds: registry });
    });
  });

  it.each([
    ["pullImage: allTags", { allTags: true }],
    ["pullImage: registry.tlsVerify", { registry: { tlsVerify: false } }],
    ["pullImage: compression", { compression: "gzip" }],
    ["pullImage: signaturePolicyPath", { signaturePolicyPath: "/x" }],
  ] as const)("%s is nothing that Podman 1.9 has", async (feature, options) => {
    await withEngine("io.podman (1.9)", {}, async (engine, fake) => {
      await expect(
        outcomeOf(engine.pullImage("x", options)),
      ).rejects.toMatchObject({
        feature,
      });
      expect(fake.calls).toEqual([]);
    });
  });

  it("are pushed by a daemon that does not say which", async () => {
    const script = {
      GetImage: { image: { id: "sha", repoTags: null, size: 1 } },
      PushImage: replies(
        { reply: { logs: ["Copying\n"], id: "" } },
        { reply: { logs: null, id: "" } },
      ),
    };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      const options = { compression: "gzip" } as const;
      expect(
        await outcomeOf(engine.pushImage("x", "dir:/tmp/x", options)),
      ).toBe("sha");
      expect(fake.input("PushImage")).toEqual({
        name: "x",
        tag: "dir:/tmp/x",
        compress: true,
      });
    });
  });

  it("are loaded from archives, and asked for by the names that were found", async () => {
    const script = {
      LoadImage: replies({ reply: { logs: [], id: "localhost/a:1, b" } }),
      GetImage: { image: { id: "sha", size: 1 } },
      TagImage: { image: "sha" },
    };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      const options = { reference: "new:1" };
      expect(await outcomeOf(engine.importImage("/x.tar", options))).toBe(
        "sha",
      );
      // The daemon takes these two for each other.
      expect(fake.input("LoadImage")).toMatchObject({
        quiet: false,
        deleteFile: false,
      });
      expect(fake.input("GetImage")).toEqual({ id: "localhost/a:1" });
      expect(fake.input("TagImage")).toEqual({ name: "sha", tagged: "new:1" });
    });
  });

  it("are pulled out of archives before there was a call for it", async () => {
    const PullImage: Answer = (call, connection) => {
      if (String(call.parameters?.["name"]).startsWith("oci"))
        connection.reply({ id: "sha" });
      else fails("ErrorOccurred", { reason: "no" })(call, connection);
    };
    await withEngine("io.podman (1.0)", { PullImage }, async (engine) => {
      expect(await outcomeOf(engine.importImage("/x.tar"))).toBe("sha");
    });
    const never = { PullImage: fails("ErrorOccurred", { reason: "no" }) };
    await withEngine("io.podman (1.0)", never, async (engine) => {
      await expect(
        outcomeOf(engine.importImage("/x.tar")),
      ).rejects.toMatchObject({
        code: "ENGINE_ERROR",
      });
    });
  });

  it("are found before there was a call for it", async () => {
    const script = {
      InspectImage: { image: '{"Id":"b"}' },
      ListImages: {
        images: [
          { id: "a", size: 1 },
          { id: "b", size: 1, repoTags: ["x"] },
        ],
      },
    };
    await withEngine(
      "io.projectatomic.podman",
      script,
      async (engine: Engine) => {
        expect(await engine.getImage?.("x")).toMatchObject({
          id: "b",
          names: ["x"],
        });
      },
    );
  });
});
