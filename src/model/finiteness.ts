import type { Problems } from "../../grammar/varlink/codes.ts";
import type * as ast from "../../grammar/varlink/ast.ts";
import { clip } from "../../grammar/varlink/names.ts";

/** A field that holds a declared struct directly: a value of the one needs a value of the other. */
interface Edge {
  /** The way from the declaration to the field: `Outer.inner.field`. */
  readonly label: string;
  readonly span: ast.ReferenceType["span"];
  readonly target: string;
}

/**
 * Warns of structs that contain themselves with no `?`, `[]` or `[string]` on
 * the way, so that no value of them ends. Every field that closes a circle is
 * told once. The search keeps its own stack, for a chain of types can be long.
 */
export function checkFiniteness(
  declared: ReadonlyMap<string, ast.Member>,
  problems: Problems,
): void {
  const finished = new Set<string>();
  for (const start of declared.keys()) {
    if (finished.has(start)) continue;
    const path: {
      name: string;
      edges: Iterator<Edge>;
      edge: Edge | undefined;
    }[] = [];
    const onPath = new Map<string, number>();
    const enter = (name: string): void => {
      onPath.set(name, path.length);
      path.push({
        name,
        edges: directFields(declared.get(name)),
        edge: undefined,
      });
    };
    enter(start);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const { value: edge, done } = step.edges.next() as IteratorResult<
        Edge,
        undefined
      >;
      if (done === true || edge === undefined) {
        path.pop();
        onPath.delete(step.name);
        finished.add(step.name);
        continue;
      }
      step.edge = edge;
      const from = onPath.get(edge.target);
      if (from !== undefined) {
        tellCircle(
          edge,
          () => path.slice(from).flatMap((each) => each.edge ?? []),
          problems,
        );
      } else if (!finished.has(edge.target)) enter(edge.target);
    }
  }
}

function* directFields(
  member: ast.Member | undefined,
): Generator<Edge, undefined> {
  if (member?.kind === "type" && member.body.kind === "struct") {
    yield* structFields(member.body, clip(member.name.text));
  }
  return undefined;
}

function* structFields(struct: ast.StructType, label: string): Generator<Edge> {
  for (const field of struct.fields) {
    const fieldLabel = `${label}.${clip(field.name.text)}`;
    if (field.type.kind === "struct")
      yield* structFields(field.type, fieldLabel);
    else if (field.type.kind === "reference") {
      yield {
        label: fieldLabel,
        span: field.type.span,
        target: field.type.name,
      };
    }
  }
}

/** Steps of a circle that a message shows before it leaves some out. */
const shownSteps = 8;

function tellCircle(
  closing: Edge,
  findCircle: () => readonly Edge[],
  problems: Problems,
): void {
  problems.warning("varlink/infinite-type", closing.span, () => {
    // Looked for when it is told only: the way can be long.
    const labels = findCircle().map((edge) => `\`${edge.label}\``);
    const shown =
      labels.length <= shownSteps
        ? labels
        : [
            ...labels.slice(0, shownSteps - 1),
            `${labels.length - shownSteps} more`,
            ...labels.slice(-1),
          ];
    const target = `\`${clip(closing.target)}\``;
    return {
      message: `${target} contains itself, so no value of it is finite: ${shown.join(" → ")} → ${target}`,
      help: "make a field on the way nullable, `?type`",
    };
  });
}
