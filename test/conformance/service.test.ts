import { expect } from "vitest";
import { VarlinkError } from "../../src/runtime/errors.ts";
import {
  InterfaceNotFound,
  InvalidParameter,
  MethodNotFound,
  MethodNotImplemented,
  PermissionDenied,
} from "../../src/runtime/varlink/standard.ts";
import { failure } from "../support/peer.ts";
import { serviceOf } from "../support/varlink.ts";
import { conform } from "./conform.ts";
import {
  echoes,
  full,
  INVALID,
  meet,
  serveSpecimen,
  specimen,
} from "./support.ts";

const GET_INFO = "org.varlink.service.GetInfo";
const GET_DESCRIPTION = "org.varlink.service.GetInterfaceDescription";

conform("service.there", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({
    method: GET_DESCRIPTION,
    parameters: { interface: "org.varlink.service" },
  });
  const { description } = (await peer.next())?.parameters ?? {};
  const { name, methods, errors, types } = serviceOf(String(description));
  const fields = (struct: { fields: readonly { name: string }[] }): string[] =>
    struct.fields.map((field) => field.name);
  expect(name).toBe("org.varlink.service");
  expect(types).toEqual([]);
  expect(
    methods.map((method) => [
      method.name,
      fields(method.input),
      fields(method.output),
    ]),
  ).toEqual([
    ["GetInfo", [], ["vendor", "product", "version", "url", "interfaces"]],
    ["GetInterfaceDescription", ["interface"], ["description"]],
  ]);
  expect(errors.map((error) => [error.name, fields(error)])).toEqual([
    ["InterfaceNotFound", ["interface"]],
    ["MethodNotFound", ["method"]],
    ["MethodNotImplemented", ["method"]],
    ["InvalidParameter", ["parameter"]],
    ["PermissionDenied", []],
    ["ExpectedMore", []],
    ["ExpectedUpgrade", []],
  ]);
});

const info = {
  vendor: "V",
  product: "P",
  version: "1",
  url: "https://example.org",
};

conform("service.info", "server", async () => {
  await using served = await serveSpecimen(echoes, info);
  const peer = await served.connect();
  expect(await peer.send({ method: GET_INFO }).next()).toEqual({
    parameters: {
      ...info,
      interfaces: ["org.varlink.service", specimen.interface],
    },
  });
});

conform("service.info", "client", async () => {
  await using met = await meet();
  const reply = met.client.getInfo();
  const answer = { ...info, interfaces: ["org.varlink.service", "a.b"] };
  expect(await met.connection.answer(answer)).toEqual({ method: GET_INFO });
  expect(await reply).toEqual(answer);
});

conform("service.lists-itself", "server", async () => {
  await using served = await serveSpecimen({}, {}, { interface: "a.b" });
  const peer = await served.connect();
  const reply = await peer.send({ method: GET_INFO }).next();
  expect(reply?.parameters?.["interfaces"]).toContain("org.varlink.service");
});

conform("service.description", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({
    method: GET_DESCRIPTION,
    parameters: { interface: specimen.interface },
  });
  expect(await peer.next()).toEqual({
    parameters: { description: `${specimen.description.join("\n")}\n` },
  });
});

conform("service.description", "client", async () => {
  await using met = await meet();
  const text = "# Comment.\ninterface a.b\n\ntype T ()\n";
  const reply = met.client.getInterfaceDescription("a.b");
  expect(await met.connection.answer({ description: text })).toEqual({
    method: GET_DESCRIPTION,
    parameters: { interface: "a.b" },
  });
  expect(await reply).toBe(text);
});

conform("service.no-description", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: GET_DESCRIPTION, parameters: { interface: "a.b" } });
  expect(await peer.next()).toEqual({
    error: "org.varlink.service.InterfaceNotFound",
    parameters: { interface: "a.b" },
  });
});

conform("service.no-description", "client", async () => {
  await using met = await meet();
  const reply = met.client.getInterfaceDescription("a.b");
  await met.connection.call();
  met.connection.send({
    error: "org.varlink.service.InterfaceNotFound",
    parameters: { interface: "a.b" },
  });
  await expect(reply).rejects.toBeInstanceOf(InterfaceNotFound);
});

