import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SourceText } from "../../../grammar/source/source-text.ts";

const at = (text: string, offset: number): string => {
  const { line, column } = new SourceText("x", text).positionAt(offset);
  return `${line}:${column}`;
};

describe("SourceText", () => {
  it("counts lines and columns from 1", () => {
    expect(at("ab\ncd", 0)).toBe("1:1");
    expect(at("ab\ncd", 1)).toBe("1:2");
    expect(at("ab\ncd", 3)).toBe("2:1");
    expect(at("ab\ncd", 5)).toBe("2:3");
    expect(at("", 0)).toBe("1:1");
  });

  it.each([
    ["\n", 1],
    ["\r\n", 2],
    ["\r", 1],
    ["\u2028", 1],
    ["\u2029", 1],
  ])("ends a line at %j", (end, length) => {
    const source = new SourceText("x", `ab${end}cd`);
    expect(source.lineCount).toBe(2);
    expect(source.positionAt(2 + length)).toEqual({ line: 2, column: 1 });
    expect(source.lineSpan(1)).toEqual({ start: 0, end: 2 });
    expect(source.lineSpan(2)).toEqual({ start: 2 + length, end: 4 + length });
    expect(source.hasLineEnd(0, 2)).toBe(false);
    expect(source.hasLineEnd(0, 3)).toBe(true);
  });

  it("takes \\n\\r for two line ends, and a line end for part of the line it ends", () => {
    expect(new SourceText("x", "a\n\rb").lineCount).toBe(3);
    expect(at("a\r\nb", 1)).toBe("1:2");
    expect(at("a\r\nb", 2)).toBe("1:3");
  });

  it("gives a line beyond the last back as an error", () => {
    expect(() => new SourceText("x", "a").lineSpan(2)).toThrow(RangeError);
  });

  it("gives a byte order mark no column, and keeps it in offsets", () => {
    const source = new SourceText("x", "\ufeffab\ncd");
    expect(source.positionAt(0)).toEqual({ line: 1, column: 1 });
    expect(source.positionAt(1)).toEqual({ line: 1, column: 1 });
    expect(source.positionAt(2)).toEqual({ line: 1, column: 2 });
    expect(source.positionAt(4)).toEqual({ line: 2, column: 1 });
    expect(source.slice(source.lineSpan(1))).toBe("ab");
  });

  it("agrees with splitting the text, for every offset", () => {
    const texts = fc.array(
      fc.constantFrom("a", "😀", "\n", "\r", "\r\n", "\u2028", "\u2029", " "),
    );
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join("");
        const source = new SourceText("x", text);
        const lines = text.split(/\r\n|[\n\r\u2028\u2029]/);
        expect(source.lineCount).toBe(lines.length);
        for (const [index, line] of lines.entries()) {
          expect(source.slice(source.lineSpan(index + 1))).toBe(line);
        }
        for (let offset = 0; offset <= text.length; offset++) {
          const { line, column } = source.positionAt(offset);
          expect(source.lineSpan(line).start + column - 1).toBe(offset);
        }
      }),
    );
  });
});
