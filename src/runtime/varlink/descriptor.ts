/**
 * What generated code says of a Varlink interface, as plain data: the runtime
 * has the behaviour. Part of the `portolan/codegen/v1` contract.
 */
export interface InterfaceDescriptor {
  /** Full interface name: `io.podman`. */
  readonly interface: string;
  /**
   * `partial`: absent (or null) non-null inputs are allowed at any depth and
   * mean zero, and servers ignore members that they do not know, as Go peers read
   * them: no handler sees those. Default `exact`.
   */
  readonly inputs?: "exact" | "partial";
  /**
   * What an `int` is in this program, in both directions. `number`: rounded beyond
   * 2^53, as JSON.parse rounds. `bigint`: exact, from -2^63 to 2^64 - 1; inside of
   * `object` and `any` integers that no number has exactly are bigints then, and all
   * others stay numbers. Default `number`.
   */
  readonly int?: "number" | "bigint";
  /** Struct types by their fields, enum types by their values. */
  readonly types: { readonly [name: string]: FieldTypes | readonly string[] };
  readonly methods: { readonly [name: string]: MethodDescriptor };
  readonly errors: { readonly [name: string]: FieldTypes };
  /** The interface definition, line by line: the text that introspection serves. */
  readonly description: readonly string[];
}

/**
 * Field names with their types in Varlink's own notation, except that inline
 * structs and enums have names here too: `?[]string`, `[string]Version`.
 */
export interface FieldTypes {
  readonly [field: string]: string;
}

export interface MethodDescriptor {
  readonly input: FieldTypes;
  readonly output: FieldTypes;
  /** `required`: a call without the `more` flag is answered with ExpectedMore. */
  readonly more?: "supported" | "required";
  /**
   * `required`: a call without the `upgrade` flag is answered with ExpectedUpgrade.
   * Where `more` is required as well, either flag will do. Where any method of an
   * interface has this, servers answer calls of the others with the flag with
   * MethodNotImplemented; where none has, each handler decides.
   */
  readonly upgrade?: "supported" | "required";
}
