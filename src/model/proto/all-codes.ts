import type { Code as SyntaxCode } from "../../../grammar/proto/codes.ts";
import type { LinkCode } from "./codes.ts";

/** Everything that can be told of a file: of its syntax, and of what it means. */
export type Code = SyntaxCode | LinkCode;
