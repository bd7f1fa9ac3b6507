export { podman19Handlers } from "./podman.ts";
