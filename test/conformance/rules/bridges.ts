/** What the specification asks of bridges, of those to WebSockets above all. */
export const bridges = {
  "bridge.bytes": {
    section: "WebSocket Mode",
    level: "IS",
    text: "A bridge hands on the bytes of both sides as they are: flags, several replies and pipelines too.",
    bridge: "kept",
  },
  "bridge.pieces": {
    section: "WebSocket Mode",
    level: "MUST",
    text: "It takes no piece that comes for a whole message.",
    bridge: "kept",
  },
  "bridge.upgrade": {
    section: "WebSocket Mode",
    level: "MUST",
    text: "Behind a confirmed upgrade it hands on bytes whatever they are.",
    bridge: "kept",
  },
  "bridge.close": {
    section: "WebSocket Mode",
    level: "IS",
    text: "When one side closes, it closes the other.",
    bridge: "kept",
  },
  "bridge.unreachable": {
    section: "WebSocket Mode",
    level: "IS",
    text: "A client whose service cannot be reached gets no connection.",
    bridge: "kept",
  },
  "bridge.no-descriptors": {
    section: "Passing File Descriptors",
    level: "MUST",
    text: "A message whose descriptors cannot be forwarded is not forwarded as if it had none.",
    bridge: {
      cannot:
        "Node takes no descriptors and does not tell that there were any: the kernel closes them, and the message goes on without.",
    },
  },
} as const;
