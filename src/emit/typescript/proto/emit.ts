import type { Method, Service } from "../../../model/api.ts";
import { docComment, lineComment } from "../../layout/comment.ts";
import {
  classHeading,
  constObject,
  exportNames,
  functionHeading,
  importNames,
  importNamespace,
  interfaceMember,
  returnCall,
  staticProperty,
} from "../../layout/forms.ts";
import { type TypeTerm, union } from "../../layout/type-term.ts";
import { headerOf } from "../../header.ts";
import type { PlannedFile } from "../../plan.ts";
import { builtInTemplates, type Templates } from "../../templates/render.ts";
import { docsOf, type LinkTargets } from "../docs.ts";
import { defaultLabel } from "../names.ts";
import { EmitError } from "../validate.ts";
import type {
  ClientView,
  IndexView,
  MemberView,
  ServerView,
} from "../views.ts";
import { planCodec } from "./codec.ts";
import { describeEnvelope, descriptorImports } from "./descriptor.ts";
import { linksOfCalls } from "./links.ts";
import { chooseProtoNames, type ProtoNames } from "./names.ts";
import { type Int64, planProtoTypes, type ProtoTypesModule } from "./types.ts";
import { validateProto } from "./validate.ts";
import type { ProtoDeclarationView, ProtoModuleView } from "./views.ts";

export type { Int64 };

export interface ProtoOptions {
  /** The output folder's name: that of the interface file, without extension. */
  readonly stem: string;
  /**
   * One line that says where the files come from, without comment marks.
   * {@link applyPlan} knows files by it, and overwrites no others. Default: the
   * line that it knows, with the name of the service's interface file.
   */
  readonly header?: string;
  /** Whether there is a `client.ts`, where the file has an envelope RPC. */
  readonly client: boolean;
  /** Whether there is a `server.ts`, where the file has an envelope RPC. */
  readonly server: boolean;
  /** What integers of 64 bits are in TypeScript. */
  readonly int64: Int64;
  /** What imports between the generated files end in. */
  readonly importExtension: ".js" | ".ts";
  /** Where the contract of generated code is imported from. Default `portolan/codegen/v1`. */
  readonly codegenModule?: string;
  /** The name that client and service get, `Porto`. Default: that of the envelope's configuration. */
  readonly name?: string;
  /** Default: our own. */
  readonly templates?: Templates;
}

const UNDEFINED: TypeTerm = { kind: "keyword", name: "undefined" };
const CODEGEN_MODULE = "portolan/codegen/v1";

/**
 * Plans the TypeScript of a file of Protocol Buffers: `types.ts`, `codec.ts`, an
 * `index.ts` of all; where it has an envelope RPC also `descriptor.ts`,
 * `client.ts` and `server.ts`. Equal input gives equal bytes.
 *
 * @throws EmitError when an option, or a name in the service, cannot be used.
 */
export function emitProto(
  service: Service,
  options: ProtoOptions,
): PlannedFile[] {
  validateProto(service);
  const { stem, header = headerOf(service.source) } = options;
  const label =
    options.name ?? service.envelope?.label ?? defaultLabel(service.name);
  if (
    service.envelope !== undefined &&
    !/^[A-Za-z_][A-Za-z0-9_]*$/.test(label)
  ) {
    throw new EmitError(
      `${JSON.stringify(label)} cannot name a client: use letters, digits and underscores`,
    );
  }
  if (stem === "" || stem === "." || stem === ".." || /[/\\\0]/.test(stem)) {
    throw new EmitError(`${JSON.stringify(stem)} cannot name an output folder`);
  }
  const names = chooseProtoNames(service, label);
  const context: FileContext = {
    service,
    names,
    types: planProtoTypes(service, names, options.int64),
    headerText: header,
    options,
    templates: options.templates ?? builtInTemplates,
    header: lineComment(header),
    runtime: options.codegenModule ?? CODEGEN_MODULE,
    sibling: (module) => `./${module}${options.importExtension}`,
    hasRpc: service.envelope !== undefined,
  };
  const { render } = context.templates;
  const files = [
    { name: "types", text: render(MODULE, typesView(context)) },
    ...codecFile(context),
    ...rpcFiles(context),
    { name: "index", text: render("typescript/index", indexView(context)) },
  ];
  return files.map(({ name, text }) => ({ path: `${stem}/${name}.ts`, text }));
}

