// The server of these tests, in a process of its own: `server.ts ADDRESS`.
import { finished } from "node:stream/promises";
import { inspect } from "node:util";
import type { InterfaceDescriptor } from "../../src/runtime/varlink/descriptor.ts";
import { VarlinkServer } from "../../src/runtime/varlink/server.ts";
import { service } from "../../src/runtime/varlink/service.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { level, watchMemory } from "./level.ts";
import { answerParent } from "./parent.ts";

const descriptor: InterfaceDescriptor = {
  interface: "com.example.load",
  types: {},
  methods: {
    Echo: { input: { text: "string" }, output: { text: "string" } },
    Meet: { input: { count: "int" }, output: {} },
    Hang: { input: {}, output: {} },
    Count: {
      input: { to: "int", size: "int" },
      output: { number: "int", text: "string" },
    },
    Take: { input: {}, output: {}, upgrade: "supported" },
  },
  errors: {},
  description: [],
};

/** Replies of streams, generators that were closed, calls of `Hang` and what became of them. */
const seen = {
  made: 0,
  closed: 0,
  hanging: 0,
  aborted: 0,
  errors: [] as string[],
};
/** Writes an error down, if there are not enough of them already. */
function note(error: unknown): void {
  if (seen.errors.length < 5) seen.errors.push(inspect(error));
}

let meeting: (() => void)[] = [];

const server = new VarlinkServer({
  vendor: "Example",
  product: "Load",
  version: "1",
  url: "https://example.org",
  onError: note,
  onProtocolError: note,
});
server.add(
  service(descriptor, {
    echo: ({ text }: { readonly text: string }) => ({ text }),
    async meet({ count }: { readonly count: number }) {
      await new Promise<void>((resolve) => {
        meeting.push(resolve);
        if (meeting.length < count) return;
        for (const go of meeting) go();
        meeting = [];
      });
    },
    hang: (_input: object, { signal }: Call) => {
      seen.hanging += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          seen.aborted += 1;
          reject(signal.reason as Error);
        });
      });
    },
    *count({ to, size }: { readonly to: number; readonly size: number }) {
      const text = "x".repeat(size);
      try {
        for (let number = 1; number <= to; number += 1) {
          seen.made += 1;
          yield { number, text };
        }
      } finally {
        seen.closed += 1;
      }
    },
    take: (_input: object, call: Call) =>
      call.upgraded({}, async (stream) => {
        await finished(stream.resume(), { writable: false });
      }),
  }),
);
await server.listen(String(process.argv[2]));

let watched: ReturnType<typeof watchMemory> | undefined;
answerParent({
  level: () => level(),
  seen: () => ({ ...seen, connections: server.connections }),
  watch: () => {
    watched = watchMemory();
  },
  watched: () => watched?.stop(),
  close: () => server.close(),
});
