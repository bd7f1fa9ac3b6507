/** What varlink.org says besides UAPI.20. */
export const older = {
  "older.device": {
    section: "Service: addresses",
    level: "IS",
    text: "`device:/dev/…` is a character device.",
    client: {
      instead: "Refused: UAPI.20 has dropped it, and nobody serves it.",
    },
  },
  "older.lower-case-fields": {
    section: "Interface Definition",
    level: "IS",
    text: "The names of fields begin with a small letter, as its prose has it.",
    reader: {
      instead:
        "Capital letters are fine, as both grammars have it: systemd uses them.",
    },
  },
  "older.errors": {
    section: "Service: errors",
    level: "IS",
    text: "There are six standard errors, without `ExpectedUpgrade`.",
    client: {
      instead:
        "Seven, as in UAPI.20, whatever the service's description lists.",
    },
  },
  "older.resolver": {
    section: "Service: resolver",
    level: "IS",
    text: "A resolver at a fixed address knows who serves an interface.",
    client: {
      instead:
        "Left out, as UAPI.20 does: no resolver is maintained, and addresses are given. Its interface can be generated like any other.",
    },
  },
} as const;
