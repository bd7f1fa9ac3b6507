/** `org.varlink.certification`, laid out our way: every kind of type is in it. */
export const certification = `# Interface to test varlink implementations against.
interface org.varlink.certification

type Interface (
  foo: ?[]?[string](foo, bar, baz),
  anon: (foo: bool, bar: bool)
)

type MyType (
  object: object,
  enum: (one, two, three),
  struct: (first: int, second: string),
  array: []string,
  dictionary: [string]string,
  stringset: [string](),
  nullable: ?string,
  nullable_array_struct: ?[](first: int, second: string),
  interface: Interface
)

method Start() -> (client_id: string)
method Test01(client_id: string) -> (bool: bool)
method Test06(client_id: string, bool: bool, int: int, float: float, string: string) -> (
  struct: (bool: bool, int: int, float: float, string: string)
)
method Test09(client_id: string, set: [string]()) -> (mytype: MyType)
method End(client_id: string) -> (all_ok: bool)

error ClientIdError ()
error CertificationError (wants: object, got: object)
`;
