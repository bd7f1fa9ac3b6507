import { readFileSync } from "node:fs";
import type {
  EnumDeclaration,
  Field,
  Method,
  Service,
  StructDeclaration,
} from "../../../src/model/api.ts";
import { emitMarkdown } from "../../../src/emit/markdown/emit.ts";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import {
  MINI,
  MINI_CONFIG,
  serviceOf,
} from "../../model/proto-envelope/support.ts";

/** A service that has an example of everything the model knows. */
export function miniService(): Service {
  return bindEnvelope(serviceOf(MINI), {
    ...MINI_CONFIG,
    error: { ...MINI_CONFIG.error, message: "text" },
    timestamp: "now",
    address: "unix:/run/mini.socket",
    push: {
      watch: {
        stop: "unwatch",
        ends: [{ state: "over", mode: "FAST" }, { state: { input: "target" } }],
      },
    },
    bound: { make: { name: "thing.name", when: "thing.bound" } },
    unbound: {
      make: { name: "label", where: { soft: true, "thing.name": "" } },
      unwatch: { name: "target" },
    },
    extraTime: { make: 1500 },
    ownTime: { make: { field: "wait", absent: 30_000 } },
    idempotent: ["constructor"],
    bare: ["constructor"],
    required: {
      "example.mini.MakeRequest": { thing: {}, label: "a|b" },
      "example.mini.Thing": { name: "" },
      "example.mini.Values": { a_double: 0.5, an_enum: "FAST", a_uint64: "7" },
    },
  });
}

/** A file of messages, with services and extensions. */
export function libraryService(): Service {
  const file = new URL("golden/library.proto", import.meta.url);
  return serviceOf(readFileSync(file, "utf8"));
}

/** The document of a service. */
export function documentOf(
  service: Service,
  sections: "file" | "sorted" = "file",
): string {
  return emitMarkdown(service, { path: "API.md", sections }).text;
}

/** The same service with other docs: those that `next` gives. */
export function withDocs(service: Service, next: () => string): Service {
  const field = (one: Field): Field => ({ ...one, docs: next() });
  const types = service.types.map((type) =>
    type.kind === "struct"
      ? ({
          ...type,
          docs: next(),
          fields: type.fields.map(field),
          oneofs: (type.oneofs ?? []).map((oneof) => ({
            ...oneof,
            docs: next(),
          })),
        } satisfies StructDeclaration)
      : ({
          ...type,
          docs: next(),
          values: type.values.map((value) => ({ ...value, docs: next() })),
        } satisfies EnumDeclaration),
  );
  const methods = service.methods.map((method): Method => ({
    ...method,
    docs: next(),
  }));
  const rpcServices = (service.rpcServices ?? []).map((one) => ({
    ...one,
    docs: next(),
    methods: one.methods.map((method) => ({ ...method, docs: next() })),
  }));
  const extensions = (service.extensions ?? []).map((one) => ({
    ...one,
    field: field(one.field),
  }));
  return {
    ...service,
    docs: next(),
    types,
    methods,
    rpcServices,
    extensions,
    members: [...methods, ...types],
  };
}
