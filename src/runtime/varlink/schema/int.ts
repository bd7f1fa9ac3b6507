import {
  DOUBLE_MAX,
  DOUBLE_MIN,
  fitsInt,
  readDecimal,
} from "../exact/integer.ts";
import { beyond, expected, Failure } from "./problem.ts";

type IntCheck = (value: unknown) => Failure | undefined;

/** The check of ints of one side and direction. See `Profile`. */
export function intCheck(profile: {
  readonly ints: "number" | "bigint";
  readonly outgoing: boolean;
}): IntCheck {
  if (profile.ints === "bigint")
    return profile.outgoing ? checkBigint : checkReadAsBigint;
  return profile.outgoing ? checkSentNumber : checkReadNumber;
}

const checkReadNumber: IntCheck = (value) => {
  if (!Number.isInteger(value)) return expected("an int", value);
  const int = value as number;
  return int >= DOUBLE_MIN && int <= DOUBLE_MAX
    ? undefined
    : beyond("a number");
};

const checkSentNumber: IntCheck = (value) => {
  if (Number.isInteger(value)) {
    const int = value as number;
    // JSON.stringify writes this one as -9223372036854776000, which no peer can read.
    if (int === DOUBLE_MIN)
      return beyond("a number that JSON.stringify rounds to one");
    return int > DOUBLE_MIN && int < DOUBLE_MAX
      ? undefined
      : beyond("a number");
  }
  if (typeof value === "bigint") {
    return new Failure(
      "expected an int as a number, got a bigint, which JSON cannot carry",
    );
  }
  return expected("an int", value);
};

const checkBigint: IntCheck = (value) => {
  if (typeof value === "bigint")
    return fitsInt(value) ? undefined : beyond("a bigint");
  return expected("an int as a bigint", value);
};

/** What is beyond the range and reads as its end is found when it is read exactly. */
const checkReadAsBigint: IntCheck = (value) =>
  typeof value === "string" && readDecimal(value) !== undefined
    ? undefined
    : checkReadNumber(value);
