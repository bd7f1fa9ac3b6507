/** "Interface Definition" and "Interface Evolution". */
export const language = {
  "interface.first": {
    section: "Keywords",
    level: "MUST",
    text: "`interface` and the name come before everything else in a definition.",
    reader: "kept",
  },
  "interface.unique-names": {
    section: "Keywords",
    level: "MUST",
    text: "No two types, methods or errors of an interface have the same name, whatever they are.",
    reader: "kept",
  },
  "interface.qualified-names": {
    section: "Keywords",
    level: "IS",
    text: "Methods and errors are called by the interface's name, a dot and their own.",
    client: "kept",
    server: "kept",
  },
  "interface.file-name": {
    section: "Interface Definition",
    level: "IS",
    text: "A definition is in a file of the interface's name that ends in `.varlink`.",
    reader: {
      instead:
        "A file may have any name: what an interface is called is what its text says.",
    },
  },
  "interface.name": {
    section: "Names",
    level: "IS",
    text: "An interface's name has two or more parts between dots, of letters, digits and hyphens inside; the first one begins with a letter.",
    reader: "kept",
  },
  "interface.member-name": {
    section: "Names",
    level: "IS",
    text: "A type, method or error begins with a capital letter, and letters and digits follow.",
    reader: "kept",
  },
  "interface.field-name": {
    section: "Names",
    level: "IS",
    text: "A field or enum value begins with a letter; letters and digits follow, with at most one underscore between two of them.",
    reader: "kept",
  },
  "interface.types": {
    section: "Types",
    level: "IS",
    text: "Fields are `bool`, `int`, `float`, `string`, `object`, `any`, structs, enums, declared types, arrays or maps, of any depth.",
    reader: "kept",
  },
  "interface.nullable": {
    section: "Types",
    level: "IS",
    text: "One `?` may stand before a type, an array or a map; not two of them.",
    reader: "kept",
  },
  "interface.enum-or-struct": {
    section: "Types",
    level: "IS",
    text: "Parentheses hold names with types (a struct), names alone (an enum), or nothing (an empty struct); never a mixture.",
    reader: "kept",
  },
  "interface.map-key": {
    section: "Types",
    level: "IS",
    text: "The keys of a map are strings: `[string]` and nothing else.",
    reader: "kept",
  },
  "interface.type-alias": {
    section: "Grammar",
    level: "IS",
    text: "`type` gives a name to a struct or an enum, to nothing else.",
    reader: "kept",
  },
  "interface.empty-parameters": {
    section: "Methods",
    level: "IS",
    text: "A method without input or output writes `()` for it.",
    reader: "kept",
  },
  "interface.well-defined-errors": {
    section: "Errors",
    level: "SHOULD",
    text: "Calls fail with errors that the interface declares, or `org.varlink.service`.",
    server: {
      instead:
        "A handler's own mistake is answered with `invalid.portolan.InternalError`, for which the specification has no error, and an error of another interface is passed on as a handler throws it.",
    },
  },
  "interface.line-breaks": {
    section: "Documentation Comments",
    level: "MUST",
    text: "A line ends behind the interface's name and behind each member.",
    reader: {
      instead:
        "Two members on one line are read, with the warning `varlink/same-line`.",
    },
  },
  "interface.white-space": {
    section: "Documentation Comments",
    level: "IS",
    text: "Other white space means nothing: blanks of all kinds, and every way to end a line.",
    reader: "kept",
  },
  "interface.tight-places": {
    section: "Parsing Expression Grammar",
    level: "IS",
    text: "By the letter of the second grammar nothing stands before a comma, nor behind `?`, `[]` and `[string]`, and a comment has a line end behind it.",
    reader: {
      instead:
        "White space and comments may stand between any two tokens, and a comment may be a file's end.",
    },
  },
  "interface.comments": {
    section: "Documentation Comments",
    level: "IS",
    text: "A comment goes from `#` to the end of its line.",
    reader: "kept",
  },
  "interface.documentation": {
    section: "Documentation Comments",
    level: "IS",
    text: "The comment lines right above `interface`, `type`, `method` or `error` are its documentation.",
    reader: "kept",
  },
  "interface.field-documentation": {
    section: "Documentation Comments",
    level: "IS",
    text: "The comment lines right above a field or enum value are its documentation.",
    reader: "kept",
  },
  "interface.comment-blank": {
    section: "Documentation Comments",
    level: "IS",
    text: "One blank behind `#` is no part of the documentation; a second one is.",
    reader: "kept",
  },
  "interface.a-member": {
    section: "Grammar",
    level: "IS",
    text: "An interface has at least one member, a method or not.",
    reader: "kept",
  },
  "interface.no-reserved-words": {
    section: "Grammar",
    level: "IS",
    text: "A field may be called as a keyword or a type is.",
    reader: "kept",
  },
  "interface.any-order": {
    section: "Grammar",
    level: "IS",
    text: "Members come in any order; a type may be used before it is declared.",
    reader: "kept",
  },
  "evolution.nullable-fields": {
    section: "Interface Evolution",
    level: "SHOULD",
    text: "Fields that are added are nullable, and a call without them does what it did before.",
    client: "kept",
    server: "kept",
  },
  "evolution.documented-defaults": {
    section: "Interface Evolution",
    level: "SHOULD",
    text: "What a field means that is omitted, or null, is documented.",
    reader: { authors: "Documentation of fields reaches types and documents." },
  },
  "evolution.new-members": {
    section: "Interface Evolution",
    level: "IS",
    text: "New methods, types and errors may come at any time.",
    client: "kept",
  },
  "evolution.enum-values": {
    section: "Interface Evolution",
    level: "SHOULD",
    text: "Enums in replies grow only where clients are prepared for values that they do not know, which is documented.",
    note: "Types of what a client reads have room for such values, whatever the documentation says.",
    client: "kept",
  },
  "evolution.new-name": {
    section: "Interface Evolution",
    level: "SHOULD",
    text: "What is removed or changed incompatibly goes into an interface of another name.",
    reader: {
      authors:
        "A server can have both interfaces at once; nothing compares them.",
    },
  },
  "evolution.unknown-input": {
    section: "Interface Evolution",
    level: "SHOULD",
    text: "A service refuses parameters that it does not know with `InvalidParameter`.",
    server: "kept",
  },
  "evolution.unknown-output": {
    section: "Interface Evolution",
    level: "SHOULD",
    text: "A client ignores members of a reply's parameters that it does not know.",
    client: "kept",
  },
} as const;
