import type { Method, Service } from "../../model/api.ts";
import { methodNames } from "../../runtime/varlink/names.ts";
import { docComment, lineComment } from "../layout/comment.ts";
import {
  classHeading,
  exportNames,
  functionHeading,
  importNames,
  importNamespace,
  interfaceMember,
  returnCall,
  staticProperty,
} from "../layout/forms.ts";
import { type TypeTerm, union } from "../layout/type-term.ts";
import { headerOf } from "../header.ts";
import type { PlannedFile } from "../plan.ts";
import { builtInTemplates, type Templates } from "../templates/render.ts";
import { describe } from "./descriptor.ts";
import { docsOf } from "./docs.ts";
import { chooseNames, defaultLabel, type Names } from "./names.ts";
import { planTypes, type TypesModule } from "./types.ts";
import { EmitError, validate } from "./validate.ts";
import type {
  ClientView,
  IndexView,
  MemberView,
  ServerView,
  TypesView,
} from "./views.ts";

export { EmitError };

export interface TypescriptOptions {
  /** The output folder's name: that of the interface file, without extension. */
  readonly stem: string;
  /**
   * One line that says where the files come from, without comment marks.
   * {@link applyPlan} knows files by it, and overwrites no others. Default: the
   * line that it knows, with the name of the service's interface file.
   */
  readonly header?: string;
  /** Whether there is a `client.ts`. */
  readonly client: boolean;
  /** Whether there is a `server.ts`. */
  readonly server: boolean;
  /** Whether non-null inputs may be left out: see {@link InterfaceDescriptor.inputs}. */
  readonly inputs: "exact" | "partial";
  /** What an `int` is: see {@link InterfaceDescriptor.int}. Default `number`. */
  readonly int?: "number" | "bigint";
  /** What imports between the generated files end in. */
  readonly importExtension: ".js" | ".ts";
  /** Where the contract of generated code is imported from. Default `portolan/codegen/v1`. */
  readonly codegenModule?: string;
  /** The name that client and service get, `Podman`. Default: the last label of the interface's name. */
  readonly name?: string;
  /** Default: our own. */
  readonly templates?: Templates;
}

const UNDEFINED: TypeTerm = { kind: "keyword", name: "undefined" };
const CODEGEN_MODULE = "portolan/codegen/v1";

/** What the forms of a call do. */
const MORE = "every reply is an item of a stream";
const UPGRADE = "the reply comes with the connection";

/**
 * Plans the TypeScript of a Varlink interface: `types.ts`, `client.ts`,
 * `server.ts` and an `index.ts` of all. Equal input gives equal bytes.
 *
 * @throws EmitError when an option, or a name in the service, cannot be used.
 */
export function emitTypescript(
  service: Service,
  options: TypescriptOptions,
): PlannedFile[] {
  validate(service);
  const { stem, name: label = defaultLabel(service.name) } = options;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(label)) {
    throw new EmitError(
      `${JSON.stringify(label)} cannot name a client: use letters, digits and underscores`,
    );
  }
  if (stem === "" || stem === "." || stem === ".." || /[/\\\0]/.test(stem)) {
    throw new EmitError(`${JSON.stringify(stem)} cannot name an output folder`);
  }
  const names = chooseNames(service, label);
  const descriptor = describe(service, names, options.inputs, options.int);
  const types = planTypes(service, names, descriptor);
  const file: FileContext = {
    service,
    names,
    types,
    header: lineComment(options.header ?? headerOf(service.source)),
    runtime: options.codegenModule ?? CODEGEN_MODULE,
    sibling: (module) => `./${module}${options.importExtension}`,
    client: options.client,
    server: options.server,
  };
  const { render } = options.templates ?? builtInTemplates;
  const files: PlannedFile[] = [
    {
      path: `${stem}/types.ts`,
      text: render("typescript/types", typesView(file)),
    },
  ];
  if (options.client)
    files.push({
      path: `${stem}/client.ts`,
      text: render("typescript/client", clientView(file)),
    });
  if (options.server)
    files.push({
      path: `${stem}/server.ts`,
      text: render("typescript/server", serverView(file)),
    });
  files.push({
    path: `${stem}/index.ts`,
    text: render("typescript/index", indexView(file)),
  });
  return files;
}

interface FileContext {
  readonly service: Service;
  readonly names: Names;
  readonly types: TypesModule;
  readonly header: string;
  readonly runtime: string;
  readonly client: boolean;
  readonly server: boolean;
  readonly sibling: (module: string) => string;
}

function typesView({
  service,
  types,
  header,
  runtime,
}: FileContext): TypesView {
  // Only classes need it at run time, and only errors are classes.
  const typeOnly = service.errors.length === 0;
  return {
    header,
    imports: [importNamespace({ alias: "$", from: runtime, typeOnly })],
    declarations: types.declarations,
  };
}

/** Imports of `client.ts` and `server.ts`: the runtime, the descriptor, the types of the methods. */
function methodImports({
  service,
  names,
  runtime,
  sibling,
}: FileContext): string[] {
  const from = sibling("types");
  const methods = service.methods.map((method) => names.method(method).method);
  return [
    importNamespace({ alias: "$", from: runtime, typeOnly: false }),
    importNames({ names: [names.descriptor], from, typeOnly: false }),
    ...(methods.length === 0
      ? []
      : [importNames({ names: methods, from, typeOnly: true })]),
  ];
}

