/** "Transport: AF_UNIX Stream Sockets". */
export const unix = {
  "unix.chunks": {
    section: "Framing",
    level: "MUST",
    text: "Messages come in pieces, or several at a time: what is read is kept until its NUL.",
    client: "kept",
    server: "kept",
  },
  "unix.no-white-space": {
    section: "Framing",
    level: "SHOULD",
    text: "No white space is sent outside of strings.",
    client: "kept",
    server: "kept",
  },
  "unix.white-space": {
    section: "Framing",
    level: "MUST",
    text: "White space outside of strings is accepted.",
    client: "kept",
    server: "kept",
  },
  "unix.path": {
    section: "Listening Sockets and Access Control",
    level: "SHOULD",
    text: "A service listens at a path in the file system.",
    server: "kept",
  },
  "unix.mode": {
    section: "Listening Sockets and Access Control",
    level: "SHOULD",
    text: "Who may not connect may still read the socket's inode: mode 0644 rather than 0600.",
    server: {
      instead:
        "A socket has mode 0600 unless `mode` says otherwise: the attribute that reading is for cannot be set here, and nothing else needs it.",
    },
  },
  "unix.peer-credentials": {
    section: "Peer Authentication",
    level: "SHOULD",
    text: "A service that needs more than the socket's mode checks who has connected (`SO_PEERCRED`, `SO_PEERPIDFD`).",
    server: {
      cannot:
        "Node reads neither. The socket's mode and the folder it is in say who may connect.",
    },
  },
  "unix.authorization": {
    section: "Authorization",
    level: "SHOULD",
    text: "A service that needs somebody's consent, and cannot ask for it now, has an error that says so.",
    server: { authors: "A handler may throw it." },
  },
  "unix.in-band": {
    section: "Passing File Descriptors",
    level: "SHOULD",
    text: "An interface works without descriptors where it can, and says which methods need them and what they do without.",
    server: { authors: "Here none can be passed, so that nothing else works." },
  },
  "unix.send-descriptors": {
    section: "Passing File Descriptors",
    level: "MAY",
    text: "File descriptors may go with the first byte of a message, and parameters refer to them by number.",
    client: {
      cannot:
        "Node neither sends descriptors with a message nor takes any; the kernel closes those that come.",
    },
    server: {
      cannot:
        "Node neither sends descriptors with a message nor takes any; the kernel closes those that come.",
    },
  },
  "unix.refuse-descriptors": {
    section: "Passing File Descriptors",
    level: "MUST",
    text: "Descriptors are accepted only by who has asked for them.",
    client: {
      cannot:
        "Node neither sends descriptors with a message nor takes any; the kernel closes those that come.",
    },
    server: {
      cannot:
        "Node neither sends descriptors with a message nor takes any; the kernel closes those that come.",
    },
  },
  "unix.upgrade": {
    section: "Protocol Upgrade",
    level: "IS",
    text: "An upgraded connection stays the socket it was, and either side of it can end alone.",
    client: "kept",
    server: "kept",
  },
  "unix.attribute": {
    section: "Recognizing Varlink Socket Inodes",
    level: "SHOULD",
    text: "Sockets have the attribute `user.varlink` with what they are: `client`, `server`, `listen` or `entrypoint`.",
    client: {
      cannot: "Node has no extended attributes. Nothing depends on this one.",
    },
    server: {
      cannot: "Node has no extended attributes. Nothing depends on this one.",
    },
  },
} as const;
