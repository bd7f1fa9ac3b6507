import { checkInteger } from "./check.ts";
import type { OperationOptions } from "./engine.ts";
import { membersOf } from "./members.ts";

/** How something is stopped. */
export interface StopOptions extends OperationOptions {
  /** Milliseconds that it has to end by itself before it is killed. Default 10,000. */
  readonly grace?: number | undefined;
}

/** The members of {@link StopOptions}. */
export const stopMembers: readonly string[] = membersOf<StopOptions>({
  grace: true,
});

/** @throws InvalidArgument for what is no time */
export function checkGrace({ grace }: StopOptions): number | undefined {
  checkInteger(grace, "grace", 0);
  return grace;
}
