/** "Service Addresses" and "Socket Activation". */
export const places = {
  "address.unix": {
    section: "Service Addresses",
    level: "SHOULD",
    text: "`unix:/path` is a socket in the file system.",
    client: "kept",
    server: "kept",
  },
  "address.abstract": {
    section: "Service Addresses",
    level: "IS",
    text: "`unix:@name` is a socket in Linux's abstract name space.",
    client: {
      instead:
        "Kept on Node 22 and newer. Node 20 fills the name up with zeros, so that it would be another socket: there the address is refused.",
    },
    server: {
      instead:
        "Kept on Node 22 and newer. Node 20 fills the name up with zeros, so that nobody else could connect: there the address is refused.",
    },
  },
  "address.tcp": {
    section: "Service Addresses",
    level: "MAY",
    text: "`tcp:host:port` is TCP, by host name, IPv4 address or IPv6 address in brackets.",
    client: "kept",
    server: "kept",
  },
  "address.properties": {
    section: "Service Addresses",
    level: "SHOULD",
    text: "Properties behind `;` that are not understood are ignored.",
    client: "kept",
    server: "kept",
  },
  "address.schemes": {
    section: "Service Addresses",
    level: "MAY",
    text: "Other transports may have schemes of their own.",
    client: "kept",
    server: "kept",
  },
  "activation.descriptors": {
    section: "Socket Activation",
    level: "MAY",
    text: "A service may be started with `LISTEN_FDS` sockets, the first of them descriptor 3.",
    client: "kept",
    server: "kept",
  },
  "activation.names": {
    section: "Socket Activation",
    level: "MUST",
    text: "Of several descriptors the one for Varlink is called `varlink` in `LISTEN_FDNAMES`.",
    note: "A server takes all of them where none has that name.",
    client: "kept",
    server: "kept",
  },
  "activation.pid": {
    section: "Socket Activation",
    level: "MUST",
    text: "The variables are ignored where `LISTEN_PID` is another process.",
    client: "kept",
    server: "kept",
  },
  "activation.pidfd": {
    section: "Socket Activation",
    level: "MUST",
    text: "The variables are ignored where `LISTEN_PIDFDID` is another process.",
    server: {
      cannot:
        "Node opens no pidfd, whose inode number this is. `LISTEN_PID` is checked, and no child inherits either.",
    },
  },
  "activation.kinds": {
    section: "Socket Activation",
    level: "SHOULD",
    text: "A descriptor is a stream socket, listening or connected.",
    client: "kept",
    server: "kept",
  },
} as const;
