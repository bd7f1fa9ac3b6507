import path from "node:path";
import { podmanDescriptor } from "portolan/podman";
import { expect, it } from "vitest";
import { describeCorpus } from "../../../support/corpus.ts";
import {
  readTranscript,
  type RecordedReply,
} from "../../../support/transcript.ts";
import { expectShape, type Members } from "../shape.ts";
import { create, openBench } from "./support.ts";

/**
 * What a real Podman 1.0.1 was asked, asked of our server, byte by byte as it was
 * sent: the same errors, and replies of the same shape, down to the form of texts.
 */
const RECORDING = "20-podman-1.0.1.jsonl";

describeCorpus(`${RECORDING}, asked of our server`, () => {
  it("is answered alike, call by call", async () => {
    const bench = await openBench({
      programs: { sh: { output: ["hi"], runsFor: 30_000 } },
    });
    await using _ = bench;
    // The archive of files that the recording imports.
    await create(bench, "files");
    const archive = path.join(bench.folder, "rootfs.tar");
    await bench.podman.exportContainer({ name: "files", path: archive });
    await bench.podman.removeContainer({ name: "files" });
    await bench.podman.deleteUnusedImages();

    const ids = new Map<string, string>();
    const asked: string[] = [];
    const calls = readTranscript(RECORDING);
    for (const { line, call, replies } of calls) {
      const [, method = ""] = /^io\.podman\.(\w+)$/.exec(call.method) ?? [];
      if (!Object.hasOwn(podmanDescriptor.methods, method)) continue;
      let text = JSON.stringify(call.parameters ?? {});
      for (const [recorded, ours] of ids)
        text = text.replaceAll(recorded, ours);
      const parameters = JSON.parse(text) as Members;
      const input =
        "source" in parameters
          ? { ...parameters, source: archive }
          : parameters;
      const where = `${RECORDING}:${line} ${method}`;
      // As long as it took there, so that programs do what they did.
      await bench.clock.advance(500);
      const reply = await bench.podman.$connection
        .call(call.method, input)
        .then(
          (output): RecordedReply => ({ parameters: output }),
          (error: RecordedReply) => error,
        );
      const [recorded = {}] = replies;
      expect(reply.error, where).toBe(recorded.error);
      expectShape(reply.parameters, recorded.parameters ?? {}, where, ids);
      if (recorded.error !== undefined)
        expect(reply.parameters, where).toEqual(recorded.parameters);
      asked.push(method);
    }
    // All of the recording: nothing was passed over.
    expect(asked).toHaveLength(
      calls.filter(({ call }) => call.method.startsWith("io.podman.")).length,
    );
    expect(bench.mistakes).toEqual([]);
  });
});
