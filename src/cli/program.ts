import {
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "commander";
import type { CheckFlags } from "./commands/check.ts";
import type { DocsFlags } from "./commands/docs.ts";
import type { GenerateFlags } from "./commands/generate.ts";
import type { ServeFlags } from "./commands/serve.ts";
import type { TemplatesFlags } from "./commands/templates.ts";
import { ConfigError } from "../config/error.ts";
import { TemplateError } from "../emit/templates/error.ts";
import { exit, InputError, UsageError, type ExitCode } from "./exit.ts";
import { printable, type Io } from "./io.ts";
import { languages } from "../model/language.ts";

/** What the user can mend: told in one message without a stack. */
const MENDABLE = [UsageError, InputError, ConfigError, TemplateError] as const;

/** Runs one command line (without `node` and the script) and resolves with its exit code. */
export async function run(
  args: readonly string[],
  version: string,
  io: Io,
): Promise<ExitCode> {
  let code: ExitCode = exit.ok;
  const program = describe(version, io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exit.ok : exit.usage;
    if (MENDABLE.some((kind) => error instanceof kind)) {
      const { message } = error as Error;
      io.stderr.write(`portolan: ${printable(message)}\n`);
      return error instanceof InputError ? exit.problems : exit.usage;
    }
    const details =
      error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr.write(
      `portolan: this is a defect of Portolan, please report it.\n${printable(details)}\n`,
    );
    return exit.bug;
  }
}

function describe(
  version: string,
  io: Io,
  done: (code: ExitCode) => void,
): Command {
  const program = new Command("portolan")
    .description("Typed TypeScript and documents from interface definitions.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(printable(text)),
    })
    .showHelpAfterError("(portolan --help tells what there is)")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 problems found or stale output, 2 wrong usage, 70 a defect of Portolan.",
    );

  program
    .command("generate")
    .description("write types, client, server and API.md of interface files")
    .argument(
      "[files...]",
      "interface files (.varlink, .proto); default: the configuration's",
    )
    .option(
      "-o, --output <dir>",
      "folder for the output: a folder per file goes there",
    )
    .addOption(config())
    .option("--client", "only what is selected: types and client")
    .option("--server", "only what is selected: types and server")
    .option("--docs", "only what is selected: types and API.md")
    .addOption(
      new Option(
        "--inputs <mode>",
        "whether inputs may leave out fields, as Go peers allow (default: exact)",
      ).choices(["exact", "partial"]),
    )
    .addOption(
      new Option(
        "--import-extension <ext>",
        "what imports between the files end in (default: .js)",
      ).choices([".js", ".ts"]),
    )
    .addOption(sections())
    .option("--name <Name>", "name of client and service, for one file", asName)
    .addOption(protoPath())
    .addOption(envelope())
    .addOption(
      new Option(
        "--int64 <type>",
        "what 64-bit integers are (default: bigint in .proto files, number in .varlink files)",
      ).choices(["bigint", "number", "string"]),
    )
    .addOption(templatesFolder())
    .option("--check", "write nothing; exit with 1 if the output is stale")
    .option("--json", "report as JSON on standard output")
    .action(async (files: string[], flags: GenerateFlags) => {
      const { generate } = await import("./commands/generate.ts");
      done(await generate(files, flags, io));
    });

  program
    .command("docs")
    .description("write the documents of interface files")
    .argument(
      "[files...]",
      "interface files (.varlink, .proto), or - for standard input; default: the configuration's documents",
    )
    .option(
      "-o, --output <path>",
      "a document of all files (.md), or a folder for one each; standard output without",
    )
    .addOption(
      new Option(
        "--style <style>",
        "podman: the bytes that Podman's own generator made (default: default)",
      ).choices(["default", "podman"]),
    )
    .addOption(sections())
    .option("--no-diagrams", "leave out diagrams")
    .option("--front-matter", "begin with a YAML front matter")
    .option(
      "--field <name=value>",
      "a field of the front matter besides title and description, may be repeated",
      asField,
    )
    .option("--index <name>", "the index of a folder (default: README.md)")
    .addOption(protoPath())
    .addOption(envelope())
    .addOption(language())
    .addOption(config())
    .addOption(templatesFolder())
    .option("--check", "write nothing; exit with 1 if the output is stale")
    .action(async (files: string[], flags: DocsOptions) => {
      const { docs } = await import("./commands/docs.ts");
      done(await docs(files, docsFlags(flags), io));
    });

  program
    .command("check")
    .description("read interface files and show their problems")
    .argument(
      "[files...]",
      "interface files (.varlink, .proto), or - for standard input; default: the configuration's",
    )
    .addOption(config())
    .addOption(protoPath())
    .addOption(envelope())
    .addOption(language())
    .option("--json", "report as JSON on standard output")
    .action(async (files: string[], flags: CheckFlags) => {
      const { check } = await import("./commands/check.ts");
      done(await check(files, flags, io));
    });

  program
    .command("serve")
    .description(
      "serve an engine in memory by the protocols of Podman and Porto, to try things out and to test against",
    )
    .option(
      "--podman <address>",
      "where: unix:/run/podman/io.podman, or its path",
    )
    .addOption(
      new Option("--podman-api <version>", "which io.podman is served")
        .choices(["1.0", "1.9"])
        .default("1.0"),
    )
    .option("--porto <address>", "where: unix:/run/portod.socket, or its path")
    .option(
      "--state <dir>",
      "keep containers, pods and images in this folder; default: in memory",
    )
    .option(
      "--programs <file>",
      "what containers run: a .json file, or a module, which is run",
    )
    .option("--json", "say where it listens as JSON on standard output")
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("./commands/serve.ts");
      done(await serve(flags, version, io));
    });

  program
    .command("templates")
    .description("list the built-in templates, or copy them to start from")
    .argument("[names...]", "which; one without a folder is shown")
    .option(
      "-o, --output <dir>",
      "folder for the copies; nothing is overwritten",
    )
    .action(async (names: string[], flags: TemplatesFlags) => {
      const { templates } = await import("./commands/templates.ts");
      done(await templates(names, flags, io));
    });

  return program;
}

