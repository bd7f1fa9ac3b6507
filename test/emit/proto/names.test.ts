import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chooseProtoNames,
  propertyName,
} from "../../../src/emit/typescript/proto/names.ts";
import { isIdentifier } from "../../../src/emit/layout/literal.ts";
import type { Service } from "../../../src/model/api.ts";
import { declared, members } from "../typescript/emitted.ts";
import { buildMessages } from "./build.ts";
import { emitFile } from "./emitted.ts";
import { clash } from "./inputs.ts";
import { randomService } from "./random.ts";

function typeNames(service: Service): string[] {
  const names = chooseProtoNames(service, "Demo");
  return service.types.map(({ path }) => names.type(path));
}

describe("types", () => {
  test("have their names within the package, the outer's before the inner's", () => {
    const service = buildMessages(
      [
        ["com.example.Outer", { inner: "com.example.Outer.Inner" }],
        ["com.example.Outer.Inner", {}],
        ["com.example.Outer.Inner.Level", ["LOW"]],
      ],
      { package: "com.example" },
    );
    expect(typeNames(service)).toEqual([
      "Outer",
      "Outer_Inner",
      "Outer_Inner_Level",
    ]);
  });

  test("without a package are what they are, even by the name of the file", () => {
    const service = buildMessages([
      ["demo", {}],
      ["demo.Inner", {}],
    ]);
    expect(service.name).toBe("demo");
    expect(typeNames(service)).toEqual(["demo", "demo_Inner"]);
  });

  test("that are declared so have a name before those that come to it", () => {
    const service = buildMessages([
      ["A", {}],
      ["A.B", {}],
      ["A.B.C", {}],
      ["A_B", {}],
      ["A_B.C", {}],
    ]);
    expect(typeNames(service)).toEqual(["A", "A_B$", "A_B_C$", "A_B", "A_B_C"]);
  });

  test("of other packages come after the file's own", () => {
    const [own] = buildMessages([["own.Thing", {}]], { package: "own" }).types;
    const foreign = buildMessages([["other.Thing", {}]], { package: "other" });
    const types = own === undefined ? [] : [own, ...foreign.types];
    expect(typeNames({ ...foreign, types })).toEqual(["Thing", "Thing$"]);
  });

  test.for([
    "class",
    "default",
    "await",
    "string",
    "any",
    "undefined",
    "arguments",
    "eval",
    "globalThis",
    "Object",
    "exports",
    "require",
    "__proto__",
    "__importStar",
    "keyof",
    "readonly",
  ])("that are called %s are told from what that means", (name) => {
    expect(typeNames(buildMessages([[name, {}]]))).toEqual([`${name}$`]);
  });

  test.for([
    "Error",
    "Promise",
    "Map",
    "Uint8Array",
    "Symbol",
    "Array",
    "of",
    "then",
  ])(
    "may be called %s: nothing generated means anything else by it",
    (name) => {
      expect(typeNames(buildMessages([[name, {}]]))).toEqual([name]);
    },
  );
});

describe("variants for input", () => {
  const names = (fields: Record<string, string>, more: object = {}) => {
    const service = buildMessages([
      ["A", fields],
      ...(Object.entries(more) as [string, Record<string, string>][]),
    ]);
    return chooseProtoNames(service, "Demo");
  };

  test("are there where something may be left out", () => {
    expect(names({ a: "string" }).differs(["A"])).toBe(false);
    expect(names({ a: "string" }).input(["A"])).toBe("A");
    for (const spec of ["[]string", "[string]bool"]) {
      expect(names({ a: spec }).differs(["A"])).toBe(true);
      expect(names({ a: spec }).input(["A"])).toBe("AInput");
    }
  });

  test("are there where a message inside has one, at any depth", () => {
    const chain = names(
      { b: "B" },
      { B: { c: "C", a: "A" }, C: { list: "[]int32" }, D: { d: "D" } },
    );
    expect(chain.input(["A"])).toBe("AInput");
    expect(chain.input(["B"])).toBe("BInput");
    expect(chain.input(["D"])).toBe("D");
  });

  test("give way to declared names", () => {
    const clashing = names({ a: "[]string" }, { AInput: {}, AInput$: {} });
    expect(clashing.input(["A"])).toBe("AInput$$");
  });
});

