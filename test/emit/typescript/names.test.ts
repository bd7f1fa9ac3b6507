import { describe, expect, test } from "vitest";
import {
  chooseNames,
  defaultLabel,
} from "../../../src/emit/typescript/names.ts";
import { declared, emit, members } from "./emitted.ts";
import { parse } from "./inputs.ts";

const header = "interface com.example.demo\n";

describe("client and service are named by the interface's last label", () => {
  test.for([
    ["io.podman", "Podman"],
    ["org.varlink.service", "Service"],
    ["io.systemd.UserDatabase", "UserDatabase"],
    ["com.example.foo-bar", "FooBar"],
    ["com.example.foo--bar-2", "FooBar2"],
    ["com.example.xn--abc", "XnAbc"],
    ["com.example.2fa", "_2fa"],
    ["com.example.0", "_0"],
  ] as const)("%s: %s", ([name, label]) => {
    expect(defaultLabel(name)).toBe(label);
    const { client, server, index } = emit(
      `interface ${name}\nmethod Ping() -> ()`,
    );
    const lower = label.charAt(0).toLowerCase() + label.slice(1);
    expect(declared(client)).toEqual([`${label}Client`, `${label}Client`]);
    expect(declared(server)).toEqual([`${label}Handlers`, `${lower}Service`]);
    expect(index).toContain(`export { ${label}Client } from "./client.js";\n`);
    expect(index).toContain(`${lower}Descriptor`);
  });

  test("or as they are told", () => {
    const { client, server, types } = emit(`${header}method Ping() -> ()`, {
      name: "libPod",
    });
    expect(declared(client)).toContain("LibPodClient");
    expect(declared(server)).toEqual(["LibPodHandlers", "libPodService"]);
    expect(declared(types)).toContain("libPodDescriptor");
  });
});

describe("methods are properties by their wire names, the first letter lowered", () => {
  test.for([
    ["GetInfo", "getInfo"],
    ["GETInfo", "gETInfo"],
    ["X", "x"],
    ["Default", "default"],
    ["Then", "then$"],
    ["Constructor", "constructor$"],
    ["ToString", "toString$"],
    ["ToJSON", "toJSON$"],
    ["ValueOf", "valueOf$"],
    ["HasOwnProperty", "hasOwnProperty$"],
  ] as const)("%s: %s", ([wire, property]) => {
    const { client, server } = emit(`${header}method ${wire}() -> ()`);
    expect(members(client, "DemoClient")).toEqual([
      `readonly ${property}: $.Method<${wire}>;`,
    ]);
    expect(members(server, "DemoHandlers")).toEqual([
      `readonly ${property}?: $.Handler<${wire}> | undefined;`,
    ]);
  });

  test("with `more` required, as streams", () => {
    const { client, server } = emit(
      `${header}# [Requires 'more' flag]\nmethod Watch() -> ()`,
    );
    expect(client).toContain("readonly watch: $.StreamMethod<Watch>;");
    expect(server).toContain(
      "readonly watch?: $.StreamHandler<Watch> | undefined;",
    );
  });

  test.for([
    ["upgrade", "Upgrade"],
    ["more", "Stream"],
    ["more' flag]\n# [Requires 'upgrade", ""],
    ["more' flag]\n# [Supports 'upgrade", "Stream"],
    ["upgrade' flag]\n# [Supports 'more", "Upgrade"],
  ] as const)("with '%s' required, in that form", ([forms, form]) => {
    const { client, server } = emit(
      `${header}# [Requires '${forms}' flag]\nmethod Shell() -> ()`,
    );
    expect(client).toContain(`readonly shell: $.${form}Method<Shell>;`);
    expect(server).toContain(
      `readonly shell?: $.${form}Handler<Shell> | undefined;`,
    );
  });

  test.for(["more", "upgrade"])("with '%s' supported, in any", (form) => {
    const { server } = emit(
      `${header}# [Supports '${form}' flag]\nmethod Shell() -> ()`,
    );
    expect(server).toContain("readonly shell?: $.Handler<Shell> | undefined;");
  });
});

describe("derived names give way", () => {
  test("to declared ones, wherever these stand", () => {
    const { types } = emit(
      `${header}method Stop(inner: (a: int)) -> ()\ntype StopInput (a: int)\ntype StopInputInner (a: int)`,
    );
    expect(declared(types)).toEqual([
      "StopInput$",
      "StopOutput",
      "Stop",
      "StopInputInner$",
      "StopInput",
      "StopInputInner",
      "demoDescriptor",
    ]);
    expect(members(types, "Stop")).toEqual([
      "readonly input: StopInput$;",
      "readonly output: StopOutput;",
    ]);
  });

  test("to each other, until they differ", () => {
    // Both inline types would be AInputBC, and the variants of both AInputBCInput.
    const service = parse(
      `${header}method A(b: (c: (x: int)), bC: (y: int)) -> ()\ntype AInputBC (z: int)`,
    );
    const names = chooseNames(service, "Demo");
    const paths = service.types.map(({ path }) => path);
    expect(new Set(paths.map((path) => names.type(path))).size).toBe(
      paths.length,
    );
    expect(names.type(["A", "input", "b", "c"])).toBe("AInputBC$");
    expect(names.type(["A", "input", "bC"])).toBe("AInputBC$$");
  });

  test("for client, handlers, service and descriptor as well", () => {
    const { types, client, server } = emit(
      `${header}type DemoClient (a: int)\nmethod DemoHandlers() -> ()\nerror DemoService ()`,
    );
    expect(declared(types)).toContain("DemoClient");
    expect(declared(client)).toContain("DemoClient$");
    expect(declared(server)).toEqual(["DemoHandlers$", "demoService"]);
  });

  test("a value is not called Object, for CommonJS output needs that name", () => {
    expect(declared(emit(`${header}error Object ()`).types)).toContain(
      "Object$",
    );
    expect(declared(emit(`${header}type Object (a, b)`).types)).toContain(
      "Object$",
    );
    expect(declared(emit(`${header}type Object (a: int)`).types)).toContain(
      "Object",
    );
    // On the wire it keeps its name.
    expect(emit(`${header}error Object ()`).types).toContain(
      `readonly error = "com.example.demo.Object";`,
    );
  });
});
