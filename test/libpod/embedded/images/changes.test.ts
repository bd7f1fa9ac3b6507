import { describe, expect, it } from "vitest";
import { applyChanges } from "../../../../src/libpod/engines/embedded/images/changes.ts";
import type { RunConfig } from "../../../../src/libpod/engines/embedded/images/config.ts";

function run(...changes: string[]): RunConfig {
  return applyChanges({}, changes).config ?? {};
}

describe("Dockerfile instructions", () => {
  it("may be written with = or a space, in any case", () => {
    for (const text of [
      'CMD=["a"]',
      'CMD ["a"]',
      'cmd ["a"]',
      ' CMD = ["a"] ',
      'CMD\t["a"]',
    ])
      expect(run(text)).toEqual({ Cmd: ["a"] });
  });

  it("take commands as lists, else for the shell", () => {
    expect(run('CMD=["/bin/sh", "-c", "echo a"]').Cmd).toEqual([
      "/bin/sh",
      "-c",
      "echo a",
    ]);
    expect(run("CMD=/bin/ls -l").Cmd).toEqual(["/bin/sh", "-c", "/bin/ls -l"]);
    expect(run("CMD [ -f x ] && y").Cmd).toEqual([
      "/bin/sh",
      "-c",
      "[ -f x ] && y",
    ]);
    expect(run('ENTRYPOINT=["/pause"]').Entrypoint).toEqual(["/pause"]);
    expect(run("CMD=[]").Cmd).toEqual([]);
  });

  it("add to the environment and to labels", () => {
    expect(
      run(
        "ENV A=1",
        "ENV=B=2",
        "ENV A=3 C=\"x y\" D='$E' F=a\\ b",
        "ENV G h i",
      ),
    ).toEqual({ Env: ["A=3", "B=2", "C=x y", "D=$E", "F=a b", "G=h i"] });
    expect(
      run('LABEL a.b=c "d e"=f', "LABEL a.b=", "LABEL k some text"),
    ).toEqual({
      Labels: { "a.b": "", "d e": "f", k: "some text" },
    });
    expect(Object.keys(run("LABEL __proto__=x").Labels ?? {})).toEqual([
      "__proto__",
    ]);
  });

  it("know the others", () => {
    expect(
      run("USER me:us", "WORKDIR /a", "WORKDIR b/../c", "STOPSIGNAL SIGINT"),
    ).toEqual({ User: "me:us", WorkingDir: "/a/c", StopSignal: "SIGINT" });
    expect(run("EXPOSE 80 53/UDP", "EXPOSE=8000-8002")).toEqual({
      ExposedPorts: {
        "80/tcp": {},
        "53/udp": {},
        "8000/tcp": {},
        "8001/tcp": {},
        "8002/tcp": {},
      },
    });
    expect(run('VOLUME ["/a b"]', "VOLUME /c /d").Volumes).toEqual({
      "/a b": {},
      "/c": {},
      "/d": {},
    });
    expect(run("ONBUILD RUN x").OnBuild).toEqual(["RUN x"]);
    expect(applyChanges({}, ["MAINTAINER Some One"]).author).toBe("Some One");
  });

  it("leave what was there, which they do not change", () => {
    const before = { os: "linux", config: { Cmd: ["a"], Labels: { x: "y" } } };
    expect(applyChanges(before, ["LABEL z=1"])).toEqual({
      os: "linux",
      config: { Cmd: ["a"], Labels: { x: "y", z: "1" } },
    });
    expect(before.config.Labels).toEqual({ x: "y" });
  });

  it("are refused with the instruction and the reason", () => {
    const cases: [string, RegExp][] = [
      ["", /not INSTRUCTION=value/],
      ["=x", /not INSTRUCTION=value/],
      ["CMD", /not INSTRUCTION=value/],
      ["CMD=", /has no value/],
      ["CMD   ", /has no value/],
      ["RUN make", /RUN is none of CMD/],
      ["CONSTRUCTOR=x", /CONSTRUCTOR is none of/],
      ["toString=x", /TOSTRING is none of/],
      ["ENV A", /has no value/],
      ["ENV A=1 B", /"B" is not name=value/],
      ["ENV A=1 =2", /not name=value/],
      ['ENV A="x', /is not closed/],
      ["USER a b", /not one word/],
      ["EXPOSE http", /"http" is no port/],
      ["EXPOSE 70000", /no port/],
      ["EXPOSE 90-80", /no port/],
      ["EXPOSE 80/icmp", /no port/],
      ["STOPSIGNAL ;", /no signal/],
      ['VOLUME ["/a", ""]', /a path is empty/],
    ];
    for (const [change, message] of cases) {
      expect(() => run(change)).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: expect.stringMatching(message) as string,
        }) as Error,
      );
    }
  });
});
