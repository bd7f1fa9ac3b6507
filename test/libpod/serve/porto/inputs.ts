// Input for every command of Porto's: what clients send, and what nobody should.
import fc from "fast-check";
import { readable } from "../../../../src/libpod/serve/porto/properties/readable.ts";
import { settable } from "../../../../src/libpod/serve/porto/properties/settable.ts";

type Arbitrary = fc.Arbitrary<unknown>;

const oneOf = (...values: readonly unknown[]): Arbitrary =>
  fc.constantFrom(...values);
const listOf = (item: Arbitrary): Arbitrary => fc.array(item, { maxLength: 3 });
/** Members are missing now and then. */
const record = (members: Record<string, Arbitrary>): Arbitrary =>
  fc.record(
    Object.fromEntries(
      Object.entries(members).map(([member, item]) => [
        member,
        fc.option(item, { freq: 12, nil: undefined }),
      ]),
    ),
  );
/** Few members, for more would never be right together. */
const few = (
  always: Record<string, Arbitrary>,
  members: Record<string, Arbitrary>,
): Arbitrary =>
  fc.subarray(Object.keys(members), { maxLength: 2 }).chain((chosen) =>
    fc.record({
      ...always,
      ...Object.fromEntries(
        chosen.map((member) => [member, members[member] ?? fc.constant(0)]),
      ),
    }),
  );

