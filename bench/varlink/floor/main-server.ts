import { runServer } from "../work/child.ts";
import { certification } from "../work/certification.ts";
import { handlers } from "../work/handlers.ts";
import { info } from "../work/info.ts";
import { type FloorHandler, serveFloor } from "./server.ts";

await runServer((address) =>
  serveFloor(address.slice("unix:".length), table()),
);

/** The handlers by the full names of their methods. */
function table(): ReadonlyMap<string, FloorHandler> {
  const all: Readonly<Record<string, object>> = {
    "org.example.bench": handlers(false),
    "org.varlink.certification": certification,
    "org.varlink.service": { getInfo: () => Promise.resolve(info) },
  };
  const found = new Map<string, FloorHandler>();
  for (const [name, methods] of Object.entries(all))
    for (const [method, handler] of Object.entries(methods))
      found.set(
        `${name}.${method.charAt(0).toUpperCase()}${method.slice(1)}`,
        handler as FloorHandler,
      );
  return found;
}
