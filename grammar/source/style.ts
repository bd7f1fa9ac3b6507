type Paint = (text: string) => string;

/** The parts of a frame that can have a colour. */
export interface Style {
  readonly error: Paint;
  readonly warning: Paint;
  /** Line numbers, rules and marks of related places. */
  readonly gutter: Paint;
  readonly strong: Paint;
}

const same: Paint = (text) => text;

export const plain: Style = {
  error: same,
  warning: same,
  gutter: same,
  strong: same,
};

const paint =
  (...codes: readonly number[]): Paint =>
  (text) =>
    `\u001b[${codes.join(";")}m${text}\u001b[0m`;

/** ANSI colours whatever the stream is: the caller knows whether it takes them. */
export const ansi: Style = {
  error: paint(1, 31),
  warning: paint(1, 33),
  gutter: paint(1, 34),
  strong: paint(1),
};