const U64 = 2n ** 64n - 1n;
const amount = oneOf(0n, 1n, 1n << 20n, 1n << 40n, U64);
const flag = fc.boolean();
const name = fc.oneof(
  { weight: 20, arbitrary: oneOf("a", "b", "a/b", "a/b/c") },
  {
    weight: 2,
    arbitrary: oneOf(
      "/",
      "self",
      ".",
      "self/a",
      "/porto/a",
      "..",
      "a/../b",
      "",
      "a//b",
      "ä",
      "x".repeat(129),
      "podman",
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);
const mask = fc.oneof(
  oneOf("***", "*", "a*", "a/*", "[", "[!a]", "\\", "a?b"),
  name,
);
const path = fc.oneof(
  {
    weight: 8,
    arbitrary: oneOf("", "/place/porto_volumes/1/volume"),
  },
  oneOf("/", "/nowhere", "relative", "/a/../b", "/etc"),
  fc.string(),
);
const place = oneOf(
  ...Array<string>(9).fill("/place"),
  undefined,
  "",
  "/x",
  "alias",
  "/etc",
);
const layer = fc.oneof(
  oneOf("l", "m/l", "_weak_l", "", "..", "/tmp"),
  fc.string(),
);
const text = fc.oneof(
  oneOf("", "x", "é\u{1f600}", "a".repeat(4097), "a;b", "a: b; c", "\\", "\n"),
  fc.string(),
);
const label = fc.oneof(
  { weight: 5, arbitrary: oneOf("AB.c", "AB.d:e") },
  oneOf("PORTO.x", "A.b", "AB.", "AB.*"),
  fc.string(),
);
const numeric = oneOf(
  ..."0 1 -1 99999999999 18446744073709551615 18446744073709551616 1e300 1.5c 200c 64M 5E 100ms 0x10 007777 22 -0 NaN".split(
    " ",
  ),
);
const value = fc.oneof(
  numeric,
  oneOf("true", "false", "root", "65534", "4294967296", "/x", "stdout"),
  oneOf("sleep 9", "quick", "'", "$PATH", "`x`", "a\tb"),
  oneOf(
    "A=1; B=2",
    "AB.c: 1; AB.d: 2",
    "nofile: 1 unlimited",
    "node 99999999999",
    "0-3,8; mems 0",
    "/a /b ro",
    "/dev/null rwm",
    "L3 eth0; MTU eth0 99999999999",
    "99999999999 99999999999 99999999999",
    "NET_ADMIN;CHOWN",
    "fs: 99999999999999",
  ),
  text,
);
const key = fc.oneof(
  oneOf(
    "",
    "[]",
    "[x]",
    "[0]",
    "[AB.c]",
    "[0:1]",
    "[:1]",
    "[5]",
    "[raw]",
    "[/x]",
  ),
  fc.string().map((inner) => `[${inner}]`),
);
const property = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...settable.keys(), ...readable.keys()),
        fc.oneof({ weight: 3, arbitrary: fc.constant("") }, key),
      )
      .map((parts) => parts.join("")),
  },
  oneOf("AB.c", ".AB.c", "memory.limit_in_bytes", "cpu.smart", "nope"),
);
const stringMap = record({
  map: listOf(record({ key: label, val: text })),
  merge: flag,
});
const link = record({
  container: name,
  target: path,
  required: flag,
  read_only: flag,
  container_root: flag,
  container_cwd: flag,
});
const cred = record({
  user: oneOf("root", "x", "", "7"),
  uid: oneOf(0, 4294967295),
  gid: oneOf(0, 7),
});
const resource = record({ limit: amount, guarantee: amount });
const volume = few(
  {},
  {
    path,
    container: name,
    links: listOf(link),
    private_value: text,
    backend: oneOf("", "plain", "overlay", "tmpfs", "squash", "nope", "rbd"),
    place,
    storage: layer,
    image: oneOf(undefined, "", "image", "none"),
    layers: listOf(layer),
    read_only: flag,
    cred,
    owner: cred,
    owner_container: name,
    permissions: oneOf(0, 0o775, 4294967295),
    space: resource,
    inodes: resource,
  },
);
const uintMap = record({
  map: listOf(record({ key: oneOf("fs", "eth0", "/x"), val: amount })),
  merge: flag,
});
const spec = few(
  { name },
  {
    weak: flag,
    private_value: text,
    private: text,
    labels: stringMap,
    command: value,
    command_argv: record({ argv: listOf(text) }),
    env: record({
      var: listOf(record({ name: text, value: text, unset: flag })),
    }),
    env_secret: record({ var: listOf(record({ name: text, value: text })) }),
    ulimit: record({
      ulimit: listOf(
        record({
          type: oneOf("nofile", "x"),
          soft: amount,
          hard: amount,
          unlimited: flag,
        }),
      ),
    }),
    isolate: flag,
    virt_mode: oneOf("app", "os", "job", "host", "x"),
    task_cred: cred,
    owner_cred: cred,
    user: value,
    cpu_limit: oneOf(0, 1.5, -1, Infinity, NaN, 1e300),
    cpu_weight: oneOf(0.01, 100, NaN),
    cpu_period: amount,
    cpu_set: record({
      policy: oneOf("", "set", "node", "cores", "x"),
      arg: oneOf(0, 4294967295),
      cpu: listOf(oneOf(0, 3)),
      mems: text,
    }),
    memory_limit: amount,
    io_limit: uintMap,
    net_limit: uintMap,
    max_respawns: oneOf(-1n, 0n, 3n),
    respawn: flag,
    respawn_delay: amount,
    aging_time: amount,
    umask: oneOf(22, 18, 4294967295),
    oom_score_adj: oneOf(0, 1000, -2147483648),
    root: path,
    cwd: path,
    bind: record({
      bind: listOf(record({ source: path, target: path, flag: listOf(text) })),
    }),
    volumes_required: record({ volume: listOf(path) }),
  },
);
const archive = {
  tarball: oneOf("/nowhere.tar", "x", "/tmp"),
  compress: oneOf(undefined, "", "tgz", "x"),
};
const wait = record({
  name: listOf(mask),
  timeout_ms: oneOf(0, 5, 1000),
  label: listOf(label),
  target_state: oneOf(undefined, "dead", "x"),
});
const properties = fc.dictionary(
  oneOf(
    "path",
    "containers",
    "layers",
    "space_limit",
    "place",
    "read_only",
    "permissions",
    "user",
    "private",
    "nope",
    "state",
  ) as fc.Arbitrary<string>,
  value as fc.Arbitrary<string>,
  { maxKeys: 3 },
);
const named = record({ name });
const storage = record({ name: layer, place, private_value: text, ...archive });
const meta = record({
  name: layer,
  place,
  private_value: text,
  space_limit: amount,
  inode_limit: amount,
});
const linking = record({
  path,
  container: mask,
  target: path,
  required: flag,
  read_only: flag,
  strict: flag,
});
const moving = record({ name, pid: oneOf(0, 1, 4294967295), comm: text });
const image = record({ name: oneOf("image", "", "a:b:c", "sha256:00"), place });
const nothing = record({});