const MODULE = "typescript/proto-module";

interface FileContext {
  readonly service: Service;
  readonly names: ProtoNames;
  readonly types: ProtoTypesModule;
  readonly options: ProtoOptions;
  readonly templates: Templates;
  /** The same as a comment. */
  readonly header: string;
  readonly headerText: string;
  readonly runtime: string;
  readonly sibling: (module: string) => string;
  /** Whether there is an envelope RPC. */
  readonly hasRpc: boolean;
}

/** A file of the output folder. */
interface ModuleText {
  readonly name: string;
  readonly text: string;
}

function codecFile(context: FileContext): ModuleText[] {
  const { service, names, types, options, runtime, sibling } = context;
  if (types.messages.length === 0) return [];
  const text = planCodec(service, names, {
    header: context.headerText,
    runtime,
    typesModule: sibling("types"),
    int64: options.int64,
    templates: context.templates,
  });
  return [{ name: "codec", text }];
}

function rpcFiles(context: FileContext): ModuleText[] {
  if (!context.hasRpc) return [];
  const { client, server } = context.options;
  const { render } = context.templates;
  const files: ModuleText[] = [];
  if (client || server)
    files.push({
      name: "descriptor",
      text: render(MODULE, descriptorView(context)),
    });
  if (client)
    files.push({
      name: "client",
      text: render("typescript/client", clientView(context)),
    });
  if (server)
    files.push({
      name: "server",
      text: render("typescript/server", serverView(context)),
    });
  return files;
}

function moduleView(
  header: string,
  imports: readonly string[],
  declarations: readonly ProtoDeclarationView[],
): ProtoModuleView {
  return {
    header,
    imports,
    declarations: declarations.map((declaration, index) => ({
      ...declaration,
      isApart: index > 0 || imports.length > 0,
    })),
  };
}

/** What makes a module of a file that would have neither imports nor exports. */
const EMPTY_MODULE = "export {};";

function typesView({ types, header, runtime }: FileContext): ProtoModuleView {
  const { usesRuntime, declarations } = types;
  const imports = usesRuntime.types
    ? [
        importNamespace({
          alias: "$",
          from: runtime,
          // Only classes need it at run time.
          typeOnly: !usesRuntime.classes,
        }),
      ]
    : [];
  const nothing = { isStatement: true, docs: "", text: EMPTY_MODULE } as const;
  return moduleView(
    header,
    imports,
    declarations.length === 0 ? [nothing] : declarations,
  );
}

function descriptorView(context: FileContext): ProtoModuleView {
  const { service, names, header, runtime, sibling } = context;
  const { envelope, methods } = service;
  if (envelope === undefined) throw new Error("there is no envelope");
  const { codecs, types } = descriptorImports(envelope, methods, names);
  const docs = `What the runtime knows of the service \`${envelope.label}\`.`;
  return moduleView(
    header,
    [
      importNamespace({ alias: "$", from: runtime, typeOnly: true }),
      importNames({ names: codecs, from: sibling("codec"), typeOnly: false }),
      importNames({ names: types, from: sibling("types"), typeOnly: false }),
    ],
    [
      {
        isStatement: true,
        docs: ownDocs(docs),
        text: constObject({
          name: names.descriptor,
          type: "$.EnvelopeDescriptor",
          value: describeEnvelope(envelope, methods, names),
        }),
      },
    ],
  );
}

/** Docs of what the interface file does not have. */
function ownDocs(text: string): string {
  return docComment([[{ markup: text }]], 0);
}

/** Imports of `client.ts` and `server.ts`: the runtime, the descriptor, the types of the methods. */
function methodImports(
  { names, runtime, sibling }: FileContext,
  methods: readonly Method[],
): string[] {
  return [
    importNamespace({ alias: "$", from: runtime, typeOnly: false }),
    importNames({
      names: [names.descriptor],
      from: sibling("descriptor"),
      typeOnly: false,
    }),
    ...(methods.length === 0
      ? []
      : [
          importNames({
            names: methods.map((method) => names.method(method)),
            from: sibling("types"),
            typeOnly: true,
          }),
        ]),
  ];
}

