import type { RpcService } from "../../../model/api.ts";
import { codeSpan, escapeText } from "../escape.ts";
import type { ProtoContext } from "./context.ts";

/** A type's name, leading to it. */
export function linkTo(
  path: readonly string[],
  { names }: ProtoContext,
): string {
  const name = names.type(path);
  const anchor = names.types.of(name);
  return anchor === undefined
    ? codeSpan(name, false)
    : `[${escapeText(name)}](#${anchor})`;
}

/** A command's name, leading to it. */
export function commandLink(name: string, { names }: ProtoContext): string {
  return `[${escapeText(name)}](#${names.commands.of(name) ?? ""})`;
}

/** The name of a service, leading to it. */
export function serviceLink(
  service: RpcService,
  { names }: ProtoContext,
): string {
  return `[${escapeText(service.name)}](#${names.services.get(service) ?? ""})`;
}

/** A name as code, or whatever else has no line end. */
export function code(text: string, inCell = false): string {
  return codeSpan(text, inCell);
}

/** A value as code: on one line, of characters that can be seen. */
export function literal(value: boolean | number | string): string {
  return code(JSON.stringify(value).replaceAll(/[^ -~]/g, "\ufffd"));
}

export { inLines } from "../fill-lines.ts";
