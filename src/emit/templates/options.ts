/**
 * How templates are compiled, here and by the build. `noEscape`: nothing is
 * HTML; view models escape for the language they are written in. `strict`: a
 * name that a view model lacks is an error. No helper is looked
 * up, and of those that the engine has some write to consoles or are its own: templates
 * only loop, include and test a boolean.
 */
export const compileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: { log: false, helperMissing: false, blockHelperMissing: false },
  preventIndent: false,
} as const;
