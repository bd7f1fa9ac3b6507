// The first process of `npm run demo`: serves io.podman at the address it is given.
import { podmanService } from "portolan/podman";
import { VarlinkServer } from "portolan/runtime";
import { demoPodman } from "./engine.ts";

const [address] = process.argv.slice(2);
if (address === undefined) throw new Error("usage: service.ts ADDRESS");

const server = new VarlinkServer({
  vendor: "Portolan",
  product: "Podman demo",
  version: "1",
  url: "https://varlink.org",
});
server.add(podmanService(demoPodman()));
await server.listen(address);
// Tells the parent that clients can connect.
process.send?.("listening");

process.once("disconnect", () => void server.close());
