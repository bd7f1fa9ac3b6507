import { expect, test } from "vitest";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import { declaration } from "../typescript/emitted.ts";
import { emitFile } from "./emitted.ts";
import { clash, clashConfig, messages } from "./inputs.ts";

test("what a configuration says, by the names of properties", () => {
  const text = emitFile(clash(), "descriptor");
  expect(declaration(text, "demoDescriptor$")).toBe(
    `export const demoDescriptor$: $.EnvelopeDescriptor = {
  name: "demo",
  address: "unix:/run/demo.socket",
  request: TRequest,
  response: TResponse,
  error: "__defineGetter__$",
  errorMessage: "hasOwnProperty$",
  timestamp: "valueOf$",
  codes: TResponse_Code,
  // Fine
  success: 0,
  // __proto__
  absent: 1,
  methods: {
    Create: {
      input: Create,
      output: CreateResult,
      bound: {
        name: ["name"],
        when: ["constructor$", "then"],
      },
    },
    create: { input: Create },
    Then: { input: Empty, idempotent: true },
    constructor$: { input: Empty },
    ToString: { input: Empty },
    toString$: { input: Empty },
    __proto__$: { input: Empty },
    connect: { input: Empty, extraTime: 1500 },
    class: { input: Empty },
    Watch: {
      input: Watch,
      output: Watch,
      push: { stop: "StopWatch" },
      bare: true,
    },
    StopWatch: { input: Watch },
    Error: { input: Empty, output: Lists },
  },
  priority: ["toString$", "Create"],
  failures: {
    method: {
      // constructor
      code: -2,
      text: "no such method",
    },
  },
};`,
  );
});

test("and the rest of it", () => {
  const service = bindEnvelope(messages("clash.proto"), {
    request: clashConfig.request,
    response: clashConfig.response,
    error: { field: "__defineGetter__", success: "Fine", absent: "then" },
    push: {
      Watch: {
        ends: [
          { state: "timeout", toLocaleString: "" },
          { state: { input: "toLocaleString" }, toLocaleString: "x" },
        ],
      },
    },
    bound: { Create: { name: "__proto__" } },
    unbound: {
      create: { name: "name", where: { "constructor.then": true, name: "a" } },
    },
    ownTime: { Create: { field: "propertyIsEnumerable", absent: 30_000 } },
  });
  const text = emitFile(service, "descriptor");
  expect(text).not.toMatch(/address|errorMessage|timestamp|priority|failures/);
  expect(text).toContain("  // then\n  absent: 3,\n");
  expect(text).toContain(`
    Create: {
      input: Create,
      output: CreateResult,
      bound: {
        name: ["__proto__$"],
      },
      ownTime: {
        field: ["propertyIsEnumerable$"],
        absent: 30000,
      },
    },
    create: {
      input: Create,
      unbound: {
        name: ["name"],
        where: { "constructor$.then": true, name: "a" },
      },
    },`);
  expect(text).toContain(`
      push: {
        ends: [
          { state: "timeout", toLocaleString$: "" },
          { state: { input: "toLocaleString$" }, toLocaleString$: "x" },
        ],
      },`);
});
