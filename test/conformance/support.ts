import { afterAll } from "vitest";
import { Client, VarlinkClient } from "../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../src/runtime/varlink/descriptor.ts";
import type { ConnectOptions } from "../../src/runtime/varlink/options.ts";
import type { VarlinkServerOptions } from "../../src/runtime/varlink/server.ts";
import type { Method, MethodTypes } from "../../src/runtime/varlink/types.ts";
import {
  removeFolders,
  serve,
  type Served,
  type TestHandler,
  transports,
} from "../runtime/server/support.ts";
import {
  type Peer,
  type PeerConnection,
  startPeer,
  unixPlace,
} from "../support/peer.ts";

export type { Served, TestHandler };

/** Interface of the rules' tests: one method per type, and one per form of call. */
export const specimen: InterfaceDescriptor = {
  interface: "org.example.specimen",
  types: {
    Colour: ["red", "green"],
    Point: { x: "int", note: "?string" },
  },
  methods: {
    TakeBool: { input: { value: "bool" }, output: { value: "bool" } },
    TakeInt: { input: { value: "int" }, output: { value: "int" } },
    TakeFloat: { input: { value: "float" }, output: { value: "float" } },
    TakeString: { input: { value: "string" }, output: { value: "string" } },
    TakeEnum: { input: { value: "Colour" }, output: { value: "Colour" } },
    TakeStruct: { input: { value: "Point" }, output: { value: "Point" } },
    TakeMap: {
      input: { value: "[string]int" },
      output: { value: "[string]int" },
    },
    TakeList: { input: { value: "[]int" }, output: { value: "[]int" } },
    TakeObject: { input: { value: "object" }, output: { value: "object" } },
    TakeAny: { input: { value: "any" }, output: { value: "any" } },
    TakeNullable: { input: { value: "?int" }, output: { value: "?int" } },
    TakeNullables: {
      input: { list: "?[]int", map: "?[string]int" },
      output: { list: "?[]int", map: "?[string]int" },
    },
    TakeHoles: {
      input: { list: "[]?int", map: "[string]?int" },
      output: { list: "[]?int", map: "[string]?int" },
    },
    Nothing: { input: {}, output: {} },
    Count: { input: { to: "?int" }, output: { number: "?int" } },
    Watch: { input: {}, output: { number: "int" }, more: "required" },
    Talk: { input: {}, output: {}, upgrade: "supported" },
    Tunnel: { input: {}, output: {}, upgrade: "required" },
    Absent: { input: {}, output: {} },
  },
  errors: { Broken: { number: "int" }, Silent: {} },
  description: [
    "# Everything that a rule is tested with.",
    "interface org.example.specimen",
    "",
    "# Does nothing.",
    "method Nothing() -> ()",
  ],
};

/** What calls that do not fit their interface are answered with. */
export const INVALID = "org.varlink.service.InvalidParameter";

/** Full name of a method of the {@link specimen}. */
export function full(method: string): string {
  return `${specimen.interface}.${method}`;
}

const echo = (input: object): object => input;

/** Handlers that give back what they get. */
export const echoes: { readonly [name: string]: TestHandler } = {
  takeBool: echo,
  takeInt: echo,
  takeFloat: echo,
  takeString: echo,
  takeEnum: echo,
  takeStruct: echo,
  takeMap: echo,
  takeList: echo,
  takeObject: echo,
  takeAny: echo,
  takeNullable: echo,
  takeNullables: echo,
  takeHoles: echo,
  nothing: () => {},
};

/** A server of the {@link specimen} at a Unix socket. */
export async function serveSpecimen(
  handlers: { readonly [name: string]: TestHandler } = echoes,
  options: Partial<VarlinkServerOptions> = {},
  partial: Partial<InterfaceDescriptor> = {},
): Promise<Served> {
  const place = transports.find(({ name }) => name === "unix");
  if (place === undefined) throw new Error("there are no Unix sockets");
  return await serve(handlers, await place.open(), options, {
    ...specimen,
    ...partial,
  });
}

afterAll(removeFolders);

interface Untyped extends MethodTypes {
  readonly input: object;
  readonly output: { readonly [name: string]: unknown };
}

/** A client of ours and a peer made of bytes, over a Unix socket. */
export interface Meeting extends AsyncDisposable {
  readonly client: VarlinkClient;
  readonly peer: Peer;
  /** The peer's end of the client's first connection. */
  readonly connection: PeerConnection;
  /** A method of the generated client of the {@link specimen}. */
  method(name: string): Method<Untyped>;
}

/**
 * For tests that make many calls in a row: sooner or later the pool would open a
 * second connection for them.
 */
export const ALONE: ConnectOptions = { maxConnections: 1 };

/** Opens a client to a peer; typed as the {@link specimen} is, or a variant of it. */
export async function meet(
  options: ConnectOptions = {},
  partial: Partial<InterfaceDescriptor> = {},
): Promise<Meeting> {
  const place = await unixPlace();
  const peer = await startPeer(place.endpoint);
  const client = await VarlinkClient.connect(place.endpoint, options);
  const connection = await peer.accept();
  const typed = new (typedAs({ ...specimen, ...partial }))(client);
  return {
    client,
    peer,
    connection,
    method: (name) => Reflect.get(typed, name) as Method<Untyped>,
    async [Symbol.asyncDispose]() {
      await client.close();
      await peer.close();
      await place.remove();
    },
  };
}

/** The class that would be generated. */
function typedAs(
  descriptor: InterfaceDescriptor,
): new (connection: VarlinkClient) => Client {
  return class extends Client {
    static override readonly descriptor: InterfaceDescriptor = descriptor;
  };
}
