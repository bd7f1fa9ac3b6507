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
  "unix.shared-socket": {
    section: "Peer Authentication",
    level: "SHOULD",
    text: "A service whose sockets must not be handed from process to process says so.",
    server: { authors: "Whoever has a connection may call." },
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
    client: { cannot: "Node neither sends descriptors nor takes any." },
    server: { cannot: "Node neither sends descriptors nor takes any." },
  },
  "unix.place-of-descriptors": {
    section: "Passing File Descriptors",
    level: "MUST",
    text: "Descriptors belong to the message that begins with the bytes they come with, and are refused where none begins.",
    client: { cannot: "Node does not tell that there are any." },
    server: { cannot: "Node does not tell that there are any." },
  },
  "unix.refuse-descriptors": {
    section: "Passing File Descriptors",
    level: "MUST",
    text: "Descriptors are accepted only by who has asked for them.",
    note: "None ever are: Node asks for none, so that the kernel closes those that come, and the message is read without them.",
    client: "kept",
    server: "kept",
  },
  "unix.no-passing": {
    section: "Passing File Descriptors",
    level: "SHOULD",
    text: "A service that takes no descriptors says so to the kernel (`SO_PASSRIGHTS`), so that none wait for it.",
    server: { cannot: "Node has no such socket option." },
  },
  "unix.number-of-descriptors": {
    section: "Passing File Descriptors",
    level: "MUST",
    text: "A method that takes descriptors gets on with more or fewer of them, and answers `InvalidParameter`.",
    server: { authors: "A handler gets none, however many were sent." },
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
  "unix.attribute-absence": {
    section: "Recognizing Varlink Socket Inodes",
    level: "MUST",
    text: "A socket without that attribute is as good, and that it could not be set is no error.",
    client: "kept",
    server: "kept",
  },
  "unix.attribute-values": {
    section: "Recognizing Varlink Socket Inodes",
    level: "SHOULD",
    text: "Who looks for the attribute goes by those four values, and ignores others.",
    client: { cannot: "Node cannot read it, and nothing here looks for it." },
  },
} as const;
