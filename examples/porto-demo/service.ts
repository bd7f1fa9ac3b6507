// The first process of `npm run demo`: serves Porto's protocol at the address it is given.
import { portoService } from "portolan/porto";
import { EnvelopeServer } from "portolan/runtime";
import { demoPorto } from "./engine.ts";

const [address] = process.argv.slice(2);
if (address === undefined) throw new Error("usage: service.ts ADDRESS");

const server = new EnvelopeServer(portoService(demoPorto()));
await server.listen(address);
// Tells the parent that clients can connect.
process.send?.("listening");

process.once("disconnect", () => void server.close());
