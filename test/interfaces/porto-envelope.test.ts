import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Service, StructDeclaration } from "../../src/model/api.ts";
import { parseProto } from "../../src/model/proto.ts";
import {
  bindEnvelope,
  parseEnvelopeConfig,
} from "../../src/model/proto/envelope.ts";
import { corpus, describeCorpus } from "../support/corpus.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../interfaces/${name}`, import.meta.url), "utf8");

function readPorto(): Service {
  const config = parseEnvelopeConfig(
    read("porto.envelope.json"),
    "porto.envelope.json",
  );
  const parsed = parseProto(read("porto.proto"), { path: "porto.proto" });
  if (parsed.service === undefined) throw new Error("it cannot be read");
  return bindEnvelope(parsed.service, config);
}

const service = readPorto();

/** Porto's commands: field and message of the request, then of the result. */
const COMMANDS = `
  Create 1 TCreateRequest
  Destroy 2 TDestroyRequest
  List 3 TListRequest 3 TListResponse
  GetProperty 4 TGetPropertyRequest 4 TGetPropertyResponse
  SetProperty 5 TSetPropertyRequest
  GetDataProperty 6 TGetDataPropertyRequest 5 TGetDataPropertyResponse
  Start 7 TStartRequest
  Stop 8 TStopRequest
  Pause 9 TPauseRequest
  Resume 10 TResumeRequest
  ListProperties 11 TListPropertiesRequest 6 TListPropertiesResponse
  ListDataProperties 12 TListDataPropertiesRequest 7 TListDataPropertiesResponse
  Kill 13 TKillRequest
  Version 14 TVersionRequest 8 TVersionResponse
  Get 15 TGetRequest 10 TGetResponse
  Wait 16 TWaitRequest 11 TWaitResponse
  CreateWeak 17 TCreateRequest
  Respawn 18 TRespawnRequest
  AsyncWait 19 TWaitRequest 19 TWaitResponse
  FindLabel 20 TFindLabelRequest 20 TFindLabelResponse
  SetLabel 21 TSetLabelRequest 21 TSetLabelResponse
  IncLabel 22 TIncLabelRequest 22 TIncLabelResponse
  ListVolumeProperties 103 TListVolumePropertiesRequest 12 TListVolumePropertiesResponse
  CreateVolume 104 TCreateVolumeRequest 13 TVolumeDescription
  LinkVolume 105 TLinkVolumeRequest
  UnlinkVolume 106 TUnlinkVolumeRequest
  ListVolumes 107 TListVolumesRequest 9 TListVolumesResponse
  TuneVolume 108 TTuneVolumeRequest
  ImportLayer 110 TImportLayerRequest
  RemoveLayer 111 TRemoveLayerRequest
  ListLayers 112 TListLayersRequest 14 TListLayersResponse
  ExportLayer 113 TExportLayerRequest
  GetLayerPrivate 114 TGetLayerPrivateRequest 16 TGetLayerPrivateResponse
  SetLayerPrivate 115 TSetLayerPrivateRequest
  ListStorages 116 TListStoragesRequest 17 TListStoragesResponse
  RemoveStorage 117 TRemoveStorageRequest
  ImportStorage 118 TImportStorageRequest
  ExportStorage 119 TExportStorageRequest
  LinkVolumeTarget 120 TLinkVolumeRequest
  UnlinkVolumeTarget 121 TUnlinkVolumeRequest
  CreateMetaStorage 122 TMetaStorage
  ResizeMetaStorage 123 TMetaStorage
  RemoveMetaStorage 124 TMetaStorage
  SetSymlink 125 TSetSymlinkRequest
  NewVolume 126 TNewVolumeRequest 126 TNewVolumeResponse
  GetVolume 127 TGetVolumeRequest 127 TGetVolumeResponse
  StopAsyncWait 128 TWaitRequest
  ConvertPath 200 TConvertPathRequest 15 TConvertPathResponse
  AttachProcess 201 TAttachProcessRequest
  LocateProcess 202 TLocateProcessRequest 18 TLocateProcessResponse
  AttachThread 203 TAttachProcessRequest
  CreateFromSpec 230 TCreateFromSpecRequest
  UpdateFromSpec 231 TUpdateFromSpecRequest
  ListContainersBy 232 TListContainersRequest 232 TListContainersResponse
  GetSystem 300 TGetSystemRequest 300 TGetSystemResponse
  SetSystem 301 TSetSystemRequest 301 TSetSystemResponse
  dockerImageStatus 303 TDockerImageStatusRequest 302 TDockerImageStatusResponse
  listDockerImages 304 TDockerImageListRequest 303 TDockerImageListResponse
  pullDockerImage 305 TDockerImagePullRequest 304 TDockerImagePullResponse
  removeDockerImage 306 TDockerImageRemoveRequest
`;

