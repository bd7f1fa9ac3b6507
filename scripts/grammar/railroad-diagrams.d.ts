// What scripts/grammar/draw.ts uses of a package that has no types of its own.
declare module "railroad-diagrams" {
  /** A part of a picture, laid out from the size of its own parts. */
  export interface Element {
    /** In pixels. */
    width: number;
    /** How far it reaches above the line that goes through it, in pixels. */
    up: number;
    /** How far it reaches below. */
    down: number;
    /** Whether the line needs some length before and behind it. */
    needsSpace?: boolean;
    readonly attrs: Record<string, string | number>;
    /** Each is written by its `toString`. */
    readonly children: unknown[];
    /** Lays it out: the line enters at `x`, `y` and leaves at `x + width`, `y`. */
    format(x: number, y: number, width: number): Element;
    addTo(parent: Element): Element;
    toString(): string;
  }

  export interface Picture extends Element {
    format(padding: number): Picture;
  }

  const railroad: {
    readonly Diagram: {
      (...items: Element[]): Picture;
      readonly ARC_RADIUS: number;
      readonly VERTICAL_SEPARATION: number;
    };
    readonly ComplexDiagram: (...items: Element[]) => Picture;
    readonly Sequence: (...items: Element[]) => Element;
    readonly Choice: (normal: number, ...items: Element[]) => Element;
    readonly Optional: (item: Element) => Element;
    readonly OneOrMore: (item: Element, separator?: Element) => Element;
    readonly Terminal: (text: string) => Element;
    readonly NonTerminal: (text: string) => Element;
    readonly Skip: () => Element;
  };
  export default railroad;
}
