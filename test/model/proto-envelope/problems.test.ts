import { describe, expect, test } from "vitest";
import {
  bindEnvelope,
  EnvelopeError,
  type EnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { MINI, MINI_CONFIG, serviceOf } from "./support.ts";

const mini = serviceOf(MINI);

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(EnvelopeError);
    if (error instanceof Error) return error.message;
  }
  throw new Error("nothing was wrong");
}

function problem(config: Partial<EnvelopeConfig>): string {
  return messageOf(() => bindEnvelope(mini, { ...MINI_CONFIG, ...config }));
}

const { error } = MINI_CONFIG;

describe("a configuration that does not fit its file is refused, naming the setting and what may have been meant", () => {
  const cases: readonly [Partial<EnvelopeConfig>, string][] = [
    [
      { request: "example.mini.Requst" },
      'request: mini.proto has no message "example.mini.Requst"; did you mean "example.mini.Request"?',
    ],
    [
      { response: "example.mini.Code" },
      'response: mini.proto has no message "example.mini.Code"; did you mean "example.mini.Thing"?',
    ],
    [
      { response: "example.mini.Request" },
      "response: it is the request's message",
    ],
    [
      { request: "example.mini.MakeResult" },
      "request: MakeResult has no optional field of a message, which a command would be",
    ],
    [
      { error: { ...error, field: "cod" } },
      'error.field: Response has no field "cod"; did you mean "code"?',
    ],
    [
      { error: { ...error, field: "text" } },
      "error.field: Response.text is not one value of an enum",
    ],
    [
      { error: { ...error, field: "codes" } },
      "error.field: Response.codes is not one value of an enum",
    ],
    [
      { error: { ...error, success: "FIN" } },
      'error.success: Code has no value "FIN"; did you mean "FINE"?',
    ],
    [
      { error: { ...error, absent: "GONE" } },
      'error.absent: Code has no value "GONE"',
    ],
    [
      { error: { ...error, message: "now" } },
      "error.message: Response.now is not one string",
    ],
    [{ timestamp: "text" }, "timestamp: Response.text is not one integer"],
    [
      { label: "my label" },
      'label: "my label" is no name; it has to begin with a letter, and hold letters, digits and underscores',
    ],
    [
      { address: "somewhere" },
      'address: "somewhere" is no address such as "unix:/run/example.socket"',
    ],
    [
      { failures: { internal: { code: "BED" } } },
      'failures.internal.code: Code has no value "BED"; did you mean "BAD"?',
    ],
    [
      { idempotent: ["wach"] },
      'idempotent[0]: there is no command "wach"; did you mean "watch"?',
    ],
    [
      { idempotent: ["make", "comment"] },
      'idempotent[1]: there is no command "comment"',
    ],
    [{ bare: ["make", "make"] }, "bare[1]: make is listed twice"],
    [{ priority: ["toString"] }, 'priority[0]: there is no command "toString"'],
    [
      { extraTime: { "a.b": 1 } },
      'extraTime["a.b"]: there is no command "a.b"',
    ],
    [
      { push: { unwatch: {} } },
      "push.unwatch: the response has no field unwatch, so nothing can be pushed",
    ],
    [
      { push: { watch: { stop: "make" } } },
      "push.watch.stop: make does not have the input of watch",
    ],
    [
      { push: { watch: { stop: "watch" } } },
      "push.watch.stop: watch subscribes itself",
    ],
    [
      { push: { watch: { ends: [{ state: "over" }, {}] } } },
      "push.watch.ends[1]: without a condition every push would be the last",
    ],
    [
      { push: { watch: { ends: [{ stat: "over" }] } } },
      'push.watch.ends[0].stat: WatchResult has no field "stat"; did you mean "state"?',
    ],
    [
      { push: { watch: { ends: [{ state: 1 }] } } },
      "push.watch.ends[0].state: expected text, found 1",
    ],
    [
      { push: { watch: { ends: [{ at: 1 }] } } },
      "push.watch.ends[0].at: fields of this type cannot be compared",
    ],
    [
      { push: { watch: { ends: [{ raw: "" }] } } },
      "push.watch.ends[0].raw: fields of this type cannot be compared",
    ],
    [
      { push: { watch: { ends: [{ state: { input: "mode" } }] } } },
      "push.watch.ends[0].state.input: WatchRequest.mode does not have the type of WatchResult.state",
    ],
    [
      { push: { watch: { ends: [{ state: { input: "name" } }] } } },
      "push.watch.ends[0].state.input: WatchRequest.name does not have the type of WatchResult.state",
    ],
    [
      { bound: { make: { name: "thing" } } },
      "bound.make.name: MakeRequest.thing is not one string",
    ],
    [
      { bound: { make: { name: "thing.nam" } } },
      'bound.make.name: Thing has no field "nam"; did you mean "name"?',
    ],
    [
      { bound: { make: { name: "thing.parts.name" } } },
      "bound.make.name: Thing.parts is not one message, so nothing lies behind it",
    ],
    [
      { bound: { make: { name: "" } } },
      'bound.make.name: MakeRequest has no field ""',
    ],
    [
      { bound: { make: { name: "label", when: "label" } } },
      "bound.make.when: MakeRequest.label is not one bool",
    ],
    [
      { unbound: { make: { name: "label", where: { wait: -1 } } } },
      "unbound.make.where.wait: expected an integer from 0 to 4294967295, found -1",
    ],
    [
      { unbound: { make: { name: "label", where: { "thing.inner": "" } } } },
      'unbound.make.where["thing.inner"]: the field is neither a scalar nor an enum',
    ],
    [
      { ownTime: { make: { field: "soft" } } },
      "ownTime.make.field: MakeRequest.soft is not one integer",
    ],
    [
      { required: { "example.mini.Thin": {} } },
      'required["example.mini.Thin"]: mini.proto has no message "example.mini.Thin"; did you mean "example.mini.Thing"?',
    ],
    [
      { required: { "example.mini.Thing": { nam: "" } } },
      'required["example.mini.Thing"].nam: Thing has no field "nam"; did you mean "name"?',
    ],
  ];

  test.each(cases)("%j", (config, message) => {
    expect(problem(config)).toBe(message);
  });
});

