export { podmanHandlers } from "./podman.ts";
export { projectatomicHandlers } from "./projectatomic.ts";
