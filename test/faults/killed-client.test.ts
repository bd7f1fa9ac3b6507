import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAddress } from "../../src/runtime/transport/address.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import {
  ECHO,
  type FaultyServer,
  frame,
  HANG,
  PeerProcess,
  serveFaults,
  TAKE,
  temporaryPlace,
  until,
  WATCH,
} from "./support.ts";

const deaths = [
  {
    death: "killed",
    kind: "unix",
    tells: true,
    die: (peer: PeerProcess) => peer.signal("SIGKILL"),
  },
  {
    death: "destroyed",
    kind: "unix",
    tells: true,
    die: (peer: PeerProcess) => peer.order({ do: "destroy" }),
  },
  {
    death: "killed",
    kind: "tcp",
    tells: false,
    die: (peer: PeerProcess) => peer.signal("SIGKILL"),
  },
  {
    death: "reset",
    kind: "tcp",
    tells: true,
    die: (peer: PeerProcess) => peer.order({ do: "reset" }),
  },
] as const;

describe.each(deaths)(
  "a client that is $death, over $kind",
  ({ kind, tells, die }) => {
    let served: FaultyServer;
    let friend: VarlinkClient;
    let peer: PeerProcess;
    let remove: () => Promise<void> = () => Promise.resolve();

    beforeEach(async () => {
      const place = await temporaryPlace();
      ({ remove } = place);
      served = await serveFaults(
        kind === "unix" ? place.endpoint : parseAddress("tcp:127.0.0.1:0"),
      );
      friend = await VarlinkClient.connect(served.endpoint.address);
      peer = new PeerProcess();
    });

    afterEach(async () => {
      await peer[Symbol.asyncDispose]();
      await friend.close();
      await served.server.close();
      expect(served.server.connections).toBe(0);
      await remove();
    });

    /** Lets the client die while another one has a stream of its own, which goes on. */
    async function dieBesideAFriend(): Promise<void> {
      const stream = friend.more(WATCH);
      await stream.next();
      die(peer);
      await until(
        "the end of the connection",
        () => served.server.connections === 1,
      );
      for (let count = 0; count < 3; count += 1)
        expect((await stream.next()).done).toBe(false);
      expect(await friend.call(ECHO, { text: "still here" })).toEqual({
        text: "still here",
      });
      await stream.return();
      // A client's death is nobody's mistake.
      expect(served.errors).toEqual([]);
    }

    const begun = `${frame({ method: HANG })}{"method":"com.example.fau`;

    if (tells) {
      it("in the middle of a frame, behind a call that hangs: the handler is told", async () => {
        await peer.connect(served.endpoint, begun);
        await until("the call", () => served.noticed.begun === 1);
        await dieBesideAFriend();
        expect(served.noticed.reasons[0]).toMatchObject({
          code: "CONNECTION_LOST",
        });
      });
    } else {
      // The end of a TCP connection says of one direction that it is over, and
      // nothing of the other until something is written.
      it("in the middle of a frame, behind a call that hangs: closing the server tells the handler", async () => {
        await peer.connect(served.endpoint, begun);
        await until("the call", () => served.noticed.begun === 1);
        die(peer);
        await friend.close();
        await served.server.close({ timeout: 100 });
        expect(served.noticed.reasons).toMatchObject([{ code: "CLOSED" }]);
      });
    }

    it("in the middle of a frame that is its first", async () => {
      await peer.connect(served.endpoint, '{"method":"com.example.faults.Ec');
      await peer.told("written");
      await until("the connection", () => served.server.connections === 2);
      await dieBesideAFriend();
      expect(served.noticed.reasons.length).toBeLessThanOrEqual(1);
      for (const error of served.protocolErrors)
        expect(error.code).toBe("PROTOCOL");
    });

    it.each([{ reads: true }, { reads: false }])(
      "in the middle of a stream, $reads that it reads: the generator is closed",
      async ({ reads }) => {
        const watch = frame({ method: WATCH, more: true });
        await peer.connect(served.endpoint, watch, { reads });
        if (reads) await peer.told("data", 3);
        else await until("items", () => served.noticed.made > 3);
        await dieBesideAFriend();
        await until("both generators' ends", () => served.noticed.closed === 2);
        expect(served.noticed.reasons[0]).toMatchObject({
          code: "CONNECTION_LOST",
        });
      },
    );

    it("in the middle of an upgrade: the stream fails", async () => {
      const take = frame({ method: TAKE, upgrade: true });
      await peer.connect(served.endpoint, `${take}raw bytes`);
      await peer.told("data");
      await dieBesideAFriend();
      const { reasons, upgradeErrors } = served.noticed;
      await until("the handler's failure", () => upgradeErrors.length === 1);
      expect(reasons[0]).toMatchObject({ code: "CONNECTION_LOST" });
      expect(upgradeErrors[0]).toMatchObject({ code: "CONNECTION_LOST" });
    });
  },
);
