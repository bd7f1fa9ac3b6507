import type { Service } from "../../../src/model/api.ts";

export function interfacesAtHand(): readonly { readonly name: string; readonly service: Service }[] {
  return [];
}
