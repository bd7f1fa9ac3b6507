import type { PodmanHandlers } from "portolan/podman/1.9";
import type { AllHandlers } from "../podman/handlers.ts";
import { unlessGone } from "../podman/served.ts";
import type { Served19 } from "./answers.ts";
import { type Inspected, inspected } from "./images.ts";

type LayerHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  "imageTree" | "getLayersMapWithImageInfo" | "buildImageHierarchyMap"
>;

/** A layer as Podman's developers see it. */
interface Layer {
  readonly ID: string;
  readonly ParentID: string;
  readonly ChildID: string[];
  readonly RepoTags: string[];
  readonly Size: number;
}

/** The methods that tell how images are built on each other. */
export function layerHandlers(served: Served19): LayerHandlers {
  const { engine } = served;

  const inspectAll = async (): Promise<readonly Inspected[]> => {
    const all: Inspected[] = [];
    for (const { id } of await engine.listImages()) {
      await unlessGone(async () => {
        all.push(await inspected(served, id));
      });
    }
    return all;
  };

  return {
    async imageTree({ name, whatRequires }) {
      const { id, size } = await served.attempt(engine.getImage(name));
      const image = await served.attempt(inspected(served, id));
      const heading = [
        `Image ID: ${id.slice(0, 12)}`,
        `Tags:     [${image.names.join(" ")}]`,
        `Size:     ${size ?? 0n}B`,
      ];
      const lines = whatRequires
        ? branches(id, await served.attempt(inspectAll()))
        : branch(
            image.layers.map((layer, index) => {
              const top = index === image.layers.length - 1;
              const end = top
                ? ` Top Layer of: [${image.names.join(" ")}]`
                : "";
              return `ID: ${shortDigest(layer)}${end}`;
            }),
          );
      const all = [...heading, "Image Layers", ...lines];
      return { tree: `${all.join("\n")}\n` };
    },

    async getLayersMapWithImageInfo() {
      const layers = layersOf(await served.attempt(inspectAll()));
      return { layerMap: JSON.stringify(Object.fromEntries(layers)) };
    },

    async buildImageHierarchyMap({ name }) {
      const { id } = await served.attempt(engine.getImage(name));
      const own = await served.attempt(inspected(served, id));
      const layers = layersOf(await served.attempt(inspectAll()));
      return {
        imageInfo: JSON.stringify({
          ID: id,
          Tags: own.names,
          Layers: own.layers.map((layer) => layers.get(layer)),
        }),
      };
    },
  };
}

function shortDigest(digest: string): string {
  return digest.replace(/^[^:]*:/, "").slice(0, 12);
}

/** Lines below each other, the last with a corner. */
function branch(lines: readonly string[]): readonly string[] {
  return lines.map(
    (line, index) => `${index === lines.length - 1 ? "└──" : "├──"} ${line}`,
  );
}

/** The images that are built on one, and those that are built on them. */
function branches(id: string, all: readonly Inspected[]): readonly string[] {
  const children = all.filter(({ parent }) => parent === id);
  return children.flatMap((child, index) => {
    const last = index === children.length - 1;
    const tags = child.names.join(" ");
    return [
      `${last ? "└──" : "├──"} ID: ${child.id.slice(0, 12)} Tags: [${tags}]`,
      ...branches(child.id, all).map(
        (line) => `${last ? "    " : "│   "}${line}`,
      ),
    ];
  });
}

/** All layers by their digests, each with what is above and below it. */
function layersOf(images: readonly Inspected[]): ReadonlyMap<string, Layer> {
  const layers = new Map<string, Layer>();
  for (const { layers: digests, names } of images) {
    for (const [index, digest] of digests.entries()) {
      const layer = layers.get(digest) ?? {
        ID: digest,
        ParentID: digests[index - 1] ?? "",
        ChildID: [],
        RepoTags: [],
        Size: 0,
      };
      layers.set(digest, layer);
      const above = digests[index + 1];
      if (above === undefined) layer.RepoTags.push(...names);
      else if (!layer.ChildID.includes(above)) layer.ChildID.push(above);
    }
  }
  return layers;
}
