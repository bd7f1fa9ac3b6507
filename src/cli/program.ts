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
import { exit, InputError, UsageError, type ExitCode } from "./exit.ts";
import { printable, type Io } from "./io.ts";
import { languages } from "../model/language.ts";

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
    if (error instanceof UsageError || error instanceof InputError) {
      io.stderr.write(`portolan: ${printable(error.message)}\n`);
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
    .argument("<files...>", "interface files (.varlink, .proto)")
    .requiredOption(
      "-o, --output <dir>",
      "folder for the output: a folder per file goes there",
    )
    .option("--client", "only what is selected: types and client")
    .option("--server", "only what is selected: types and server")
    .option("--docs", "only what is selected: types and API.md")
    .addOption(
      new Option(
        "--inputs <mode>",
        "whether inputs may leave out fields, as Go peers allow",
      )
        .choices(["exact", "partial"])
        .default("exact"),
    )
    .addOption(
      new Option(
        "--import-extension <ext>",
        "what imports between the files end in",
      )
        .choices([".js", ".ts"])
        .default(".js"),
    )
    .addOption(sections())
    .option("--name <Name>", "name of client and service, for one file", asName)
    .addOption(protoPath())
    .addOption(envelope())
    .addOption(
      new Option("--int64 <type>", "what 64-bit integers of .proto files are")
        .choices(["bigint", "number", "string"])
        .default("bigint"),
    )
    .option("--check", "write nothing; exit with 1 if the output is stale")
    .option("--json", "report as JSON on standard output")
    .action(async (files: string[], flags: GenerateFlags) => {
      const { generate } = await import("./commands/generate.ts");
      done(await generate(files, flags, io));
    });

  program
    .command("docs")
    .description("write the document of an interface file")
    .argument(
      "<file>",
      "interface file (.varlink, .proto), or - for standard input",
    )
    .option("-o, --output <file>", "where it goes; standard output without")
    .addOption(sections())
    .addOption(protoPath())
    .addOption(envelope())
    .addOption(language())
    .action(async (file: string, flags: DocsFlags) => {
      const { docs } = await import("./commands/docs.ts");
      done(await docs(file, flags, io));
    });

  program
    .command("check")
    .description("read interface files and show their problems")
    .argument(
      "<files...>",
      "interface files (.varlink, .proto), or - for standard input",
    )
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

  return program;
}

function sections(): Option {
  return new Option("--sections <order>", "order of the members in a document")
    .choices(["file", "sorted"])
    .default("file");
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
