import type { Service, Struct, Type } from "../../model/api.ts";

/** A `Service` or an option that no TypeScript can be written for. */
export class EmitError extends Error {
  override readonly name: string = "EmitError";
}

const INTERFACE_NAME =
  /^[A-Za-z](?:-*[A-Za-z0-9])*(?:\.[A-Za-z0-9](?:-*[A-Za-z0-9])*)+$/;
const MEMBER_NAME = /^[A-Z][A-Za-z0-9]*$/;
/** No leading underscore: `__proto__` is not a field. */
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Makes sure of what all else here takes for granted. The parser lets nothing
 * else through; but names become code, so a `Service` from anywhere else must
 * not get further than this.
 *
 * @throws EmitError naming what is wrong.
 */
export function validate(service: Service): void {
  if (service.wire !== "varlink") {
    throw new EmitError(`"${service.name}" is not a Varlink interface`);
  }
  check("interface name", service.name, INTERFACE_NAME);
  assertUnique(
    "member",
    service.members.map(({ name }) => name),
  );
  const types = new Set<string>();
  for (const type of service.types) {
    for (const [index, segment] of type.path.entries()) {
      check("type name", segment, index === 0 ? MEMBER_NAME : FIELD_NAME);
    }
    if (type.path.length === 0) throw new EmitError("a type has an empty path");
    if (types.has(type.path.join(".")))
      throw new EmitError(`the type "${type.path.join(".")}" is there twice`);
    types.add(type.path.join("."));
  }
  const context = { types };
  for (const type of service.types) {
    if (type.kind === "struct")
      validateStruct(type, type.path.join("."), context);
    else {
      if (type.values.length === 0)
        throw new EmitError(`the enum "${type.path.join(".")}" has no values`);
      for (const { name } of type.values) check("enum value", name, FIELD_NAME);
      assertUnique(
        "enum value",
        type.values.map(({ name }) => name),
      );
    }
  }
  for (const member of service.members) {
    check(`name of a ${member.kind}`, member.name, MEMBER_NAME);
    if (member.kind === "method") {
      validateStruct(member.input, `${member.name} input`, context);
      validateStruct(member.output, `${member.name} output`, context);
    } else if (member.kind === "error")
      validateStruct(member, member.name, context);
  }
}

function check(what: string, name: string, rule: RegExp): void {
  if (!rule.test(name))
    throw new EmitError(`${JSON.stringify(name)} cannot be the ${what}`);
}

function assertUnique(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      throw new EmitError(`the ${what} "${name}" is there twice`);
    seen.add(name);
  }
}

interface Context {
  readonly types: ReadonlySet<string>;
}

function validateStruct(struct: Struct, owner: string, context: Context): void {
  assertUnique(
    `field of ${owner}`,
    struct.fields.map(({ name }) => name),
  );
  for (const { name, type } of struct.fields) {
    check(`field of ${owner}`, name, FIELD_NAME);
    validateType(type, `${owner}.${name}`, context);
  }
}

function validateType(type: Type, owner: string, context: Context): void {
  switch (type.kind) {
    case "primitive":
      return;
    case "reference":
      if (!context.types.has(type.path.join("."))) {
        throw new EmitError(
          `${owner} refers to the type "${type.path.join(".")}", which is not declared`,
        );
      }
      return;
    case "list":
      return validateType(type.element, owner, context);
    case "map":
      return validateType(type.value, owner, context);
    case "nullable":
      return validateType(type.type, owner, context);
  }
}
