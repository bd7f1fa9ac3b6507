import { expect } from "vitest";
import {
  AmbiguousId,
  type Container,
  ContainerExists,
  NoSuchContainer,
  NoSuchImage,
} from "portolan/libpod";
import { ids, rejection, type Rule } from "./support.ts";

/** Finding containers and images. */
export const findRules: readonly Rule[] = [
  {
    name: "an engine says its version",
    needs: [],
    async run(runtime) {
      const { version, api } = await runtime.version();
      expect(version).not.toBe("");
      expect(api).not.toBe("");
    },
  },

  {
    name: "a new container is configured, found by id, name and unique beginning of its id, and listed",
    needs: ["createContainer"],
    async run(runtime, made) {
      const container = await made.container("forever");
      const { id, name } = container;
      expect((await container.status()).state).toBe("configured");
      expect(await runtime.hasContainer(id)).toBe(true);
      expect((await runtime.getContainer(id)).name).toBe(name);
      expect((await runtime.lookupContainer(name)).id).toBe(id);
      expect((await runtime.lookupContainer(id)).name).toBe(name);
      expect(ids(await runtime.containers())).toContain(id);
      const begin = id.slice(0, -1);
      expect((await runtime.lookupContainer(begin)).id).toBe(id);
    },
  },

  {
    name: "what is not there is not found",
    needs: [],
    async run(runtime, _made, bench) {
      const missing = `${bench.prefix}-missing`;
      expect(await runtime.hasContainer(missing)).toBe(false);
      expect(await rejection(runtime.getContainer(missing))).toBeInstanceOf(
        NoSuchContainer,
      );
      expect(await rejection(runtime.lookupContainer(missing))).toBeInstanceOf(
        NoSuchContainer,
      );
    },
  },

  {
    name: "getContainer takes whole ids only",
    needs: ["createContainer"],
    async run(runtime, made, bench) {
      const { id, name } = await made.container("forever");
      expect(
        await rejection(runtime.getContainer(id.slice(0, -1))),
      ).toBeInstanceOf(NoSuchContainer);
      if (bench.differences.has("ids are names")) return;
      expect(await rejection(runtime.getContainer(name))).toBeInstanceOf(
        NoSuchContainer,
      );
      expect(await runtime.hasContainer(name)).toBe(false);
    },
  },

  {
    name: "the beginning of several ids is refused, not guessed",
    needs: ["createContainer"],
    async run(runtime, made) {
      // Seventeen ids of hexadecimal digits: two at least begin alike.
      const seen = new Set<string>();
      let begin: string | undefined;
      while (begin === undefined && seen.size < 17) {
        const [first = ""] = (await made.container("forever")).id;
        if (seen.has(first)) begin = first;
        seen.add(first);
      }
      expect(begin).toBeDefined();
      const error = await rejection(runtime.lookupContainer(begin ?? ""));
      expect(error).toBeInstanceOf(AmbiguousId);
    },
  },

  {
    name: "filters are ANDed",
    needs: ["createContainer"],
    async run(runtime, made) {
      const first = await made.container("forever", {
        labels: { "SUITE.kind": "a" },
      });
      const second = await made.container("forever", {
        labels: { "SUITE.kind": "b" },
      });
      const ours = ({ id }: Container): boolean =>
        id === first.id || id === second.id;
      expect(ids(await runtime.containers(ours)).toSorted()).toEqual(
        [first.id, second.id].toSorted(),
      );
      const found = await runtime.containers(
        ours,
        ({ summary }) => summary.labels["SUITE.kind"] === "b",
      );
      expect(ids(found)).toEqual([second.id]);
      expect(await runtime.containers(ours, () => false)).toEqual([]);
    },
  },

  {
    name: "a name is given once",
    needs: ["createContainer"],
    async run(_runtime, made) {
      const { name } = await made.container("forever");
      expect(
        await rejection(made.container("forever", { name })),
      ).toBeInstanceOf(ContainerExists);
    },
  },

  {
    name: "labels, command and name are told back",
    needs: ["createContainer"],
    async run(runtime, made) {
      const labels = {
        "SUITE.one": "1",
        "com.example.two words": 'a "quoted" ü',
      };
      const made1 = await made.container("speaks", { labels });
      const { summary, name } = await runtime.getContainer(made1.id);
      expect(summary.labels).toMatchObject(labels);
      expect(summary.name).toBe(name);
      const details = await made1.inspect();
      expect(details.labels).toMatchObject(labels);
      expect(details.command).toEqual([
        "sh",
        "-c",
        "echo one; echo two; echo three >&2; exit 3",
      ]);
    },
  },

  {
    name: "an image that is not there is not found",
    needs: ["getImage"],
    async run(runtime, _made, bench) {
      const missing = `localhost/${bench.prefix}/missing:1`;
      expect(await rejection(runtime.getImage(missing))).toBeInstanceOf(
        NoSuchImage,
      );
    },
  },
];
