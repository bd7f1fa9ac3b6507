import {
  type ByteSpan,
  type PodmanCode,
  PodmanFailure,
  quoted,
  TypeFailure,
} from "./problem.ts";
import { Scanner, word } from "./scanner.ts";
import { type Field, readType, type ShownType } from "./types.ts";

/** What has a name and a place in the document. Text is Latin-1: a character for each byte. */
interface Member {
  readonly name: string;
  /** Empty, or lines without a line end at the end. */
  readonly docs: string;
}

export interface Method extends Member {
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

export interface TypeDeclaration extends Member {
  readonly fields: readonly Field[];
}

/** An error has fields too; the document does not show them. */
export type ErrorDeclaration = Member;

/** A file, members in the order of their bytes. */
export interface Interface extends Member {
  readonly methods: readonly Method[];
  readonly types: readonly TypeDeclaration[];
  readonly errors: readonly ErrorDeclaration[];
}

/**
 * Reads an interface file by the rules of Podman's generator, which are looser
 * than the language's (names of types are not looked up) and stricter (a blank in
 * `( )` is an error).
 *
 * @param text - In Latin-1, without the line ends at its end.
 * @throws PodmanFailure where the generator fails too.
 */
export function parse(text: string): Interface {
  return new Parser(new Scanner(text)).interface();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #methods: Method[] = [];
  readonly #types: TypeDeclaration[] = [];
  readonly #errors: ErrorDeclaration[] = [];
  readonly #names = new Map<string, ByteSpan>();
  /** What was wrong with the parameters of the error just read, and where they were left. */
  #dropped: { readonly failure: TypeFailure; readonly end: number } | undefined;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  interface(): Interface {
    const scanner = this.#scanner;
    scanner.skip();
    const { offset } = scanner;
    if (scanner.word(word.keyword, "`interface`") !== "interface") {
      const found = scanner.foundAt(offset);
      throw failure("podman/missing-interface", scanner.spanAt(offset), {
        message: `expected \`interface\`, found ${found}`,
        help:
          found === "the byte 0xEF"
            ? "take out the byte order mark at the file's beginning"
            : "begin the file with `interface` and its name, after comments at most",
      });
    }
    scanner.skip();
    const { docs } = scanner;
    const start = scanner.offset;
    const name = this.#interfaceName();
    const place = scanner.since(start);
    for (let keyword = ""; ;) {
      scanner.skip();
      if (scanner.isAtEnd) break;
      keyword = this.#member(keyword);
    }
    if (this.#methods.length === 0) {
      throw failure("podman/no-method", place, {
        message: `${quoted(name)} has no method`,
        help: "declare one; a method below a bare `#` is taken for the comment's text",
      });
    }
    return {
      name,
      docs,
      methods: this.#methods.toSorted(byName),
      types: this.#types.toSorted(byName),
      errors: this.#errors.toSorted(byName),
    };
  }

