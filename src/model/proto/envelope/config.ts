import type { EnvelopeConfig } from "./settings.ts";
import { readJson } from "./json.ts";
import { EnvelopeError } from "./problem.ts";
import {
  anyOf,
  constant,
  flag,
  listOf,
  mapOf,
  milliseconds,
  number,
  record,
  text,
  type Shape,
} from "./shape.ts";

const value = anyOf("text, a number, true or false", text, number, flag);
const failure = record({ code: text }, { text });

/** Every setting, with what it holds. */
const SETTINGS: Shape = record(
  {
    request: text,
    response: text,
    error: record(
      { field: text, success: text, absent: text },
      { message: text },
    ),
  },
  {
    label: text,
    timestamp: text,
    address: text,
    push: mapOf(
      record(
        {},
        {
          stop: text,
          ends: listOf(
            mapOf(
              anyOf(
                'text, a number, true, false or {"input": "FIELD"}',
                text,
                number,
                flag,
                record({ input: text }, {}),
              ),
            ),
          ),
        },
      ),
    ),
    bound: mapOf(record({ name: text }, { when: text })),
    unbound: mapOf(record({ name: text }, { where: mapOf(value) })),
    required: mapOf(
      mapOf(
        anyOf(
          "text, a number, true, false or {}",
          text,
          number,
          flag,
          constant({}),
        ),
      ),
    ),
    extraTime: mapOf(milliseconds),
    ownTime: mapOf(record({ field: text }, { absent: milliseconds })),
    idempotent: listOf(text),
    bare: listOf(text),
    priority: listOf(text),
    failures: record(
      {},
      { method: failure, subscription: failure, internal: failure },
    ),
  },
);

/**
 * Reads the configuration of an envelope RPC. Whether it fits an interface file
 * is {@link bindEnvelope}'s to say.
 *
 * @param path - For messages.
 * @throws EnvelopeError for text that is no JSON, with line and column, and for
 * settings that are not known or hold something else than they should.
 */
export function parseEnvelopeConfig(
  json: string,
  path: string,
): EnvelopeConfig {
  const parsed = readJson(json, path);
  try {
    SETTINGS(parsed, "");
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    throw new EnvelopeError(`${path}: ${error.message}`, {
      path,
      cause: error,
    });
  }
  return parsed as EnvelopeConfig;
}