describe("properties", () => {
  test.for([
    ["name", "name"],
    ["then", "then"],
    ["class", "class"],
    ["constructor", "constructor$"],
    ["toString", "toString$"],
    ["__proto__", "__proto__$"],
    ["hasOwnProperty", "hasOwnProperty$"],
  ] as const)("%s is %s", ([field, property]) => {
    expect(propertyName(field)).toBe(property);
    // Where it is absent, nothing is there.
    expect(property in {}).toBe(false);
    const types = emitFile(
      buildMessages([["A", Object.fromEntries([[field, "string"]])]]),
      "types",
    );
    expect(members(types, "A")).toEqual([
      `readonly ${property}?: string | undefined;`,
    ]);
  });
});

describe("methods", () => {
  test("are properties with the first letter lowered, unless that is taken", () => {
    const text = emitFile(clash(), "client");
    expect(
      members(text, "DemoClient$").filter((line) =>
        line.startsWith("readonly"),
      ),
    ).toEqual([
      "readonly Create: $.Command<Create$$>;",
      "readonly create: $.Command<Create$$$>;",
      "readonly then$: $.Command<Then>;",
      "readonly constructor$: $.Command<Constructor>;",
      "readonly ToString: $.Command<ToString>;",
      "readonly toString$: $.Command<ToString$>;",
      "readonly __proto__$: $.Command<__proto__$$>;",
      "readonly connect: $.Command<Connect>;",
      "readonly class: $.Command<Class>;",
      "readonly watch: $.Subscription<Watch$>;",
      "readonly stopWatch: $.Command<StopWatch$>;",
      "readonly error: $.Command<Error$>;",
    ]);
  });

  test("have handlers, but for those that end a subscription", () => {
    const text = emitFile(clash(), "server");
    const lines = members(text, "DemoHandlers$");
    expect(lines).toContain(
      "readonly watch?: $.SubscriptionHandler<Watch$> | undefined;",
    );
    expect(lines).toContain(
      "readonly connect?: $.CommandHandler<Connect> | undefined;",
    );
    expect(text).not.toContain("stopWatch");
  });
});

test("a client goes by the name that it is told", () => {
  const options = { name: "bigBoat" };
  const client = emitFile(clash(), "client", options);
  expect(declared(client)).toEqual(["BigBoatClient", "BigBoatClient"]);
  expect(declared(emitFile(clash(), "server", options))).toEqual([
    "BigBoatHandlers",
    "bigBoatService",
  ]);
  expect(declared(emitFile(clash(), "types", options))).toContain(
    "BigBoatError",
  );
  // The service is the same, so that its errors are.
  const descriptor = emitFile(clash(), "descriptor", options);
  expect(descriptor).toContain(`bigBoatDescriptor: $.EnvelopeDescriptor`);
  expect(descriptor).toContain(`name: "demo",`);
});

test("no two exports have one name, and all names are identifiers", () => {
  fc.assert(
    fc.property(randomService, (service) => {
      const names = chooseProtoNames(service, "Demo");
      const all = [
        names.client,
        names.handlers,
        names.service,
        names.descriptor,
        names.error,
        ...service.methods.map((method) => names.method(method)),
      ];
      const variants = new Set<string>();
      for (const type of service.types) {
        all.push(names.type(type.path));
        if (type.kind !== "struct") continue;
        if (names.differs(type.path)) all.push(names.input(type.path));
        for (const { name } of type.oneofs ?? []) {
          all.push(names.oneof(type.path, name));
          variants.add(names.oneofInput(type.path, name));
        }
      }
      const exported = new Set([...all, ...variants]);
      expect(new Set(all).size).toBe(all.length);
      expect([...exported].filter((name) => !isIdentifier(name))).toEqual([]);
      const called = service.methods.map((method) => names.property(method));
      expect(new Set(called).size).toBe(called.length);
    }),
  );
});
