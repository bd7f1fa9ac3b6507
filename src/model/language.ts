/** The interface definition languages that are read. */
export const languages = ["varlink", "proto"] as const;
export type Language = (typeof languages)[number];

/** The language that a file's name ends in, if it is one of ours. */
export function languageOf(path: string): Language | undefined {
  return languages.find((language) => path.endsWith(`.${language}`));
}
