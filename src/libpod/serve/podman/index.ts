export type { AllHandlers } from "./handlers.ts";
export { podmanHandlers } from "./podman.ts";
export { projectatomicHandlers } from "./projectatomic.ts";
