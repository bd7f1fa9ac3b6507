/**
 * What a rule of a grammar reads, in the few forms that a railroad diagram has.
 * Made by the functions here only, so that one language has one shape: nothing
 * is nested needlessly, and `x, then any number of ", x"` is one repetition.
 */
export type Expression =
  | {
      readonly kind: "token";
      /** The name of the token type. */
      readonly type: string;
      /** The {@link Lexeme} it must be, where its type has several uses. */
      readonly lexeme?: string;
    }
  | { readonly kind: "rule"; readonly rule: string }
  /** All of them, in this order. Without any: nothing. */
  | { readonly kind: "sequence"; readonly items: readonly Expression[] }
  /** One of them, two at least. */
  | { readonly kind: "choice"; readonly items: readonly Expression[] }
  | { readonly kind: "optional"; readonly item: Expression }
  | {
      readonly kind: "repeat";
      /** Once or more often. */
      readonly item: Expression;
      /** What stands between two; nothing by default. */
      readonly separator: Expression;
    };

/** Reads no token. */
export const nothing: Expression = { kind: "sequence", items: [] };

/** Whether two read the same, in the same form. */
export function isEqual(one: Expression, other: Expression): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A token of a type, and of a {@link Lexeme} if one is named. */
export function token(type: string, lexeme?: string): Expression {
  return { kind: "token", type, ...(lexeme !== undefined && { lexeme }) };
}

/** What another rule reads. */
export function rule(name: string): Expression {
  return { kind: "rule", rule: name };
}

/** One after the other. */
export function sequence(parts: readonly Expression[]): Expression {
  const items: Expression[] = [];
  for (const part of parts.flatMap(itemsOf)) {
    const repeated = repetition(items, part);
    if (repeated === undefined) items.push(part);
    else items.splice(-repeated.count, repeated.count, repeated.whole);
  }
  const [only] = items;
  return items.length === 1 && only !== undefined
    ? only
    : { kind: "sequence", items };
}

/** The parts of a sequence, itself if it is none. */
export function itemsOf(expression: Expression): readonly Expression[] {
  return expression.kind === "sequence" ? expression.items : [expression];
}

/** `x` and behind it `{ s x }`: how many parts `x` has, and the repetition that both are. */
function repetition(
  before: readonly Expression[],
  part: Expression,
): { readonly count: number; readonly whole: Expression } | undefined {
  if (part.kind !== "optional" || part.item.kind !== "repeat") return undefined;
  if (!isEqual(part.item.separator, nothing)) return undefined;
  const inner = itemsOf(part.item.item);
  // The longest `x` first: what is left over of `inner` is what parts two.
  for (let count = inner.length; count > 0; count--) {
    const item = sequence(inner.slice(inner.length - count));
    if (!isEqual(item, sequence(before.slice(-count)))) continue;
    const separator = sequence(inner.slice(0, inner.length - count));
    return { count, whole: repeat(item, separator) };
  }
  return undefined;
}

/**
 * One of several.
 *
 * @throws Error without any: nothing could be read.
 */
export function choice(alternatives: readonly Expression[]): Expression {
  const items: Expression[] = [];
  let isOptional = false;
  const add = (each: Expression): void => {
    if (each.kind === "choice") each.items.forEach(add);
    else if (each.kind === "optional") {
      isOptional = true;
      add(each.item);
    } else if (isEqual(each, nothing)) isOptional = true;
    else if (!items.some((item) => isEqual(item, each))) items.push(each);
  };
  alternatives.forEach(add);
  const [only] = items;
  if (only === undefined) {
    if (isOptional) return nothing;
    throw new Error("a choice without alternatives");
  }
  const all: Expression = items.length === 1 ? only : { kind: "choice", items };
  return isOptional ? { kind: "optional", item: all } : all;
}

/** It or nothing. */
export function optional(item: Expression): Expression {
  return item.kind === "optional" || isEqual(item, nothing)
    ? item
    : { kind: "optional", item };
}

/** It once or more often, with `separator` between two. */
export function repeat(
  item: Expression,
  separator: Expression = nothing,
): Expression {
  const isPlain = isEqual(separator, nothing);
  if (isEqual(item, nothing) && isPlain) return nothing;
  if (isPlain && item.kind === "optional")
    return optional(repeat(item.item, nothing));
  if (isPlain && item.kind === "repeat" && isEqual(item.separator, nothing))
    return item;
  return { kind: "repeat", item, separator };
}

/**
 * The same with other parts, put together anew from the innermost on.
 *
 * @param change Gives what takes a part's place, itself where nothing does; its
 * own parts were changed before.
 */
export function rebuild(
  expression: Expression,
  change: (part: Expression) => Expression,
): Expression {
  const inner = (each: Expression): Expression => rebuild(each, change);
  switch (expression.kind) {
    case "sequence":
      return change(sequence(expression.items.map(inner)));
    case "choice":
      return change(choice(expression.items.map(inner)));
    case "optional":
      return change(optional(inner(expression.item)));
    case "repeat":
      return change(
        repeat(inner(expression.item), inner(expression.separator)),
      );
    case "token":
    case "rule":
    default:
      return change(expression);
  }
}

/** Every token and rule that stands in it, in order, each as often as it stands there. */
export function leavesOf(
  expression: Expression,
): Extract<Expression, { kind: "token" | "rule" }>[] {
  switch (expression.kind) {
    case "sequence":
    case "choice":
      return expression.items.flatMap(leavesOf);
    case "optional":
      return leavesOf(expression.item);
    case "repeat":
      return [...leavesOf(expression.item), ...leavesOf(expression.separator)];
    case "token":
    case "rule":
    default:
      return [expression];
  }
}
