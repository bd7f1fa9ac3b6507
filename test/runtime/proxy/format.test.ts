import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortolanError } from "../../../src/runtime/errors.ts";
import type {
  TappedCall,
  TappedClose,
  TappedReply,
} from "../../../src/runtime/proxy/events.ts";
import { formatTapped } from "../../../src/runtime/proxy/format.ts";

function call(message: {
  readonly method: string;
  readonly parameters?: object;
}): TappedCall {
  const text = JSON.stringify(message);
  return callOf(text, message.method);
}

function callOf(text: string, method = "a.b.C"): TappedCall {
  const { parameters = {} } = JSON.parse(text) as { parameters?: object };
  return {
    type: "call",
    connection: 3,
    time: 0,
    call: 2,
    method,
    mode: "call",
    parameters,
    text,
    size: text.length,
  };
}

function reply(text: string, further: Partial<TappedReply> = {}): TappedReply {
  const { parameters = {} } = JSON.parse(text) as { parameters?: object };
  return {
    type: "reply",
    connection: 3,
    time: 0,
    to: callOf("{}"),
    parameters,
    error: undefined,
    continues: false,
    upgraded: false,
    duration: 1.234,
    text,
    size: text.length,
    ...further,
  };
}

const close: TappedClose = {
  type: "close",
  connection: 3,
  time: 0,
  error: undefined,
  duration: 1234.5,
  sent: 1,
  received: 200,
  raw: { sent: 0, received: 0 },
  unanswered: [],
};

describe("an event is one line:", () => {
  test.each([
    [
      formatTapped({
        type: "open",
        connection: 3,
        time: 0,
        client: "tcp:[::1]:1",
        service: "unix:/run/x",
      }),
      "#3 open: tcp:[::1]:1 → unix:/run/x",
    ],
    [formatTapped(callOf("{}")), "#3.2 → a.b.C"],
    [
      formatTapped({ ...callOf('{"parameters":{ "x": [1] }}'), mode: "more" }),
      '#3.2 → a.b.C {"x":[1]} (more)',
    ],
    [formatTapped(reply("{}")), "#3.2 ← {} (1.2 ms)"],
    [
      formatTapped(reply('{"parameters":{"n":1}}', { continues: true })),
      '#3.2 ← {"n":1} (continues, 1.2 ms)',
    ],
    [
      formatTapped(reply("{}", { upgraded: true, duration: 250.4 })),
      "#3.2 ← {} (upgraded, 250 ms)",
    ],
    [
      formatTapped(reply('{"parameters":{"n":1}}', { error: "a.b.Broken" })),
      '#3.2 ✗ a.b.Broken {"n":1} (1.2 ms)',
    ],
    [formatTapped(reply("{}", { error: "a.b.No" })), "#3.2 ✗ a.b.No (1.2 ms)"],
    [
      formatTapped({
        type: "violation",
        connection: 3,
        time: 0,
        by: "client",
        error: new PortolanError("PROTOCOL", "malformed call: not JSON"),
        stopped: true,
      }),
      "#3 the client broke the protocol: malformed call: not JSON; no more of it is decoded",
    ],
    [formatTapped(close), "#3 closed after 1235 ms: 1 byte sent, 200 received"],
    [
      formatTapped({
        ...close,
        raw: { sent: 1, received: 4 },
        unanswered: [callOf("{}")],
        error: new PortolanError("CONNECTION_LOST", "it broke"),
      }),
      "#3 closed after 1235 ms: 1 byte sent, 200 received; 1 and 4 of them not decoded; 1 call unanswered; it broke",
    ],
    [formatTapped({ type: "gap", missed: 2 }), "… 2 events missed"],
  ])("%s", (line, expected) => expect(line).toBe(expected));
});

describe("integers are exact:", () => {
  test.each([
    '{"a":18446744073709551615,"b":[-9223372036854775808],"c":{"d":12345678901234567890}}',
    '{"a":1e300,"b":9007199254740993}',
    '{"__proto__":9007199254740993}',
  ])("%s", (parameters) => {
    const line = formatTapped(callOf(`{"parameters":${parameters}}`));
    const shown = parameters.replace("1e300", "1e+300");
    expect(line).toBe(`#3.2 → a.b.C ${shown}`);
    expect({}).not.toHaveProperty("a");
  });
});

describe("what a peer chose cannot harm a terminal:", () => {
  test("any method and any parameters are printable, and stay on their line", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        (method, value) => {
          const line = formatTapped(
            call({ method, parameters: { [method]: value } }),
          );
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        },
      ),
    );
  });

  test("and what is escaped in parameters is still their JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const line = formatTapped(
          call({ method: "a.b.C", parameters: { value } }),
          {
            maxLength: Infinity,
          },
        );
        const shown = JSON.parse(line.slice("#3.2 → a.b.C ".length)) as unknown;
        expect(shown).toEqual({ value });
      }),
    );
  });

  test("escape sequences, and text that runs the other way", () => {
    const evil = "\u001B[2J\u202Egnp.exe\u{E0041}\u007F\u0085\uD800";
    expect(formatTapped(callOf("{}", evil))).toBe(
      "#3.2 → \\u001b[2J\\u202egnp.exe\\udb40\\udc41\\u007f\\u0085\\ud800",
    );
  });

  test("what takes no place: joiners, fillers, selectors of variants", () => {
    expect(formatTapped(callOf("{}", "a\u034F\u115F\u3164\uFE0Fb"))).toBe(
      "#3.2 → a\\u034f\\u115f\\u3164\\ufe0fb",
    );
  });

  test("much is cut, also in the middle of a character, and depth is no matter", () => {
    const long = callOf(JSON.stringify({ parameters: { x: "ab😀" } }));
    expect(formatTapped(long, { maxLength: 9 })).toBe(
      '#3.2 → a.b.C {"x":"ab\\ud83d…',
    );
    const depth = 100_000;
    const deep = `{"parameters":{"x":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
    const line = formatTapped(callOf(deep), { maxLength: 20 });
    expect(line).toBe(`#3.2 → a.b.C ${deep.slice(0, 20)}…`);
  });
});
