import type {
  TContainerCpuSet,
  TContainerIpConfig,
  TContainerIpLimit,
  TContainerNetConfig,
} from "portolan/porto";
import { mergeTuples, parseUint, splitEscaped, splitTuples } from "../text.ts";
import { invalid, type Kind, words } from "./kinds.ts";

const NET_OPTIONS =
  "none inherited steal container macvlan ipvlan veth L3 NAT ipip6 tap MTU MAC autoconf ip netns host".split(
    " ",
  );

export const network: Kind<TContainerNetConfig> = {
  parse: (text) => writeNetwork(splitTuples(text)),
  toSpec(text) {
    const cfg = splitTuples(text).map(([opt = "", ...arg]) => ({ opt, arg }));
    return { cfg, inherited: cfg.some(({ opt }) => opt === "inherited") };
  },
  fromSpec: ({ cfg }) =>
    writeNetwork(cfg.map(({ opt = "", arg }) => [opt, ...arg])),
};

function writeNetwork(options: readonly (readonly string[])[]): string {
  for (const [name = ""] of options)
    if (!NET_OPTIONS.includes(name))
      throw invalid(`Configuration is not specified: ${name}`);
  return mergeTuples(options);
}

/** `eth0 10.0.0.1;...`. */
export const addresses: Kind<TContainerIpConfig> = {
  parse: (text) => writeAddresses(splitTuples(text)),
  toSpec: (text) => ({
    cfg: splitTuples(text).map(([dev = "", ip = ""]) => ({ dev, ip })),
  }),
  fromSpec: ({ cfg }) =>
    writeAddresses(cfg.map(({ dev = "", ip = "" }) => [dev, ip])),
};

function writeAddresses(list: readonly (readonly string[])[]): string {
  for (const entry of list)
    if (entry.length !== 2) throw invalid("Invalid address format");
  return mergeTuples(list);
}

export const addressLimit: Kind<TContainerIpLimit> = words<TContainerIpLimit>(
  (list) => {
    const [first = "any"] = list;
    return first === "any" || first === "none"
      ? { policy: first, ip: [] }
      : { policy: "some", ip: [...list] };
  },
  ({ policy = "any", ip }) => (ip.length > 0 ? ip : [policy]),
);

const POLICIES: ReadonlySet<string> = new Set([
  "node",
  "reserve",
  "threads",
  "cores",
]);

/** `0-3,8`, `node 0`, `cores 2`, with `; mems 0` behind. */
export const cpuSet: Kind<TContainerCpuSet> = {
  parse: writeCpuSet,
  toSpec(text) {
    const entries = splitTuples(text);
    const mems = entries.find(([word]) => word === "mems")?.[1] ?? "";
    const [word = "", arg] = entries.find(([first]) => first !== "mems") ?? [];
    if (word === "") return { policy: "inherit", cpu: [], mems };
    if (arg !== undefined)
      return { policy: word, arg: Number(arg), cpu: [], mems };
    const cpu = cpusOf(word);
    return { policy: "set", list: word, cpu, count: cpu.length, mems };
  },
  fromSpec({ policy = "", arg = 0, list, cpu, mems = "" }) {
    const memory = mems === "" ? "" : `; mems ${mems}`;
    if (policy === "" || policy === "inherit")
      return writeCpuSet(memory.replace(/^; /, ""));
    if (policy === "set") return writeCpuSet((list ?? cpu.join(",")) + memory);
    if (!POLICIES.has(policy))
      throw invalid(`unknown cpu_set policy: ${policy}`);
    return writeCpuSet(`${policy} ${arg}${memory}`);
  },
};

function writeCpuSet(text: string): string {
  let mems: string | undefined;
  let set: readonly string[] = [];
  for (const entry of splitTuples(text)) {
    const [word = "", arg] = entry;
    if (entry.length > 2) throw invalid("wrong format");
    if (word === "mems") mems = arg;
    else set = ["all", "inherit"].includes(word) ? [] : entry;
  }
  const [word = "", arg] = set;
  if (arg !== undefined) {
    const number = parseUint(arg);
    if (!POLICIES.has(word) || (number === 0n && word !== "node"))
      throw invalid("wrong format");
  } else if (word !== "") cpusOf(word);
  return mergeTuples([
    ...(set.length === 0 ? [] : [set]),
    ...(mems === undefined ? [] : [["mems", mems]]),
  ]).replace(";", "; ");
}

/** CPUs that a host can have, at most. */
const MAX_CPUS = 65_536;

/** Numbers of a list such as `0-3,8`. */
function cpusOf(list: string): number[] {
  const cpus: number[] = [];
  for (const range of splitEscaped(list, ",")) {
    const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const from = Number(first);
    const to = Number(last);
    // Numbers of more digits than are told apart would never be counted through.
    if (first === "" || from > to || to >= MAX_CPUS || cpus.length >= MAX_CPUS)
      throw invalid("wrong bitmap format");
    for (let cpu = from; cpu <= to; cpu += 1) cpus.push(cpu);
  }
  return cpus;
}
