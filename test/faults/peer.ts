/**
 * JavaScript, for `node -e`, of a peer in a process of its own, which can be killed
 * or stopped: it does what it is told, byte by byte, and knows no protocol but that
 * messages end with a NUL. It starts in no time, for nothing has to be translated.
 * What it is told and tells: see `PeerProcess`.
 */
export const PEER = `
const { connect, createServer } = require("node:net");
const sockets = [];

const tell = (event, bytes = 0) => process.send?.({ event, bytes });

function use(socket, answers = []) {
  let messages = 0;
  sockets.push(socket);
  socket.on("error", () => {});
  socket.on("close", () => tell("closed"));
  socket.on("data", (bytes) => {
    tell("data", bytes.length);
    for (const byte of bytes) {
      if (byte !== 0) continue;
      const answer = answers[messages];
      messages += 1;
      if (answer !== undefined) socket.write(answer);
    }
  });
}

process.on("message", (order) => {
  switch (order.do) {
    case "connect": {
      const socket = connect(order.place, () => tell("connected"));
      use(socket);
      if (!order.reads) socket.pause();
      break;
    }
    case "listen": {
      const options = { allowHalfOpen: true };
      createServer(options, (socket) => {
        use(socket, order.answers);
        tell("accepted");
      }).listen(order.place, () => tell("listening"));
      break;
    }
    case "write":
      for (const socket of sockets)
        socket.write(order.bytes, () => tell("written"));
      break;
    case "destroy":
      for (const socket of sockets) socket.destroy();
      break;
    case "reset":
      for (const socket of sockets) socket.resetAndDestroy();
      break;
  }
});
process.on("disconnect", () => process.exit());
`;