function clientView(file: FileContext): ClientView {
  const { service, names, header } = file;
  const connect = [
    `A client of \`${service.name}\`. \`${names.client}.connect(address)\` makes one;`,
    "`await using`, or `$close()`, closes it.",
  ].join("\n");
  return {
    header,
    imports: methodImports(file),
    docs: docComment(docsOf(service, names, connect), 0),
    name: names.client,
    hasMethods: service.methods.length > 0,
    methods: methodMembers(file, (method) => ({
      ...callForms(method),
      optional: false,
    })),
    heading: classHeading({ name: names.client, base: "$.Client" }),
    property: staticProperty({
      name: "descriptor",
      type: "$.InterfaceDescriptor",
      value: { identifier: names.descriptor },
    }),
  };
}

/** How a client calls a method, as far as its docs say. */
function callForms({ forms: { more, upgrade } }: Method): {
  readonly wrapper: string;
  readonly note: readonly string[];
} {
  const moreNeeded = more === "required";
  const upgradeNeeded = upgrade === "required";
  if (moreNeeded && upgradeNeeded) {
    // No type says "either"; that of all forms has both.
    const either = `It is called with \`.more()\` or \`.upgrade()\` only:\n${MORE}; ${UPGRADE}.`;
    return { wrapper: "$.Method", note: [either] };
  }
  if (moreNeeded) {
    return {
      wrapper: "$.StreamMethod",
      note: [`It is called with \`.more()\` only: ${MORE}.`],
    };
  }
  if (upgradeNeeded) {
    return {
      wrapper: "$.UpgradeMethod",
      note: [`It is called with \`.upgrade()\` only: ${UPGRADE}.`],
    };
  }
  return {
    wrapper: "$.Method",
    note: [
      ...(more === "supported" ? [`With \`.more()\`, ${MORE}.`] : []),
      ...(upgrade === "supported" ? [`With \`.upgrade()\`, ${UPGRADE}.`] : []),
    ],
  };
}

/** What a handler of a method may answer with, as far as the method's docs say. */
function handlerType({ forms: { more, upgrade } }: Method): string {
  const moreNeeded = more === "required";
  const upgradeNeeded = upgrade === "required";
  // As for clients: no type says "either".
  if (moreNeeded === upgradeNeeded) return "$.Handler";
  return moreNeeded ? "$.StreamHandler" : "$.UpgradeHandler";
}

function methodMembers(
  { service, names }: FileContext,
  describeMethod: (method: Method) => {
    readonly wrapper: string;
    readonly note: readonly string[];
    /** Whether it may be missing, or undefined. */
    readonly optional: boolean;
  },
): MemberView[] {
  const called = methodNames(service.methods.map(({ name }) => name));
  return service.methods.map((method) => {
    const { wrapper, note, optional } = describeMethod(method);
    const argument = {
      kind: "reference",
      name: names.method(method).method,
    } as const;
    const type: TypeTerm = { kind: "reference", name: wrapper, argument };
    return {
      docs: docComment(docsOf(method, names, ...note), 1),
      text: interfaceMember({
        name: called.get(method.name) ?? method.name,
        optional,
        type: optional ? union(type, UNDEFINED) : type,
        level: 1,
      }),
    };
  });
}

function serverView(file: FileContext): ServerView {
  const { service, names, header } = file;
  return {
    header,
    imports: methodImports(file),
    handlersDocs: docComment(
      docsOf(
        service,
        names,
        `Answers the methods of \`${service.name}\`; those left out answer MethodNotImplemented.`,
      ),
      0,
    ),
    handlers: names.handlers,
    hasMethods: service.methods.length > 0,
    methods: methodMembers(file, (method) => ({
      wrapper: handlerType(method),
      note: [],
      optional: true,
    })),
    docs: docComment(
      docsOf(
        { docs: "" },
        names,
        `The interface \`${service.name}\` with its handlers, to be added to a server.`,
      ),
      0,
    ),
    heading: functionHeading({
      name: names.service,
      parameter: "handlers",
      type: names.handlers,
      result: "$.Service",
    }),
    call: returnCall("$.service", [names.descriptor, "handlers"]),
  };
}

function indexView({
  names,
  types,
  header,
  client,
  server,
  sibling,
}: FileContext): IndexView {
  const exports: string[] = [];
  if (client)
    exports.push(
      exportNames({
        names: [names.client],
        from: sibling("client"),
        typeOnly: false,
      }),
    );
  if (server) {
    exports.push(
      exportNames({
        names: [names.service],
        from: sibling("server"),
        typeOnly: false,
      }),
      exportNames({
        names: [names.handlers],
        from: sibling("server"),
        typeOnly: true,
      }),
    );
  }
  exports.push(
    exportNames({
      names: types.values,
      from: sibling("types"),
      typeOnly: false,
    }),
  );
  if (types.types.length > 0) {
    exports.push(
      exportNames({
        names: types.types,
        from: sibling("types"),
        typeOnly: true,
      }),
    );
  }
  return { header, exports };
}
