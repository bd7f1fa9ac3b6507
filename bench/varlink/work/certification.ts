/**
 * `org.varlink.certification` as far as a client sees it: the right answers, and
 * nothing compared. What a service makes of the calls is none of the runtime's work.
 */
import type { CertificationHandlers } from "../../../generated/org.varlink.certification/index.ts";
import {
  answers,
  replies,
} from "../../../test/interop/certification/values.ts";

let clients = 0;

export const certification: CertificationHandlers = {
  start() {
    clients += 1;
    return { client_id: `client-${clients}` };
  },
  test01: () => answers.Test01,
  test02: () => answers.Test02,
  test03: () => answers.Test03,
  test04: () => answers.Test04,
  test05: () => answers.Test05,
  test06: () => answers.Test06,
  test07: () => answers.Test07,
  test08: () => answers.Test08,
  test09: () => answers.Test09,
  *test10() {
    for (const string of replies.slice(0, -1)) yield { string };
    return { string: replies.at(-1) ?? "" };
  },
  test11: () => undefined,
  end: () => ({ all_ok: true }),
};
