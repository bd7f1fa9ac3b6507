// Programs for tests of transports that start some. What a test needs of a peer it
// says itself: no part of these is ours, but for `service.ts`.
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Arguments for Node that run the service of `service.ts`. */
export const SERVICE: readonly string[] = [
  "--import",
  import.meta.resolve("tsx"),
  "--conditions=portolan-source",
  fileURLToPath(new URL("service.ts", import.meta.url)),
];

/** Makes a shell script that can be executed. */
export async function script(
  folder: string,
  name: string,
  text: string,
): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

/**
 * JavaScript, for `node -e`, of a peer that answers each message on `input` with
 * the value of the expression `reply`, in which `call` is the message.
 */
export function answering(
  input: string,
  output: string,
  reply: string,
): string {
  return `
    let rest = "";
    const input = ${input}, output = ${output};
    input.on("error", () => {});
    input.on("data", (chunk) => {
      rest += chunk;
      for (let end = rest.indexOf("\\0"); end >= 0; end = rest.indexOf("\\0")) {
        const call = JSON.parse(rest.slice(0, end));
        rest = rest.slice(end + 1);
        output.write(JSON.stringify({ parameters: ${reply} }) + "\\0");
      }
    });`;
}

/** {@link answering} on descriptor 3. */
export function answeringFd3(reply: string): string {
  return answering('new (require("net").Socket)({ fd: 3 })', "input", reply);
}

/** {@link answering} on standard input and output. */
export function answeringStdio(reply: string): string {
  return answering("process.stdin", "process.stdout", reply);
}
