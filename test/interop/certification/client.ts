import type {
  CertificationClient,
  MyType,
} from "../../../generated/org.varlink.certification/index.ts";

/** What a service answered to the whole test. */
export interface Certificate {
  readonly clientId: string;
  /** By method, from `Test01` to `Test09`. */
  readonly answers: Readonly<Record<string, object>>;
  /** Of `Test10`. */
  readonly replies: readonly string[];
  readonly allOk: boolean;
}

/** Takes the test: what a call answers goes into the next one, as it came. */
export async function certify(
  client: CertificationClient,
): Promise<Certificate> {
  const { client_id } = await client.start();
  const Test01 = await client.test01({ client_id });
  const Test02 = await client.test02({ client_id, ...Test01 });
  const Test03 = await client.test03({ client_id, ...Test02 });
  const Test04 = await client.test04({ client_id, ...Test03 });
  const Test05 = await client.test05({ client_id, ...Test04 });
  const Test06 = await client.test06({ client_id, ...Test05 });
  const Test07 = await client.test07({ client_id, ...Test06 });
  const Test08 = await client.test08({ client_id, ...Test07 });
  const Test09 = await client.test09({ client_id, ...Test08 });
  // Enums are open in what is read, for newer peers may add to them.
  const mytype = Test09.mytype as MyType;

  const replies: string[] = [];
  for await (const { string } of client.test10.more({ client_id, mytype }))
    replies.push(string);
  await client.test11.oneway({ client_id, last_more_replies: replies });
  const { all_ok } = await client.end({ client_id });
  return {
    clientId: client_id,
    answers: {
      Test01,
      Test02,
      Test03,
      Test04,
      Test05,
      Test06,
      Test07,
      Test08,
      Test09,
    },
    replies,
    allOk: all_ok,
  };
}