/** What Commander makes of the options of `docs`. */
interface DocsOptions extends Omit<DocsFlags, "frontMatter"> {
  readonly frontMatter?: true;
  readonly field?: Readonly<Record<string, string>>;
}

function docsFlags({ frontMatter, field, ...flags }: DocsOptions): DocsFlags {
  return frontMatter === undefined && field === undefined
    ? flags
    : { ...flags, frontMatter: field ?? {} };
}

function asField(
  text: string,
  fields: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_][\w-]*)=([^]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError(
      "It is written name=value; a name has letters, digits, _ and -.",
    );
  }
  return { ...fields, [name]: value };
}

function config(): Option {
  return new Option(
    "--config <file>",
    "what the command line leaves out; default, without files: portolan.config.{ts,mts,js,mjs,json} here or above",
  );
}

function templatesFolder(): Option {
  return new Option(
    "--templates <dir>",
    "folder with templates in place of built-in ones",
  );
}

function sections(): Option {
  return new Option(
    "--sections <order>",
    "order of the members in a document (default: file)",
  ).choices(["file", "sorted"]);
}

function protoPath(): Option {
  return new Option(
    "-I, --proto-path <dir>",
    "folder to find imports of .proto files in, may be repeated; default: the file's own",
  ).argParser((dir: string, dirs: readonly string[] | undefined) => [
    ...(dirs ?? []),
    dir,
  ]);
}

function envelope(): Option {
  return new Option(
    "--envelope <file>",
    "how a .proto file carries calls; default: NAME.envelope.json beside NAME.proto",
  );
}

function language(): Option {
  return new Option(
    "--language <name>",
    "language of standard input; default: by its first word",
  ).choices(languages);
}

function asName(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9]*$/.test(text)) return text;
  throw new InvalidArgumentError(
    "A name has letters and digits only, and begins with a letter.",
  );
}
