/**
 * A number as protoc spells it in `default_value` (`SimpleDtoa`): the fewest of
 * 15 or 17 digits that give it back, in C's `%g`.
 */
export function doubleText(value: number): string {
  return special(value) ?? shortest(value, 15, 17, (text) => Number(text));
}

/** The same of 32 bits (`SimpleFtoa`): 6 to 9 digits. */
export function floatText(value: number): string {
  const single = Math.fround(value);
  return (
    special(single) ??
    // What is below the normal range protoc's own reading refuses.
    (single !== 0 && Math.abs(single) < smallestNormal
      ? general(single, 9)
      : shortest(single, 6, 9, (text) => Math.fround(Number(text))))
  );
}

/** Of 32 bits. */
const smallestNormal = 2 ** -126;

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? "inf" : "-inf";
}

function shortest(
  value: number,
  few: number,
  many: number,
  back: (text: string) => number,
): string {
  const text = general(value, few);
  return back(text) === value ? text : general(value, many);
}

/** C's `%.{digits}g`: no trailing zeros, and an exponent of two digits or more. */
function general(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const sign = value < 0 ? "-" : "";
  const { figures, power } = rounded(Math.abs(value), digits);
  if (power < -4 || power >= digits) {
    const exponent = String(Math.abs(power)).padStart(2, "0");
    const mantissa = withoutZeros(`${figures.slice(0, 1)}.${figures.slice(1)}`);
    return `${sign}${mantissa}e${power < 0 ? "-" : "+"}${exponent}`;
  }
  if (power < 0)
    return `${sign}${withoutZeros(`0.${"0".repeat(-power - 1)}${figures}`)}`;
  const whole = figures.slice(0, power + 1);
  return `${sign}${withoutZeros(`${whole}.${figures.slice(power + 1)}`)}`;
}

/** A half has one digit more and then nothing: as many as there can be tell it for certain. */
const mostDigits = 100;

/**
 * The first digits of a positive number. A half goes to the even neighbour as in
 * C, where JavaScript would take the larger.
 */
function rounded(
  value: number,
  digits: number,
): { readonly figures: string; readonly power: number } {
  const [mantissa = "", exponent = "0"] = value
    .toExponential(mostDigits)
    .split("e");
  const all = mantissa.replace(".", "");
  const kept = BigInt(all.slice(0, digits));
  const rest = all.slice(digits);
  const half = "5".padEnd(rest.length, "0");
  const isUp = rest > half || (rest === half && kept % 2n === 1n);
  const figures = String(isUp ? kept + 1n : kept);
  const power = Number(exponent);
  // 9.99 can become 10.0.
  return figures.length > digits
    ? { figures: figures.slice(0, digits), power: power + 1 }
    : { figures, power };
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0*$/, "") : text;
}

const escapes: ReadonlyMap<number, string> = new Map([
  [0x0a, String.raw`\n`],
  [0x0d, String.raw`\r`],
  [0x09, String.raw`\t`],
  [0x22, String.raw`\"`],
  [0x27, String.raw`\'`],
  [0x5c, String.raw`\\`],
]);

/** Bytes as C would have them in a string literal (`CEscape`). */
export function escapedText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const escape = escapes.get(byte);
    if (escape !== undefined) return escape;
    return byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}