test("a result has to be a message", () => {
  const text = `syntax = "proto2";
    enum E { OK = 0; }
    message Q { optional Q get = 1; }
    message A { optional E e = 1; optional string get = 2; }`;
  const config = {
    label: "X",
    request: "Q",
    response: "A",
    error: { field: "e", success: "OK", absent: "OK" },
  };
  expect(messageOf(() => bindEnvelope(serviceOf(text), config))).toBe(
    "response: A.get would be the result of a command, and is not one message",
  );
});

test.each([
  [
    "message Q { oneof c { Q get = 1; } }\nmessage A { optional E e = 1; }",
    'request: Q.get is in the oneof "c", where',
  ],
  [
    "message Q { optional Q get = 1; }\nmessage A { optional E e = 1; oneof c { Q get = 2; } }",
    'response: A.get is in the oneof "c", where',
  ],
])("commands and their results cannot be in a oneof: %s", (text, told) => {
  const service = serviceOf(`syntax = "proto2"; enum E { OK = 0; } ${text}`);
  const config = {
    label: "X",
    request: "Q",
    response: "A",
    error: { field: "e", success: "OK", absent: "OK" },
  };
  const message = messageOf(() => bindEnvelope(service, config, "x.json"));
  expect(message).toContain(`x.json: ${told}`);
  expect(message).toContain("take the fields out of the oneof");
});

test("a file without a package needs a label that is a name", () => {
  const service = { ...mini, name: "my-file" };
  expect(messageOf(() => bindEnvelope(service, MINI_CONFIG))).toMatch(
    /^label: "my-file" is no name/,
  );
  expect(
    bindEnvelope(service, { ...MINI_CONFIG, label: "Mine" }).envelope?.label,
  ).toBe("Mine");
});

test("what has no presence cannot be demanded", () => {
  const text = `syntax = "proto3";
    enum E { OK = 0; }
    message Q { optional Q get = 1; string name = 2; }
    message A { E e = 1; }`;
  const config = {
    label: "X",
    request: "Q",
    response: "A",
    error: { field: "e", success: "OK", absent: "OK" },
    required: { Q: { name: "" } },
  };
  expect(messageOf(() => bindEnvelope(serviceOf(text), config))).toBe(
    "required.Q.name: whether the field was given cannot be told from its zero, so nothing can be put in its place",
  );
});

test("messages begin with the configuration's path, where it is told", () => {
  const config = { ...MINI_CONFIG, label: "" };
  expect(messageOf(() => bindEnvelope(mini, config, "mini.json"))).toMatch(
    /^mini\.json: label: "" is no name/,
  );
});