describe("the commands of Porto", () => {
  it("are found in its messages, with the numbers of both", () => {
    const expected = COMMANDS.trim()
      .split("\n")
      .map((line) => line.trim());
    const found = service.methods.map(({ name, envelope }) =>
      [
        name,
        envelope?.requestField,
        envelope?.input.slice(1).join("."),
        envelope?.responseField,
        envelope?.output?.slice(1).join("."),
      ]
        .filter((part) => part !== undefined)
        .join(" "),
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(found).toHaveLength(60);
    const results = service.methods.filter(({ envelope }) => envelope?.output);
    expect(results).toHaveLength(28);
  });

  it("have the order of the file", () => {
    expect(service.methods.slice(0, 5).map(({ name }) => name)).toEqual([
      "Version",
      "GetSystem",
      "SetSystem",
      "Create",
      "CreateWeak",
    ]);
  });

  it("that are deprecated are marked", () => {
    const marked = service.methods.filter(({ deprecated }) => deprecated);
    expect(marked.map(({ name }) => name)).toEqual([
      "ListDataProperties",
      "GetDataProperty",
    ]);
  });

  it("end their subscription, are bound and take time as the daemon has it", () => {
    const of = (name: string) =>
      service.methods.find((method) => method.name === name)?.envelope;
    expect(of("AsyncWait")?.push?.stop).toBe("StopAsyncWait");
    expect(of("AsyncWait")?.push?.ends).toHaveLength(2);
    expect(of("CreateWeak")?.bound).toEqual({
      name: ["name"],
      when: undefined,
    });
    expect(of("CreateFromSpec")?.bound).toEqual({
      name: ["container", "name"],
      when: ["container", "weak"],
    });
    expect(of("Wait")?.ownTime).toEqual({
      field: ["timeout_ms"],
      absent: undefined,
    });
    expect(of("Stop")?.ownTime?.absent).toBe(30_000);
    expect(of("ImportLayer")?.extraTime).toBe(900_000);
    expect(of("Start")?.extraTime).toBeUndefined();
  });

  it("are sent again only if they do not change anything", () => {
    const changing =
      /^(?:Create|Destroy|Start|Stop|Pause|Resume|Kill|Respawn|Set|Inc|Update|New|Tune|Link|Unlink|Import|Export|Remove|Resize|Attach|AsyncWait|pull|remove)/;
    for (const { name, envelope } of service.methods)
      expect(envelope?.idempotent, name).toBe(!changing.test(name));
  });
});

describe("the envelope of Porto", () => {
  it("has its error codes, texts, time and address", () => {
    expect(service.envelope).toMatchObject({
      label: "Porto",
      error: { field: "error", enum: ["Porto", "EError"] },
      success: { number: 0 },
      absent: { name: "LostError", number: 23 },
      errorMessage: "errorMsg",
      timestamp: "timestamp",
      address: "unix:/run/portod.socket",
    });
  });

  it("has every field that the daemon and its C++ and Go clients do not do without", () => {
    const demanded = [...(service.envelope?.required ?? [])];
    const count = demanded.reduce((sum, [, fields]) => sum + fields.size, 0);
    // With key and value of the three maps these are the 165 that differ from the daemon's own file.
    expect(count).toBe(159);
    expect(demanded).toHaveLength(68);
    const documented: Record<string, Record<string, unknown>> = {
      TAttachProcessRequest: { name: "", pid: 0, comm: "" },
      TConvertPathRequest: { path: "", source: "", destination: "" },
      TImportLayerRequest: { layer: "", tarball: "", merge: false },
      TExportLayerRequest: { volume: "", tarball: "" },
      TListContainersFilter: { name: "***" },
      TStreamDumpOptions: { stdstream_offset: 0n, stdstream_limit: 8388608n },
      TUpdateFromSpecRequest: { container: new Uint8Array([0x0a, 0]) },
    };
    for (const [name, fields] of Object.entries(documented)) {
      const found = service.envelope?.required.get(`Porto.${name}`);
      expect(Object.fromEntries(found ?? []), name).toEqual(fields);
    }
  });
});

interface Frame {
  readonly dir: "request" | "response" | "push";
  readonly seed_decoded: object;
}

describeCorpus("recorded traffic of the real daemon and its clients", () => {
  const frames = (): Frame[] => {
    const file = readFileSync(corpus("porto", "core.json"), "utf8");
    const exchanges = JSON.parse(file) as { exchange: Frame[] }[];
    return exchanges.flatMap(({ exchange }) => exchange);
  };

  it("has every demanded field in every message", () => {
    let seen = 0;
    for (const { dir, seed_decoded: message } of frames()) {
      const root = dir === "request" ? "TPortoRequest" : "TPortoResponse";
      seen += countDemanded(["Porto", root], message);
    }
    expect(seen).toBeGreaterThan(100);
  });
});

/** Checks a message in ProtoJSON, and counts the demanded fields in it. */
function countDemanded(path: readonly string[], message: object): number {
  const type = service.types.find(
    (one): one is StructDeclaration =>
      one.kind === "struct" && one.path.join(".") === path.join("."),
  );
  const demanded = service.envelope?.required.get(path.join("."));
  const names = [...(demanded?.keys() ?? [])];
  for (const name of names)
    expect(message, path.join(".")).toHaveProperty(name);
  let count = names.length;
  for (const [name, value] of Object.entries(message) as [string, unknown][]) {
    const inner = messageType(type, name);
    if (inner === undefined) continue;
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof item === "object" && item !== null)
        count += countDemanded(inner, item);
  }
  return count;
}

function messageType(
  type: StructDeclaration | undefined,
  name: string,
): Service["types"][number]["path"] | undefined {
  const field = type?.fields.find((one) => one.name === name)?.type;
  const element = field?.kind === "list" ? field.element : field;
  return element?.kind === "reference" ? element.path : undefined;
}
