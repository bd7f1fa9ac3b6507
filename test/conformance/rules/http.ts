/** "Transport: HTTP". */
export const http = {
  "http.call": {
    section: "Simple HTTP Mode",
    level: "IS",
    text: "A POST to `call/METHOD` is a call: parameters in its body, output in that of the response.",
    client: { later: "There is no HTTP transport yet." },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.errors": {
    section: "Simple HTTP Mode",
    level: "SHOULD",
    text: "Errors have a status, and who wants to know which goes by `error` in the body.",
    client: { later: "There is no HTTP transport yet." },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.accept": {
    section: "URL Schema",
    level: "MUST",
    text: "A request says that it accepts `application/json`, or `application/json-seq` for several replies.",
    client: { later: "There is no HTTP transport yet." },
  },
  "http.charset": {
    section: "URL Schema",
    level: "SHOULD",
    text: "Media types have no `charset`.",
    client: { later: "There is no HTTP transport yet." },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.streaming": {
    section: "Streaming Replies",
    level: "IS",
    text: "Several replies come as a JSON text sequence.",
    client: { later: "There is no HTTP transport yet." },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.oneway": {
    section: "Simple HTTP Mode",
    level: "SHOULD",
    text: "`oneway` is part of the query, only where it is true.",
    client: { later: "There is no HTTP transport yet." },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.empty-body": {
    section: "Simple HTTP Mode",
    level: "SHOULD",
    text: "An empty body is taken for no parameters.",
    server: { later: "There is no HTTP transport yet." },
  },
  "http.introspection": {
    section: "Introspection",
    level: "IS",
    text: "Services, interfaces and methods can be listed with GET.",
    client: { later: "There is no HTTP transport yet." },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.websocket": {
    section: "WebSocket Mode",
    level: "MUST",
    text: "The whole protocol goes through a WebSocket, whose frames say nothing of where messages end.",
    client: {
      later:
        "There is no WebSocket transport yet; a command that is one (`websocat --binary`) can be a `bridge:`.",
    },
    server: { later: "There is no HTTP transport yet." },
  },
  "http.text-frames": {
    section: "WebSocket Mode",
    level: "MUST",
    text: "Frames of text are taken for those of bytes.",
    server: { later: "There is no HTTP transport yet." },
  },
  "http.reframing": {
    section: "WebSocket Mode",
    level: "SHOULD",
    text: "A bridge sends each message in a frame of its own, its NUL with it.",
    server: { later: "There is no HTTP transport yet." },
  },
  "http.raw-frames": {
    section: "WebSocket Mode",
    level: "MUST",
    text: "Behind a confirmed upgrade frames are of any size, whatever is in them.",
    server: { later: "There is no HTTP transport yet." },
  },
  "http.security": {
    section: "Authentication and Transport Security",
    level: "SHOULD",
    text: "What can be reached over a network has TLS and asks clients who they are.",
    server: { later: "There is no HTTP transport yet." },
  },
  "http.pinning": {
    section: "Authentication and Transport Security",
    level: "SHOULD",
    text: "A client keeps the key of a bridge whose certificate nobody has signed, and refuses another one later.",
    client: { later: "There is no HTTP transport yet." },
  },
} as const;