  #interfaceName(): string {
    const { offset } = this.#scanner;
    const name = this.#scanner.interfaceName();
    if (name !== "") return name;
    const found = this.#scanner.foundAt(offset);
    throw failure(
      "podman/invalid-interface-name",
      this.#scanner.spanAt(offset),
      {
        message: `expected the name of an interface, found ${found}`,
        help: "names have at least two parts of lower-case letters and digits, as `org.example.counter`, and 255 bytes at most",
      },
    );
  }

  /**
   * Reads a member, whatever stands on the line before it.
   *
   * @param before - The keyword of the member before it.
   * @returns its own keyword.
   */
  #member(before: string): string {
    const { offset } = this.#scanner;
    const keyword = this.#scanner.word(word.keyword, "a member");
    const dropped = this.#dropped;
    this.#dropped = undefined;
    switch (keyword) {
      case "type":
        this.#type();
        break;
      case "method":
        this.#method();
        break;
      case "error":
        this.#error();
        break;
      default: {
        if (dropped?.end === offset) throw dropped.failure;
        const found = this.#scanner.foundAt(offset);
        const help = helpWith(found, before);
        throw failure("podman/unknown-keyword", this.#scanner.spanAt(offset), {
          message: `expected \`type\`, \`method\` or \`error\`, found ${found}`,
          ...(help !== undefined && { help }),
          ...(dropped && {
            related: {
              offset: dropped.failure.problem.offset,
              length: dropped.failure.problem.length,
              message: dropped.failure.message,
            },
          }),
        });
      }
    }
    return keyword;
  }

  #type(): void {
    const member = this.#opening("type");
    const [type, span] = this.#wholeType();
    assertNoEnum(type, span, `type ${quoted(member.name)} is`);
    this.#types.push({ ...member, fields: type.fields });
  }

  #method(): void {
    const member = this.#opening("method");
    const [input, inputSpan] = this.#wholeType();
    this.#scanner.skip();
    const { offset } = this.#scanner;
    if (this.#scanner.next() !== "-" || this.#scanner.next() !== ">") {
      const found = this.#scanner.foundAt(offset);
      throw failure("podman/missing-arrow", this.#scanner.spanAt(offset), {
        message: `expected \`->\` after the parameters of ${quoted(member.name)}, found ${found}`,
        help: "a method without results ends in `-> ()`",
      });
    }
    const [output, outputSpan] = this.#wholeType();
    const who = `method ${quoted(member.name)}`;
    assertNoEnum(input, inputSpan, `the parameters of ${who} are`);
    assertNoEnum(output, outputSpan, `the results of ${who} are`);
    this.#methods.push({
      ...member,
      inputs: input.fields,
      outputs: output.fields,
    });
  }

  /** Parameters are optional, and what is wrong with them is skipped as far as it was read. */
  #error(): void {
    const member = this.#opening("error");
    this.#errors.push(member);
    this.#scanner.skipSpaces();
    if (!/[[?(A-Za-z0-9]/.test(this.#scanner.peek())) return;
    try {
      readType(this.#scanner);
    } catch (error) {
      if (!(error instanceof TypeFailure)) throw error;
      this.#dropped = { failure: error, end: this.#scanner.offset };
    }
  }

  /** The docs and name of a member; comments behind the keyword are docs too. */
  #opening(keyword: string): Member {
    const scanner = this.#scanner;
    scanner.skip();
    const { docs } = scanner;
    const { offset } = scanner;
    const name = scanner.word(word.member, `the name of this ${keyword}`);
    if (name === "") {
      throw failure("podman/missing-name", scanner.spanAt(offset), {
        message: `expected a name after \`${keyword}\`, found ${scanner.foundAt(offset)}`,
        help: "names have letters and digits",
      });
    }
    const span = scanner.since(offset);
    const first = this.#names.get(name);
    if (first !== undefined) {
      throw failure("podman/duplicate-member", span, {
        message: `${quoted(name)} is declared twice`,
        help: "types, methods and errors share their names: rename one of the two",
        related: { ...first, message: "the first is here" },
      });
    }
    this.#names.set(name, span);
    return { name, docs };
  }

  #wholeType(): readonly [ShownType, ByteSpan] {
    this.#scanner.skip();
    const { offset } = this.#scanner;
    return [readType(this.#scanner), this.#scanner.since(offset)];
  }
}

function failure(
  code: PodmanCode,
  { offset, length }: ByteSpan,
  rest: Omit<PodmanFailure["problem"], "code" | "offset" | "length">,
): PodmanFailure {
  return new PodmanFailure({ code, offset, length, ...rest });
}

function helpWith(found: string, before: string): string | undefined {
  if (found === "a carriage return")
    return "end lines with a line feed alone: carriage returns may stand in comments only";
  if (before === "" && (found === "`.`" || found === "`-`"))
    return "the name of the interface ends before this: its parts have lower-case letters and digits, with single `-` between them";
  if (found === "`(`" && before === "error")
    return "only spaces may stand between the name of an error and its parameters";
  return undefined;
}

/** Podman's generator crashes on an enum whose values it would show as fields. */
function assertNoEnum(
  { kind }: ShownType,
  span: ByteSpan,
  whatIs: string,
): void {
  if (kind !== "enum") return;
  throw failure("podman/enum", span, {
    message: `${whatIs} an enum, which Podman's generator cannot show`,
    help: "the default style shows enums: leave `--style podman` out",
  });
}

/** By bytes, which are the characters here. */
function byName(a: Member, b: Member): number {
  return a.name < b.name ? -1 : 1;
}
