import type { ImageDetails, ImageHistoryEntry } from "../../engine.ts";
import { rfc3339Nano } from "./format.ts";

/** An empty member is left out, as Go's `omitempty` does. */
function unlessEmpty(
  name: string,
  value: string | readonly string[] | undefined,
): object {
  return value === undefined || value.length === 0 ? {} : { [name]: value };
}

/** An image as the JSON of Podman 1.0's `inspect` has it, whole. */
export function inspectImage(
  image: ImageDetails,
  history: readonly ImageHistoryEntry[],
): object {
  const size = Number(image.size ?? 0n);
  return {
    Id: image.id,
    Digest: image.digests[0]?.split("@")[1] ?? "",
    RepoTags: image.names,
    RepoDigests: image.digests,
    Parent: "",
    Comment: image.comment ?? "",
    Created: rfc3339Nano(image.createdAt?.getTime()),
    Config: {
      ...unlessEmpty("User", image.user),
      ...unlessEmpty("Env", image.env),
      ...unlessEmpty("Entrypoint", image.entrypoint),
      ...unlessEmpty("Cmd", image.command),
      ...unlessEmpty("WorkingDir", image.workDir),
      ...(Object.keys(image.labels).length === 0
        ? {}
        : { Labels: image.labels }),
    },
    Version: "",
    Author: image.author ?? "",
    Architecture: image.architecture ?? "",
    Os: image.os ?? "",
    Size: size,
    VirtualSize: size,
    GraphDriver: { Name: "memory", Data: null },
    RootFS: { Type: "layers", Layers: null },
    Labels: Object.keys(image.labels).length === 0 ? null : image.labels,
    Annotations: {},
    ManifestType: "application/vnd.oci.image.manifest.v1+json",
    User: image.user ?? "",
    // The oldest step first, against the order of HistoryImage.
    History: history.toReversed().map((step) => ({
      created: rfc3339Nano(step.createdAt?.getTime()),
      ...unlessEmpty("created_by", step.createdBy),
      ...unlessEmpty("comment", step.comment),
      ...(step.size === 0n ? { empty_layer: true } : {}),
    })),
  };
}