function clientView(context: FileContext): ClientView {
  const { service, names, header } = context;
  const { methods, envelope } = service;
  const links = linksOfCalls(names.client, methods, names);
  const where = envelope?.address === undefined ? "address" : "";
  const docs = docsOf(
    service,
    links,
    [
      `A client of \`${envelope?.label ?? ""}\`. \`${names.client}.connect(${where})\` makes one;`,
      "`await using`, or `$close()`, closes it.",
    ].join("\n"),
  );
  return {
    header,
    imports: methodImports(context, methods),
    docs: docComment(docs, 0),
    name: names.client,
    hasMethods: methods.length > 0,
    methods: methods.map((method) => {
      const wrapper = isPush(method) ? "$.Subscription" : "$.Command";
      return methodMember(context, { method, wrapper, links, optional: false });
    }),
    heading: classHeading({ name: names.client, base: "$.EnvelopeClient" }),
    property: staticProperty({
      name: "descriptor",
      type: "$.EnvelopeDescriptor",
      value: { identifier: names.descriptor },
    }),
  };
}

function isPush(method: Method): boolean {
  return method.envelope?.push !== undefined;
}

/** A method as a property of clients or handlers. */
interface CallProperty {
  readonly method: Method;
  /** What its types are given to: `$.Command`. */
  readonly wrapper: string;
  readonly links: LinkTargets;
  readonly optional: boolean;
}

function methodMember(
  { names }: FileContext,
  { method, wrapper, links, optional }: CallProperty,
): MemberView {
  const argument = { kind: "reference", name: names.method(method) } as const;
  const type: TypeTerm = { kind: "reference", name: wrapper, argument };
  return {
    docs: docComment(docsOf(method, links), 1),
    text: interfaceMember({
      name: names.property(method),
      optional,
      type: optional ? union(type, UNDEFINED) : type,
      level: 1,
    }),
  };
}

/** Methods that have handlers: what ends a subscription the runtime answers itself. */
function handledMethods({ methods }: Service): readonly Method[] {
  const stops = new Set(methods.map(({ envelope }) => envelope?.push?.stop));
  return methods.filter(({ name }) => !stops.has(name));
}

function serverView(context: FileContext): ServerView {
  const { service, names, header } = context;
  const methods = handledMethods(service);
  const links = linksOfCalls(names.handlers, methods, names);
  const label = service.envelope?.label ?? "";
  return {
    header,
    imports: methodImports(context, methods),
    handlersDocs: ownDocs(
      `Answers the commands of \`${label}\`; those left out are answered with an error.`,
    ),
    handlers: names.handlers,
    hasMethods: methods.length > 0,
    methods: methods.map((method) => {
      const wrapper = isPush(method)
        ? "$.SubscriptionHandler"
        : "$.CommandHandler";
      return methodMember(context, { method, wrapper, links, optional: true });
    }),
    docs: ownDocs(`The service \`${label}\` with its handlers, for a server.`),
    heading: functionHeading({
      name: names.service,
      parameter: "handlers",
      type: names.handlers,
      result: "$.EnvelopeService",
    }),
    call: returnCall("$.envelopeService", [names.descriptor, "handlers"]),
  };
}

function indexView(context: FileContext): IndexView {
  const { names, types, options, header, sibling, hasRpc } = context;
  const client = hasRpc && options.client;
  const server = hasRpc && options.server;
  const lists: [names: readonly string[], module: string, typeOnly: boolean][] =
    [
      [client ? [names.client] : [], "client", false],
      [server ? [names.service] : [], "server", false],
      [server ? [names.handlers] : [], "server", true],
      [client || server ? [names.descriptor] : [], "descriptor", false],
      // A message's codec and its type have one name, and are exported as one.
      [types.messages, "codec", false],
      [types.values, "types", false],
      [types.types, "types", true],
    ];
  const exports = lists
    .filter(([exported]) => exported.length > 0)
    .map(([exported, module, typeOnly]) =>
      exportNames({ names: exported, from: sibling(module), typeOnly }),
    );
  return { header, exports: exports.length === 0 ? [EMPTY_MODULE] : exports };
}