/** What a server answers to a method that is none of the specimen's handlers. */
async function refusal(
  method: string,
  parameters: object = {},
): Promise<unknown> {
  await using served = await serveSpecimen({
    ...echoes,
    nothing() {
      throw new PermissionDenied();
    },
  });
  const peer = await served.connect();
  return await peer.send({ method, parameters }).next();
}

/** What a client makes of an error that a peer answers with. */
async function received(error: string, parameters: object): Promise<unknown> {
  await using met = await meet();
  const reply = met.client.call(full("Nothing"));
  await met.connection.call();
  met.connection.send({ error: `org.varlink.service.${error}`, parameters });
  return await failure(reply);
}

conform("service.interface-not-found", "server", async () => {
  for (const name of [
    "org.example.other",
    "org.example",
    `${specimen.interface}.sub`,
    "__proto__.constructor",
  ])
    expect(await refusal(`${name}.Nothing`)).toEqual({
      error: "org.varlink.service.InterfaceNotFound",
      parameters: { interface: name },
    });
});

conform("service.interface-not-found", "client", async () => {
  const error = await received("InterfaceNotFound", { interface: "a.b" });
  expect(error).toBeInstanceOf(InterfaceNotFound);
  expect(error).toMatchObject({ parameters: { interface: "a.b" } });
});

conform("service.method-not-found", "server", async () => {
  for (const method of [
    full("Unknown"),
    full("nothing"),
    full("toString"),
    "org.varlink.service.GetNothing",
  ])
    expect(await refusal(method)).toEqual({
      error: "org.varlink.service.MethodNotFound",
      parameters: { method },
    });
});

conform("service.method-not-found", "client", async () => {
  const error = await received("MethodNotFound", { method: full("Unknown") });
  expect(error).toBeInstanceOf(MethodNotFound);
  expect(error).toMatchObject({ parameters: { method: full("Unknown") } });
});

conform("service.method-not-implemented", "server", async () => {
  expect(await refusal(full("Absent"))).toEqual({
    error: "org.varlink.service.MethodNotImplemented",
    parameters: { method: full("Absent") },
  });
});

conform("service.method-not-implemented", "client", async () => {
  const error = await received("MethodNotImplemented", {
    method: full("Absent"),
  });
  expect(error).toBeInstanceOf(MethodNotImplemented);
  expect(error).toMatchObject({ parameters: { method: full("Absent") } });
});

conform("service.invalid-parameter", "server", async () => {
  for (const [parameters, parameter] of [
    [{}, "value"],
    [{ value: 1, extra: 2 }, "extra"],
    [{ value: "x" }, "value"],
    [{ value: 2 ** 65 }, "value"],
  ] as const)
    expect(await refusal(full("TakeInt"), parameters)).toEqual({
      error: INVALID,
      parameters: { parameter },
    });
});

conform("service.invalid-parameter", "client", async () => {
  const error = await received("InvalidParameter", { parameter: "value" });
  expect(error).toBeInstanceOf(InvalidParameter);
  expect(error).toMatchObject({ parameters: { parameter: "value" } });
});

conform("service.permission-denied", "server", async () => {
  expect(await refusal(full("Nothing"))).toEqual({
    error: "org.varlink.service.PermissionDenied",
  });
});

conform("service.permission-denied", "client", async () => {
  expect(await received("PermissionDenied", {})).toBeInstanceOf(
    PermissionDenied,
  );
});

conform("interface.well-defined-errors", "server", async () => {
  await using served = await serveSpecimen({
    nothing() {
      throw new Error("a secret of the server's");
    },
    takeNullable() {
      throw new VarlinkError("org.example.other.Odd", { number: 1 });
    },
  });
  const peer = await served.connect();
  peer.send({ method: full("Nothing") });
  expect(await peer.next()).toEqual({
    error: "invalid.portolan.InternalError",
  });
  expect(served.errors).toHaveLength(1);
  expect(await peer.send({ method: full("TakeNullable") }).next()).toEqual({
    error: "org.example.other.Odd",
    parameters: { number: 1 },
  });
});
