import type { CallForms, Method, Service } from "./api.ts";
import { suggestion } from "./proto/envelope/problem.ts";

/** What is known of methods' call forms beyond their interface file, by the methods' names. */
export type FormsByMethod = Readonly<Record<string, Partial<CallForms>>>;

/** Call forms were given for something that has none. */
export class FormsError extends Error {
  override readonly name: string = "FormsError";
}

/**
 * A Varlink interface in which methods have the call forms that are given; what is
 * not given stays as the interface file's docs say it.
 *
 * @throws FormsError for a method that the interface does not have, and for an
 * interface in another language, whose calls have no forms.
 */
export function withForms(service: Service, forms: FormsByMethod): Service {
  const given = new Map(Object.entries(forms));
  if (given.size === 0) return service;
  const file = JSON.stringify(service.source.path);
  if (service.wire !== "varlink") {
    throw new FormsError(
      `call forms are given for ${file}, and only methods of Varlink have any`,
    );
  }
  const names = service.methods.map(({ name }) => name);
  const unknown = [...given.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const lines = unknown.map(
      (name) =>
        `call forms are given for ${JSON.stringify(name)}, which is no method of ${file}${suggestion(name, names)}`,
    );
    throw new FormsError(lines.join("\n"));
  }
  const withOwn = (method: Method): Method => {
    const own = given.get(method.name);
    return own === undefined
      ? method
      : { ...method, forms: { ...method.forms, ...own } };
  };
  return {
    ...service,
    methods: service.methods.map(withOwn),
    members: service.members.map((member) =>
      member.kind === "method" ? withOwn(member) : member,
    ),
  };
}
