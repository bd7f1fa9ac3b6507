/**
 * How templates are compiled, here and by the build. `noEscape`: nothing is
 * HTML; view models escape for the language they are written in. `strict`: a
 * name that a view model lacks is an error. No helper exists, and none is
 * looked up: templates only loop, include and test a boolean.
 */
export const compileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  preventIndent: false,
} as const;
