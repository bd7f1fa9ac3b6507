// What playwright-core's types name of the DOM. The project is checked without
// the library `dom`: nothing of it may be used outside of a browser by mistake.
interface Node {
  readonly nodeType: number;
}
interface HTMLElement extends Node {
  readonly tagName: string;
}
interface SVGElement extends Node {
  readonly tagName: string;
}
type HTMLElementTagNameMap = Readonly<Record<string, HTMLElement>>;
