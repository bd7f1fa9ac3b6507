import type { ErrorDeclaration, Service } from "../../model/api.ts";
import { codeSpan } from "./escape.ts";
import { inLines } from "./fill-lines.ts";
import { type Entry, layOutListing } from "./listing.ts";
import { linkTo, type ViewContext } from "./members.ts";
import { plainNotation, structNotation } from "./notation.ts";
import { signature } from "./signature.ts";

/** The interface that every service has; its errors are any interface's. */
const STANDARD = "org.varlink.service";

/** The errors of {@link STANDARD} (UAPI.20): name, fields, and what it means to who gets it. */
const STANDARD_ERRORS: readonly (readonly [string, string, string])[] = [
  [
    "InterfaceNotFound",
    "(interface: string)",
    "The service has no such interface.",
  ],
  ["MethodNotFound", "(method: string)", "The interface has no such method."],
  [
    "MethodNotImplemented",
    "(method: string)",
    "The method is described, but this service does not have it.",
  ],
  [
    "InvalidParameter",
    "(parameter: string)",
    "A parameter is missing, unknown or of another type.",
  ],
  ["PermissionDenied", "", "The caller may not do this."],
  ["ExpectedMore", "", "The method has to be called with `more`."],
  ["ExpectedUpgrade", "", "The method has to be called with `upgrade`."],
];

/**
 * What holds for all errors of an interface: how they arrive, an overview of
 * those it declares, and the standard ones. Nothing for an interface that
 * neither declares one nor can be called.
 */
export function errorBlocks(
  errors: readonly ErrorDeclaration[],
  context: ViewContext,
): string[] {
  const { service } = context;
  if (errors.length === 0 && service.methods.length === 0) return [];
  return [
    ...arrival(errors, context),
    ...overview(errors, context),
    ...standard(context),
  ];
}

function arrival(
  errors: readonly ErrorDeclaration[],
  { service, uses }: ViewContext,
): string[] {
  const [example] = errors;
  if (example === undefined) return [];
  const isNamed = errors.some(({ name }) => uses.ofError(name).length > 0);
  const name = codeSpan(`${service.name}.${example.name}`, false);
  return [
    inLines(
      `A call that fails is answered with the error's full name in \`error\`, such as ${name}, and its fields in \`parameters\`.${isNamed ? " An error is **named by** the methods whose docs mention it; others may answer with it as well." : ""}`,
    ),
  ];
}

/** What errors carry and how many methods name them; left out where there is little to tell. */
function overview(
  errors: readonly ErrorDeclaration[],
  context: ViewContext,
): string[] {
  const facts = errors.map((error) => ({
    error,
    fields: structNotation(error.fields, context.types),
    count: context.uses.ofError(error.name).length,
  }));
  const hasFacts = facts.some(({ error, count }) => {
    return error.fields.length > 0 || count > 0;
  });
  if (errors.length < 2 || !hasFacts) return [];
  const entries = facts.map(({ error, fields, count }): Entry => ({
    cells: (inCell) => [
      linkTo(error, context),
      error.fields.length === 0
        ? ""
        : fields.some(({ kind }) => kind === "name")
          ? signature(fields, context)
          : codeSpan(plainNotation(fields), inCell),
      count === 0
        ? ""
        : `${count.toString()} ${count === 1 ? "method" : "methods"}`,
    ],
    description: descriptionWith(""),
  }));
  return [
    layOutListing(entries, { columns: ["Error", "Fields", "Named by", ""] }),
  ];
}

function descriptionWith(text: string): Entry["description"] {
  return { cell: text, item: { lead: text === "" ? [] : [text], rest: [] } };
}

/** Interfaces that share a document share these as well: they stand at its top. */
function standard({ service, place }: ViewContext): string[] {
  if (place.anchor !== undefined) return [];
  return standardErrors(
    [service],
    `${service.errors.length === 0 ? "A" : "Besides, a"} service can answer any call`,
  );
}

/**
 * The errors that any call of some services can be answered with; nothing if
 * they have no method, or are that interface itself.
 *
 * @param opening - The sentence up to "with an error of".
 */
export function standardErrors(
  services: readonly Service[],
  opening: string,
): string[] {
  const isCalled = services.some(
    ({ wire, name, methods }) =>
      wire === "varlink" && name !== STANDARD && methods.length > 0,
  );
  if (!isCalled) return [];
  const entries = STANDARD_ERRORS.map(([name, fields, meaning]): Entry => ({
    cells: (inCell) => [
      codeSpan(name, inCell),
      fields === "" ? "" : codeSpan(fields, inCell),
    ],
    description: descriptionWith(meaning),
  }));
  return [
    `${opening} with an error of \`${STANDARD}\`:`,
    layOutListing(entries, { columns: ["Error", "Fields", "Meaning"] }),
  ];
}
