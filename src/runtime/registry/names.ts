import { PortolanError } from "../errors.ts";

/** UAPI.20, "Grammar": `interface_name`. */
const INTERFACE_NAME =
  /^[A-Za-z](?:-*[A-Za-z0-9])*(?:\.[A-Za-z0-9](?:-*[A-Za-z0-9])*)+$/;

/** Bytes that a file name may have. */
const MAX_LENGTH = 255;

/** Whether a text is the name of an interface, and so of a file that has no other meaning. */
export function isInterfaceName(name: string): boolean {
  return name.length <= MAX_LENGTH && INTERFACE_NAME.test(name);
}

/** @throws PortolanError `INVALID_INPUT` for what is no name of an interface. */
export function checkInterfaceName(name: string): void {
  const given: unknown = name;
  if (typeof given === "string" && isInterfaceName(given)) return;
  const shown =
    typeof given === "string" ? JSON.stringify(given) : typeof given;
  throw new PortolanError(
    "INVALID_INPUT",
    `${shown} is no name of an interface; write for example "io.systemd.Hostname"`,
  );
}
