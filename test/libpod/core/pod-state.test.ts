import { describe, expect, it } from "vitest";
import type { ContainerState, PodState } from "../../../src/libpod/engine.ts";
import { podStateOf } from "../../../src/libpod/pod-state.ts";

describe("the state of a pod", () => {
  it.each<[readonly ContainerState[], PodState]>([
    [[], "created"],
    [["configured", "created"], "created"],
    [["running", "running"], "running"],
    [["running", "stopping", "starting"], "running"],
    [["running", "exited"], "degraded"],
    [["running", "paused"], "degraded"],
    [["stopping", "configured"], "degraded"],
    [["paused", "paused"], "paused"],
    [["paused", "exited"], "paused"],
    [["exited", "configured"], "stopped"],
    [["exited", "created"], "stopped"],
    [["exited", "exited"], "exited"],
    [["running", "unknown"], "unknown"],
  ])("with containers that are %j is %s", (states, state) => {
    expect(podStateOf(states)).toBe(state);
  });
});
