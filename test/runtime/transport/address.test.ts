import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";

function problem(
  text: string,
  options?: Parameters<typeof parseAddress>[1],
): string {
  try {
    parseAddress(text, options);
  } catch (error) {
    expect(error).toMatchObject({ code: "INVALID_ADDRESS" });
    return (error as Error).message;
  }
  throw new Error(`${text} was accepted`);
}

describe("parseAddress", () => {
  it.each([
    ["unix:/run/podman/io.podman", "unix:/run/podman/io.podman"],
    ["unix:relative/socket", "unix:relative/socket"],
    ["unix:/a;mode=0666", "unix:/a"],
    ["unix:/a;mode=600", "unix:/a"],
    ["unix:/a;unknown;other=1=2;", "unix:/a"],
    ["unix:/with space/and:colon", "unix:/with space/and:colon"],
    ["tcp:localhost:80", "tcp:localhost:80"],
    ["tcp:127.0.0.1:0", "tcp:127.0.0.1:0"],
    ["tcp:[::1]:12345", "tcp:[::1]:12345"],
    ["tcp:[fe80::1%eth0]:1", "tcp:[fe80::1%eth0]:1"],
    ["tcp:host.example:65535;x=y", "tcp:host.example:65535"],
    ["/run/x;mode=0660", "/run/x"],
    ["./x", "./x"],
    ["../x", "../x"],
  ])("takes %s", (text, address) => {
    expect(parseAddress(text).address).toBe(address);
  });

  it.each([
    ["", /no kind.*unix:\/run/],
    ["~/x", /did you mean unix:~\/x\?/],
    [".x", /did you mean unix/],
    [`/${"x".repeat(107)}`, /108 bytes/],
    ["/a;mode=9", /octal/],
    ["unix", /no kind/],
    ["unix:", /path is missing/],
    ["unix:;mode=0600", /path is missing/],
    ["unix:@", /path is missing/],
    ["unix:/a;mode=0999", /octal/],
    ["unix:/a;mode=", /octal/],
    ["unix:/a\0b", /NUL/],
    ["tcp:localhost", /port is missing/],
    ["tcp:", /port is missing/],
    ["tcp::80", /host is missing/],
    ["tcp:host:", /not a port/],
    ["tcp:host:65536", /not a port/],
    ["tcp:host:-1", /not a port/],
    ["tcp:host:8o", /not a port/],
    ["tcp:::1:80", /brackets/],
    ["tcp:[::1]", /brackets|port/],
    ["tcp:[host]:80", /not an IPv6 address/],
    ["tcp:a b:80", /not a host name/],
    ["tcp:user@host:80", /not a host name/],
    ["http://localhost", /"http:" are not known/],
    ["constructor:x", /not known/],
    ["registry:a.b", /"registry:" are not known.*registryEndpoint.*registerS/],
  ])("refuses %j", (text, words) => {
    expect(problem(text)).toMatch(words);
  });

  it("refuses a path that is too long, counted in bytes", () => {
    const fits = `/${"x".repeat(106)}`;
    if (process.platform !== "linux") return;
    expect(parseAddress(`unix:${fits}`).address).toBe(`unix:${fits}`);
    expect(problem(`unix:${fits}x`)).toMatch(/108 bytes.*107/);
    expect(problem(`unix:/${"é".repeat(54)}`)).toMatch(/109 bytes/);
  });

  it("says honestly what this version of Node cannot do", () => {
    if (process.platform !== "linux") return;
    if (Number.parseInt(process.versions.node, 10) < 22) {
      expect(problem("unix:@name")).toMatch(/Node 22/);
    } else {
      expect(parseAddress("unix:@name").address).toBe("unix:@name");
    }
  });

  it("uses only the kinds that are allowed", () => {
    expect(parseAddress("unix:/a", { allow: ["unix"] }).address).toBe(
      "unix:/a",
    );
    expect(problem("tcp:host:1", { allow: ["unix"] })).toMatch(
      /not allowed here \(only unix\)/,
    );
    expect(problem("tcp:host:1", { allow: [] })).toMatch(/not allowed/);
    expect(problem("/run/x", { allow: ["tcp"] })).toMatch(/"unix:" are not/);
  });

  it("starts no command unless that is allowed by name", () => {
    for (const [text, address] of [
      ["exec:/bin/x", "exec:/bin/x"],
      ["bridge:'a b' c", "bridge:'a b' c"],
      ["ssh:me@host:/run/x", "ssh-unix:me@host:/run/x"],
      ["ssh-unix:host:/run/x;y", "ssh-unix:host:/run/x"],
      ["ssh-unix:[fe80::1]:/run/x", "ssh-unix:[fe80::1]:/run/x"],
      ["ssh-exec:host:demo  --x 'y z'", "ssh-exec:host:demo --x 'y z'"],
    ] as const) {
      const scheme = text.slice(0, text.indexOf(":"));
      expect(problem(text)).toMatch(/not allowed here \(only unix, tcp\)/);
      expect(parseAddress(text, { allow: [scheme] }).address).toBe(address);
    }
  });

  it.each([
    ["exec:relative", /absolute/],
    ["exec:", /absolute/],
    ["exec:/x;socket=other", /connected or listening/],
    ["bridge:", /command is missing/],
    ["bridge: ''", /command is missing/],
    ["bridge:a 'b", /stands open/],
    ["bridge:a b\\", /stands open/],
    ["ssh-unix:host", /ssh-unix:HOST/],
    ["ssh-unix:host:", /ssh-unix:HOST/],
    ["ssh-unix::/run/x", /is not a host/],
    ["ssh-unix:host:run/x", /absolute path/],
    ["ssh-unix:-oProxyCommand=x:/run/x", /begins with "-"/],
    ["ssh-unix:me@-oProxyCommand=x:/run/x", /begins with "-"/],
    ["ssh:[-::1]:/run/x", /begins with "-"/],
    ["ssh-exec:-v:demo", /begins with "-"/],
    ["ssh-exec:a b:demo", /is not a host/],
    ["ssh-exec:$(x):demo", /is not a host/],
    ["ssh-exec:host", /ssh-exec:HOST/],
    ["ssh-exec:host: ", /command is missing/],
  ])("refuses %j though commands are allowed", (text, words) => {
    const allow = ["exec", "bridge", "ssh", "ssh-unix", "ssh-exec"];
    expect(problem(text, { allow })).toMatch(words);
    expect(problem(text, { allow })).toContain(JSON.stringify(text));
  });

  it("leaves to a helper what is allowed and not known", () => {
    const url = "http://localhost:1031/ws;x?y#z";
    expect(parseAddress(url, { allow: ["http"] }).address).toBe(url);
    expect(problem(url, { allow: ["https"] })).toMatch(/not known/);
  });

  it("either parses or says INVALID_ADDRESS, whatever comes", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(
          fc.constantFrom(
            "unix:",
            "tcp:",
            "tcp:[",
            "/",
            "./",
            "exec:/",
            "bridge:",
            "ssh:",
            "ssh-unix:[",
            "ssh-exec:a:",
            "other:",
          ),
          fc.string(),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (value, all) => {
        const allow = [
          "unix",
          "tcp",
          "exec",
          "bridge",
          "ssh",
          "ssh-unix",
        ].concat(["ssh-exec", "other"]);
        try {
          expect(parseAddress(value, all ? { allow } : {}).address).toMatch(
            all
              ? /^((unix|tcp|exec|bridge|ssh-unix|ssh-exec|other):|\.{0,2}\/)/
              : /^((unix|tcp):|\.{0,2}\/)/,
          );
        } catch (error) {
          if (!PortolanError.is(error)) throw error;
          expect(error.code).toBe("INVALID_ADDRESS");
          expect(error.message.length).toBeLessThan(1500);
        }
      }),
    );
  });
});