/** Input of every command. */
export const inputs: Readonly<Record<string, Arbitrary>> = {
  Version: nothing,
  GetSystem: nothing,
  SetSystem: record({ verbose: flag, debug: flag, frozen: flag }),
  Create: named,
  CreateWeak: named,
  Destroy: named,
  List: record({ mask, changed_since: amount }),
  Start: named,
  Stop: record({ name, timeout_ms: oneOf(0, 5, 2 ** 32 - 1) }),
  Pause: named,
  Resume: named,
  Kill: record({ name, sig: oneOf(0, 9, 15, 64, 65, -1) }),
  Respawn: named,
  Wait: wait,
  AsyncWait: wait,
  StopAsyncWait: wait,
  ListProperties: nothing,
  GetProperty: record({ name, property, real: flag, sync: flag }),
  SetProperty: record({ name, property, value }),
  ListDataProperties: nothing,
  GetDataProperty: record({ name, data: property, real: flag }),
  Get: record({
    name: listOf(mask),
    variable: listOf(property),
    real: flag,
    changed_since: amount,
  }),
  CreateFromSpec: record({
    container: spec,
    volumes: listOf(volume),
    start: flag,
  }),
  UpdateFromSpec: record({ container: spec, start: flag }),
  ListContainersBy: record({
    filters: listOf(
      record({ name: mask, labels: stringMap, changed_since: amount }),
    ),
    field_options: record({
      properties: listOf(property),
      stdout_options: record({
        stdstream_offset: amount,
        stdstream_limit: amount,
      }),
    }),
  }),
  SetSymlink: record({ container: name, symlink: path, target: path }),
  FindLabel: record({ mask, state: oneOf("running", "x"), label, value: text }),
  SetLabel: record({
    name,
    label,
    value: text,
    prev_value: text,
    state: oneOf("stopped", "x"),
  }),
  IncLabel: record({
    name,
    label,
    add: oneOf(0n, 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  }),
  ListVolumeProperties: nothing,
  ListVolumes: record({
    path: fc.oneof(path, mask),
    container: name,
    changed_since: amount,
  }),
  CreateVolume: record({ path, properties }),
  TuneVolume: record({ path, properties }),
  NewVolume: record({ volume }),
  GetVolume: record({
    container: name,
    path: listOf(path),
    changed_since: amount,
  }),
  LinkVolume: linking,
  LinkVolumeTarget: linking,
  UnlinkVolume: linking,
  UnlinkVolumeTarget: linking,
  ImportLayer: record({
    layer,
    merge: flag,
    place,
    private_value: text,
    ...archive,
  }),
  RemoveLayer: record({ layer, place }),
  ListLayers: record({ place, mask }),
  ExportLayer: record({ volume: path, layer, place, ...archive }),
  GetLayerPrivate: record({ layer, place }),
  SetLayerPrivate: record({ layer, place, private_value: text }),
  ListStorages: record({ place, mask }),
  RemoveStorage: storage,
  ImportStorage: storage,
  ExportStorage: storage,
  CreateMetaStorage: meta,
  ResizeMetaStorage: meta,
  RemoveMetaStorage: meta,
  ConvertPath: record({ path, source: name, destination: name }),
  AttachProcess: moving,
  LocateProcess: moving,
  AttachThread: moving,
  dockerImageStatus: image,
  listDockerImages: record({ place, mask }),
  pullDockerImage: image,
  removeDockerImage: image,
};

/** A command with its input; the more often, the more it changes. */
export const step: fc.Arbitrary<{ command: string; input: unknown }> = fc
  .constantFrom(
    ...Object.keys(inputs),
    ...Array<string>(12).fill("SetProperty"),
    ...Array<string>(6).fill("UpdateFromSpec"),
    "Start",
    "Start",
    "GetProperty",
    "SetLabel",
    "NewVolume",
  )
  .chain((command) =>
    (inputs[command] ?? nothing).map((input) => ({ command, input })),
  );
