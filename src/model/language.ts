/** The interface definition languages that are read. */
export const languages = ["varlink", "proto"] as const;
export type Language = (typeof languages)[number];

/** Words that a file of Protocol Buffers can begin with, and one of Varlink cannot. */
const PROTO_START =
  /(?:syntax|edition|package|import|option|message|enum|service|extend)\b/y;
const SPACE = /\s+/y;
const PROTO_COMMENT = /\/\/.*|\/\*[^]*?\*\//y;

/** The language that a text's first word belongs to; `varlink` where it is no word of either. */
export function languageOfText(text: string): Language {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  // A byte order mark is space.
  let isBefore = true;
  while (isBefore) isBefore = skip(SPACE) || skip(PROTO_COMMENT);
  return skip(PROTO_START) ? "proto" : "varlink";
}

/** The language that a file's name ends in, if it is one of ours. */
export function languageOf(path: string): Language | undefined {
  return languages.find((language) => path.endsWith(`.${language}`));
}
