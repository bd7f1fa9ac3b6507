/**
 * An embedded engine as a server: the handlers by which it speaks Podman's and
 * Porto's protocols, for the service functions of the generated interfaces.
 *
 * @packageDocumentation
 */
export {
  type AllHandlers,
  podmanHandlers,
  projectatomicHandlers,
} from "./podman/index.ts";
export { podman19Handlers } from "./podman-1.9/index.ts";
export { portoHandlers } from "./porto/index.ts";
