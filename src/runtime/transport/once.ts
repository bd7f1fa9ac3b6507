/** Endpoints that are one connection, and that one once. */
import type { Duplex } from "node:stream";
import { messageOf } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { listenFailed } from "./failure.ts";

/**
 * An endpoint of a connection that is there already: a client's, or, by listening,
 * a server's, whoever comes first.
 */
export function onceEndpoint(address: string, open: () => Duplex): Endpoint {
  let taken = false;
  const used = "there is one connection, and it was used already";
  return {
    address,
    single: true,
    connect() {
      return new Promise((resolve, reject) => {
        if (taken) {
          reject(new Error(used));
          return;
        }
        // Refused by the system, it is still there.
        const connection = open();
        taken = true;
        resolve(connection);
      });
    },
    listen(onConnection) {
      if (taken) return Promise.reject(listenFailed(address, used));
      let connection: Duplex;
      try {
        connection = open();
      } catch (error) {
        const said = messageOf(error);
        return Promise.reject(listenFailed(address, said, error));
      }
      taken = true;
      // Until it is handed over nobody else listens to what goes wrong with it.
      connection.on("error", () => {});
      let handedOver = false;
      // As with any other listener the connection comes after it is known.
      const turn = setImmediate(() => {
        handedOver = true;
        onConnection(connection);
      });
      return Promise.resolve({
        address,
        close() {
          clearImmediate(turn);
          if (!handedOver) connection.destroy();
          return Promise.resolve();
        },
      });
    },
  };
}
