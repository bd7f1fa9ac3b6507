import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgument } from "../../../../src/libpod/errors.ts";
import { capabilities } from "../../../../src/libpod/serve/podman/capabilities.ts";
import {
  formatEnv,
  parseIdMapping,
  parseName,
  parseTmpfs,
  parseUlimit,
  parseUser,
  parseVolume,
} from "../../../../src/libpod/serve/podman/parse.ts";
import { parsePublish } from "../../../../src/libpod/serve/podman/ports.ts";

function refused(read: () => unknown): void {
  expect(read).toThrowError(InvalidArgument);
}

describe("names", () => {
  it("are Podman's, or left out", () => {
    expect(parseName("")).toBeUndefined();
    for (const name of ["web", "0", "a_b.c-d", "constructor"])
      expect(parseName(name)).toBe(name);
  });
  it.each(["-a", ".a", "a b", "a/b", "a\0", "__proto__", "ü", "a\n"])(
    "cannot be %j",
    (name) => refused(() => parseName(name)),
  );
});

describe("users", () => {
  it.each([
    ["", undefined],
    ["0", { uid: 0 }],
    ["1000:10", { uid: 1000, gid: 10 }],
    ["web", { username: "web" }],
    ["web:10", { username: "web:10" }],
    ["99999999999", { username: "99999999999" }],
  ])("%j", (text, user) => {
    expect(parseUser(text)).toEqual(user);
  });
});

describe("volumes", () => {
  it.each([
    ["/data", { destination: "/data", type: "volume", options: [] }],
    ["/data:ro", { destination: "/data", type: "volume", options: ["ro"] }],
    [
      "/srv:/data",
      { destination: "/data", type: "bind", source: "/srv", options: [] },
    ],
    [
      "/srv:/data:ro,z",
      {
        destination: "/data",
        type: "bind",
        source: "/srv",
        options: ["ro", "z"],
      },
    ],
    [
      "store:/data",
      { destination: "/data", type: "volume", source: "store", options: [] },
    ],
  ])("%s", (text, mount) => {
    expect(parseVolume(text)).toEqual(mount);
  });
  it.each(["", ":", "data", "a:b", ":/data", "/a:/b:ro:x", "/a:ro:/b"])(
    "%j is none",
    (text) => refused(() => parseVolume(text)),
  );
  it("in memory", () => {
    expect(parseTmpfs("/run:size=64m,mode=755")).toEqual({
      destination: "/run",
      type: "tmpfs",
      source: "tmpfs",
      options: ["size=64m", "mode=755"],
    });
    refused(() => parseTmpfs("run"));
  });
});

describe("limits", () => {
  it.each([
    ["nofile=1024:4096", { type: "RLIMIT_NOFILE", soft: 1024, hard: 4096 }],
    ["nproc=7", { type: "RLIMIT_NPROC", soft: 7, hard: 7 }],
    ["core=0:-1", { type: "RLIMIT_CORE", soft: 0, hard: -1 }],
    ["core=-1", { type: "RLIMIT_CORE", soft: -1, hard: -1 }],
  ])("%s", (text, limit) => {
    expect(parseUlimit(text)).toEqual(limit);
  });
  it.each([
    "nofile",
    "nofile=",
    "nofile=a",
    "nofile=2:1",
    "nofile=-1:1",
    "constructor=1",
    "nofile=1:2:3",
    "NOFILE=1",
  ])("%s is none", (text) => refused(() => parseUlimit(text)));
});

describe("id mappings", () => {
  it("have three numbers", () => {
    expect(parseIdMapping("0:1000:65536")).toEqual({
      containerID: 0,
      hostID: 1000,
      size: 65_536,
    });
    for (const text of ["", "0:1", "a:b:c", "0:1:2:3", "-1:0:1"])
      refused(() => parseIdMapping(text));
  });
});

describe("variables", () => {
  it("keep their order, and names that objects have of their own", () => {
    const env = JSON.parse('{"B":"","__proto__":"x","A":"1=2"}') as Record<
      string,
      string
    >;
    expect(formatEnv(env)).toEqual(["B=", "__proto__=x", "A=1=2"]);
  });
  it("cannot be torn apart", () => {
    for (const name of ["", "A=B", "A\0"])
      refused(() => formatEnv({ [name]: "" }));
    refused(() => formatEnv({ A: "\0" }));
  });
});

describe("published ports", () => {
  const port = (
    containerPort: number,
    hostPort = containerPort,
    hostIp = "",
    protocol = "tcp",
  ): object => ({ hostIp, hostPort, containerPort, protocol });

  it.each([
    ["80", [port(80)]],
    ["53/udp", [port(53, 53, "", "udp")]],
    ["8080:80", [port(80, 8080)]],
    ["127.0.0.1:8080:80/TCP", [port(80, 8080, "127.0.0.1")]],
    ["127.0.0.1::80", [port(80, 80, "127.0.0.1")]],
    ["[::1]:8080:80", [port(80, 8080, "::1")]],
    ["8000-8002:80-82", [port(80, 8000), port(81, 8001), port(82, 8002)]],
  ])("%s", (text, ports) => {
    expect(parsePublish(text)).toEqual(ports);
  });

  it.each([
    "",
    "0",
    "65536",
    "a",
    "80/icmp",
    "80:",
    "::1:80:80",
    "1-2:80",
    "2-1",
    "1-2-3",
    "80/tcp/udp",
    "1:2:3:4",
  ])("%j are none", (text) => refused(() => parsePublish(text)));

  it("of a range are as many as it has numbers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_000 }),
        fc.integer({ min: 1, max: 65_000 }),
        fc.integer({ min: 0, max: 500 }),
        (host, inside, more) => {
          const ports = parsePublish(
            `${host}-${host + more}:${inside}-${inside + more}`,
          );
          expect(ports).toHaveLength(more + 1);
          expect(ports.at(-1)).toEqual(port(inside + more, host + more));
        },
      ),
    );
  });
});

describe("capabilities", () => {
  const had = (
    add: readonly string[],
    drop: readonly string[] = [],
    privileged = false,
  ): readonly string[] =>
    capabilities({ add, drop, privileged }).effective ?? [];

  it("are the default ones, more or fewer", () => {
    const usual = had([]);
    expect(usual).toContain("CAP_CHOWN");
    expect(usual).not.toContain("CAP_SYS_ADMIN");
    expect(had(["net_admin"])).toContain("CAP_NET_ADMIN");
    expect(had(["CAP_NET_ADMIN"])).toEqual(had(["NET_ADMIN"]));
    expect(had([], ["CHOWN"])).toEqual(
      usual.filter((name) => name !== "CAP_CHOWN"),
    );
    expect(had([], ["all"])).toEqual([]);
    expect(had(["all"]).length).toBeGreaterThan(usual.length);
    expect(had(["all"], ["chown"])).not.toContain("CAP_CHOWN");
    expect(had([], [], true)).toEqual(had(["ALL"]));
  });
  it("are Linux's", () => {
    refused(() => had(["FLY"]));
    refused(() => had([], ["__proto__"]));
  });
});
