import type { PodmanHandlers } from "portolan/podman/1.9";
import type { AllHandlers } from "../podman/handlers.ts";
import type { Served19 } from "./answers.ts";
import { removeFile, type TransferFolder } from "./files.ts";
import { tellSteps } from "./more.ts";

type ArchiveHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  "imageSave" | "loadImage" | "exportContainer"
>;

const formats: ReadonlyMap<string, string> = new Map([
  ["", "docker-archive"],
  ["docker-archive", "docker-archive"],
  ["oci-archive", "oci-archive"],
]);

/** The methods that write and read archives. */
export function archiveHandlers(
  served: Served19,
  folder: TransferFolder,
): ArchiveHandlers {
  const { engine, answers } = served;

  /** Hands out what is written to a place of ours, or nothing if that fails. */
  const written = async (
    beginning: string,
    write: (file: string) => Promise<unknown>,
  ): Promise<string> => {
    const file = await folder.place(beginning);
    try {
      await write(file);
    } catch (error) {
      await folder.remove(file);
      throw error;
    }
    folder.add(file);
    return file;
  };

  return {
    imageSave({ options }, call) {
      return tellSteps(
        served,
        call,
        async function* () {
          const { name, format, moreTags, compress } = options;
          const { id } = await served.image(name);
          const transport = formats.get(format);
          if (transport === undefined) {
            throw answers.occurred(
              `images are saved as docker-archive or oci-archive, not as ${JSON.stringify(format)}: not yet implemented`,
            );
          }
          if (moreTags.length > 0) {
            throw answers.occurred(
              "an archive gets the names that the image has: not yet implemented",
            );
          }
          const lines: string[] = [];
          const file = await written("save", async (place) => {
            const pushing = engine.pushImage(id, `${transport}:${place}`, {
              compression: compress ? "gzip" : "none",
              signal: call.signal,
            });
            for await (const { text } of pushing) lines.push(text);
          });
          for (const text of options.quiet ? [] : lines) yield { text };
          return file;
        },
        (reply) => ({ reply }),
      );
    },

    loadImage({ name, inputFile, deleteFile }, call) {
      return tellSteps(
        served,
        call,
        async function* () {
          const id = yield* engine.importImage(inputFile, {
            signal: call.signal,
          });
          let { names } = await engine.getImage(id);
          if (names.length === 0 && name !== "") {
            await engine.tagImage(id, name);
            ({ names } = await engine.getImage(id));
          }
          if (folder.has(inputFile)) {
            if (deleteFile) await folder.remove(inputFile);
          } else if (deleteFile) await removeFile(served, inputFile);
          return names.length === 0 ? id : names.join(",");
        },
        (reply) => ({ reply }),
      );
    },

    async exportContainer({ name, path }) {
      const { id } = await served.container(name);
      const exporting = async (file: string): Promise<string> => {
        await engine.exportContainer(id, file);
        return file;
      };
      const tarfile =
        path === "" ? written("export", exporting) : exporting(path);
      return { tarfile: await served.attempt(tarfile) };
    },
  };
}
