import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { EnvelopeError } from "../../../src/runtime/envelope/error.ts";

class MiniError extends EnvelopeError {
  static override readonly service: string = "Mini";
  static override readonly codes: { readonly [name: string]: number } = {
    Busy: 15,
    AlsoBusy: 15,
  };
}

describe("an error says its code once", () => {
  it.each([
    ["with a text", new MiniError(15, "hold on"), "hold on", "Busy: hold on"],
    [
      "in answer to a command",
      new MiniError(15, "hold on", { method: "Create" }),
      "hold on, in answer to Create",
      "Busy: hold on, in answer to Create",
    ],
    ["without a text", new MiniError(15), "Busy", "Busy"],
    [
      "without a text, in answer to a command",
      new MiniError(15, "", { method: "Create" }),
      "Busy, in answer to Create",
      "Busy, in answer to Create",
    ],
    ["of a code without a name", new MiniError(99, "so"), "so", "99: so"],
    ["without name and text", new MiniError(99), "99", "99"],
    [
      "whose text begins like its name",
      new MiniError(15, "Busy, as ever"),
      "Busy, as ever",
      "Busy: Busy, as ever",
    ],
  ])("%s", (_what, error, message, text) => {
    expect(error.message).toBe(message);
    expect(String(error)).toBe(text);
    const [header = ""] = (error.stack ?? "").split("\n");
    expect(header).toBe(text);
    expect(inspect(error).split("\n")[0]).toContain(text);
    // Where it was made, not how.
    expect(error.stack?.split("\n")[1]).toContain("error.test.ts");
  });

  it("and none where a program has given it another name", () => {
    const error = new MiniError(15);
    error.name = "Mine";
    expect(String(error)).toBe("Mine: Busy");
  });
});
