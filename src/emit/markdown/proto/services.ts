import type { Extension, RpcMethod, RpcService } from "../../../model/api.ts";
import { hasWords } from "../fields.ts";
import { type Entry, layOutListing } from "../listing.ts";
import type { MemberView } from "../service-view.ts";
import { labelledLinks } from "../used-by.ts";
import type { ProtoContext } from "./context.ts";
import { code, linkTo, serviceLink } from "./links.ts";
import { memberView } from "./member.ts";
import { described, fieldTable } from "./tables.ts";

/** What is said of all services. */
export const SERVICES_NOTE =
  "How these are called is not for the file to say, and no client is generated.";

/** A service with its methods. */
export function serviceView(
  service: RpcService,
  context: ProtoContext,
): MemberView {
  const entries = service.methods.map((method): Entry => ({
    cells: (inCell) => [
      code(method.name, inCell),
      side(method.input, method.clientStreaming, context),
      side(method.output, method.serverStreaming, context),
    ],
    description: described(method, context.names.commands),
  }));
  const listing = layOutListing(entries, {
    columns: ["Method", "Request", "Response", "Description"],
    head: ([name = "", request = "", response = ""]) =>
      `${name} (${request}) returns (${response})`,
    // Directly below the heading it needs no word.
    label: hasWords(service) ? "Methods" : undefined,
  });
  return memberView(
    service,
    {
      anchor: context.names.services.get(service) ?? "",
      name: service.name,
    },
    context,
    { blocks: [listing || "No methods."], chapters: [] },
  );
}

function side(
  path: readonly string[],
  streams: boolean,
  context: ProtoContext,
): string {
  return (streams ? "stream of " : "") + linkTo(path, context);
}

/** A service in the index. */
export function serviceLine(
  service: RpcService,
  context: ProtoContext,
): string {
  const methods = service.methods.map(({ name }) => code(name)).join(", ");
  const link = serviceLink(service, context);
  return (
    link +
    (service.deprecated ? ", deprecated" : "") +
    (methods === "" ? "" : `: ${methods}`)
  );
}

/** Which methods of services take or give a message; nothing if none does. */
export function callersOf(
  path: readonly string[],
  context: ProtoContext,
): string {
  const key = path.join(".");
  const uses = ({ input, output }: RpcMethod): boolean =>
    input.join(".") === key || output.join(".") === key;
  const links = (context.service.rpcServices ?? []).flatMap((service) => {
    const methods = service.methods.filter(uses).map(({ name }) => code(name));
    return methods.length === 0
      ? []
      : [`${serviceLink(service, context)} (${methods.join(", ")})`];
  });
  return labelledLinks("Used by services", links);
}

/** The extensions of a file, by what they extend. */
export function extensionBlocks(
  extensions: readonly Extension[],
  context: ProtoContext,
): string[] {
  const targets = new Map(
    extensions.map(({ extendee }) => [extendee.join("."), extendee]),
  );
  return [...targets].flatMap(([key, path]) => {
    const fields = extensions
      .filter(({ extendee }) => extendee.join(".") === key)
      .map((one) => ({ ...one.field, name: one.path.join(".") }));
    return [
      `**Extends** ${linkTo(path, context)}`,
      fieldTable({ path, fields }, undefined, context),
    ];
  });
}
