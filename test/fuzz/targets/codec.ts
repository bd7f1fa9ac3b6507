import {
  TPortoRequest,
  TPortoResponse,
} from "../../../generated/porto/index.ts";
import type { EnvelopeDescriptor } from "../../../src/runtime/envelope/descriptor.ts";
import { ProtobufError } from "../../../src/runtime/protobuf/error.ts";
import { mutate } from "../mutate.ts";
import {
  type Bench,
  type Input,
  must,
  mustEqual,
  type Target,
  Tally,
} from "../target.ts";
import { requestBodies, responseBodies, wireWords } from "../wire.ts";

const bodies = [...requestBodies(), ...responseBodies()];

const tally = new Tally("read", "refused");

type AnyType = EnvelopeDescriptor["request"];

/** Bytes that a generated codec of Protocol Buffers is given. */
export const codecTarget: Target = {
  name: "codec",
  share: 25,
  tally,
  make: (random) => mutate(random, bodies, wireWords),
  open: () => ({ check, close() {} }) satisfies Bench,
};

function check({ bytes, variant }: Input): void {
  const type: AnyType = variant % 2 === 0 ? TPortoRequest : TPortoResponse;
  const options = {
    partial: true,
    unknown: variant % 3 === 0 ? "drop" : "keep",
  } as const;
  let message: object;
  try {
    message = type.decode(bytes, options);
  } catch (error) {
    must(
      ProtobufError.is(error),
      () => `an error that is not ours: ${String(error)}`,
    );
    tally.add("refused");
    return;
  }
  tally.add("read");
  // Whatever was read may be written, and is the same when it is read again.
  const written = type.encode(message, options);
  const again = type.encode(type.decode(written, options), options);
  mustEqual(
    Buffer.from(again).toString("hex"),
    Buffer.from(written).toString("hex"),
    "what was written twice",
  );
}
