import { afterEach, describe, expect, it } from "vitest";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import {
  type AddressParts,
  registerScheme,
} from "../../../src/runtime/transport/schemes.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { failure } from "../../support/peer.ts";

let removals: (() => void)[] = [];

afterEach(() => {
  for (const remove of removals) remove();
  removals = [];
});

function add(...args: Parameters<typeof registerScheme>): () => void {
  const remove = registerScheme(...args);
  removals.push(remove);
  return remove;
}

function problem(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  throw new Error("it was accepted");
}

describe("registerScheme", () => {
  it("adds a kind of address to clients and servers", async () => {
    const places = new Map<string, Endpoint>();
    add("here", ({ place }) => {
      const found = places.get(place) ?? memoryEndpoint({ name: place });
      places.set(place, found);
      return found;
    });
    const info = { vendor: "", product: "Here", version: "", url: "" };
    const server = new VarlinkServer(info);
    await server.listen("here:one");
    const client = await VarlinkClient.connect("here:one;x=y");
    expect(await client.getInfo()).toMatchObject({ product: "Here" });
    await client.close();
    await server.close();
    expect(
      await failure(VarlinkClient.connect("here:one", { allow: ["unix"] })),
    ).toMatchObject({ code: "INVALID_ADDRESS" });
  });

  it("gives the parts of the address", () => {
    let got: AddressParts | undefined;
    add("a+b.c-1", (parts) => {
      got = parts;
      return memoryEndpoint();
    });
    const text = "a+b.c-1:x:y;one=1=2;two;three=";
    parseAddress(text, { allow: ["tcp", "a+b.c-1"] });
    expect(got).toEqual({
      text,
      scheme: "a+b.c-1",
      rest: "x:y;one=1=2;two;three=",
      place: "x:y",
      properties: new Map([
        ["one", "1=2"],
        ["two", ""],
        ["three", ""],
      ]),
      allow: ["tcp", "a+b.c-1"],
    });
  });

  it("keeps to itself what must be allowed by name", () => {
    add("careful", () => memoryEndpoint(), { byDefault: false });
    expect(problem(() => parseAddress("careful:x"))).toMatchObject({
      code: "INVALID_ADDRESS",
      message: expect.stringMatching(/not allowed here/) as unknown,
    });
    parseAddress("careful:x", { allow: ["careful"] });
  });

  it.each([
    new Error("no such thing"),
    new PortolanError("INVALID_ADDRESS", "no such thing"),
  ])("tells the address of what its parser refuses: %s", (refusal) => {
    add("strict", () => {
      throw refusal;
    });
    expect(problem(() => parseAddress("strict:x"))).toMatchObject({
      code: "INVALID_ADDRESS",
      message: 'the address "strict:x" is not usable: no such thing',
      cause: refusal,
    });
  });

  it("takes back what was added, and nothing that was added since", () => {
    const remove = add("twice", () => memoryEndpoint({ name: "first" }));
    remove();
    expect(problem(() => parseAddress("twice:"))).toMatchObject({
      message: expect.stringMatching(/not known/) as unknown,
    });
    add("twice", () => memoryEndpoint({ name: "second" }));
    remove();
    expect(parseAddress("twice:").address).toBe("second");
  });

  it.each(["", "1a", "a b", "a:", "é", "unix", "tcp", "exec", "ssh-exec"])(
    "refuses the name %j",
    (name) => {
      expect(
        problem(() => registerScheme(name, () => memoryEndpoint())),
      ).toMatchObject({ code: "INVALID_INPUT" });
    },
  );

  it("refuses a name that is taken", () => {
    add("mine", () => memoryEndpoint());
    expect(
      problem(() => registerScheme("mine", () => memoryEndpoint())),
    ).toMatchObject({ code: "INVALID_INPUT" });
    // Upper and lower case differ, as in addresses.
    add("Mine", () => memoryEndpoint());
  });
});
