import { EError } from "portolan/porto";
import { failure } from "./errors.ts";
import { isNameText } from "./names.ts";
import { parseInt64 } from "./text.ts";

const invalid = (text: string): Error => failure(EError.InvalidLabel, text);

/** Labels of one container. */
export const MAX_LABELS = 100;

const MAX_NAME = 128;
const MAX_VALUE = 256;

/**
 * A label's name is `PREFIX.name`, and it as its value has only characters that names
 * of containers have.
 *
 * @throws PortoError `InvalidLabel`
 */
export function checkLabel(label: string, value: string): void {
  if (label.length > MAX_NAME)
    throw invalid(`Label name too long, max ${MAX_NAME} bytes`);
  if (value.length > MAX_VALUE)
    throw invalid(`Label value too long, max ${MAX_VALUE} bytes`);
  if (
    !/^[A-Z]{2,16}\./.test(label) ||
    !isNameText(label) ||
    label.startsWith("PORTO")
  )
    throw invalid(`Invalid label name: ${label}`);
  if (!isNameText(value)) throw invalid(`Invalid label value: ${value}`);
}

/** Whether the name of a property is that of a label. */
export function isLabelName(property: string): boolean {
  return /^\.?[A-Z]+\./.test(property);
}

/**
 * The sum of a label and what is added, both of 64 bits.
 *
 * @throws PortoError `InvalidValue`, telling the value before where there is one
 */
export function addToLabel(label: string, before: string, add: bigint): bigint {
  const value = parseInt64(before);
  const sum = value + add;
  if (BigInt.asIntN(64, sum) !== sum)
    throw failure(
      EError.InvalidValue,
      `Label ${label} overflow ${value} + ${add}`,
      { result: value },
    );
  return sum;
}
