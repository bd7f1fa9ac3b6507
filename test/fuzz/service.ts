import type { Duplex } from "node:stream";
import { VarlinkError } from "../../src/runtime/errors.ts";
import type { InterfaceDescriptor } from "../../src/runtime/varlink/descriptor.ts";
import { service, type Service } from "../../src/runtime/varlink/service.ts";
import { MethodNotImplemented } from "../../src/runtime/varlink/standard.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";

/** A field of this name is data like any other. */
const THEN = ["th", "en"].join("");

/** Every kind of type, and names that every object has. */
export const everything: InterfaceDescriptor["types"] = {
  Everything: {
    bool: "bool",
    int: "int",
    float: "float",
    string: "string",
    object: "?object",
    any: "?any",
    colour: "?Colour",
    list: "[]int",
    map: "[string]int",
    holes: "?[]?Inner",
    inner: "?Inner",
    tree: "?Everything",
  },
  Inner: {
    constructor: "?int",
    toString: "?string",
    hasOwnProperty: "?[string]Inner",
    [THEN]: "?[]int",
    toJSON: "?object",
  },
  Colour: ["red", "green", "constructor", "toString"],
};

/** A value that fits a type, as a handler sees it: without members that nobody declared. */
export function declaredPart(value: unknown, type: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  const inner = type.replace(/^\?/, "");
  const element = /^\[(?:string)?\](.*)$/.exec(inner)?.[1];
  const fields = everything[inner];
  const typeOf = (name: string): string | undefined =>
    element ?? (fields as Readonly<Record<string, string>>)[name];
  if (Array.isArray(value))
    return value.map((item) => declaredPart(item, element ?? ""));
  // What is `object` or `any` is whole.
  if (element === undefined && fields === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const known = element !== undefined || Object.hasOwn(fields ?? {}, name);
      return known ? [[name, declaredPart(member, typeOf(name) ?? "")]] : [];
    }),
  );
}

function describe(name: string): InterfaceDescriptor {
  const text = { text: "string" };
  return {
    interface: name,
    types: everything,
    methods: {
      Nothing: { input: {}, output: {} },
      Echo: { input: text, output: text },
      Mirror: {
        input: { value: "Everything" },
        output: { value: "Everything" },
      },
      Count: { input: { to: "?int" }, output: { number: "int" } },
      Watch: { input: {}, output: { number: "int" }, more: "required" },
      Speak: { input: {}, output: {}, upgrade: "supported" },
      Fail: { input: {}, output: {} },
      Missing: { input: {}, output: {} },
      Then: { input: {}, output: {} },
      HasOwnProperty: { input: {}, output: {} },
    },
    errors: { Broken: { constructor: "string" } },
    description: [`interface ${name}`, "", "method Nothing() -> ()"],
  };
}

/** Served, and called, under this name. */
export const FUZZ = "org.example.fuzz";

/** The same with exact integers. */
export const EXACT = "org.example.exact";

export const descriptor: InterfaceDescriptor = describe(FUZZ);

export const exactDescriptor: InterfaceDescriptor = {
  ...describe(EXACT),
  int: "bigint",
};

/** How many numbers are counted at the most. */
export const MAX_COUNT = 20;

/** Handlers that answer at once, later, many times, with raw bytes, or with an error. */
function handlers(one: number | bigint): object {
  const make = (number: number): number | bigint =>
    typeof one === "bigint" ? BigInt(number) : number;
  const only =
    <I>(answer: (input: I) => unknown) =>
    (input: I, call: Call): unknown => {
      if (call.upgrade) throw new MethodNotImplemented({ method: call.method });
      return answer(input);
    };
  const numbers = function* (to: number | bigint): Generator<object> {
    for (let number = 0; number < Math.min(Number(to), MAX_COUNT); number += 1)
      yield { number: make(number) };
  };
  return {
    nothing: only(() => {}),
    echo: only(async ({ text }: { readonly text: string }) => {
      await Promise.resolve();
      return { text };
    }),
    mirror: only(({ value }: { readonly value: object }) => ({ value })),
    count: only(({ to }: { readonly to?: number | bigint | null }) =>
      numbers(to ?? 2),
    ),
    watch: only(async function* () {
      await Promise.resolve();
      yield* numbers(3);
    }),
    speak: (_input: object, call: Call): unknown =>
      call.upgrade ? call.upgraded({}, echoBytes) : {},
    fail: only(() => {
      throw new VarlinkError(`${FUZZ}.Broken`, { constructor: "it is" });
    }),
    then$: only(() => {}),
    hasOwnProperty$: only(() => {}),
  };
}

/** Sends back what comes, to the end. */
async function echoBytes(stream: Duplex): Promise<void> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false }))
    stream.write(chunk);
  stream.end();
}

/** The interface with numbers, and the one with bigints. */
export function services(): Service[] {
  return [
    service(descriptor, handlers(1)),
    service(exactDescriptor, handlers(1n)),
  ];
}
