import { type PodmanDescriptor, podmanDescriptor } from "portolan/podman";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Program } from "../../../../src/libpod/engines/embedded/index.ts";
import { VarlinkError } from "../../../../src/runtime/errors.ts";
import { type Bench, openBench } from "./support.ts";

void ({} as PodmanDescriptor);

const programs: Readonly<Record<string, Program>> = {
  job: {
    output: ["one", { stderr: "two", after: 40 }],
    runsFor: 300,
    exitCode: 3,
  },
  async *ticks({ sleep }) {
    for (;;) {
      yield "tick\n";
      await sleep(50);
    }
  },
};

interface Call {
  readonly method: string;
  readonly input: object;
  /** Milliseconds that pass meanwhile. */
  readonly passed: number;
}
