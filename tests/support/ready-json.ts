import type { ReadyJson } from "../../server/contract/ready-json.ts";

/** What an answer says that is JSON already. */
export async function said<Said>(answer: ReadyJson<Said> | Promise<ReadyJson<Said>>): Promise<Said> {
  return JSON.parse((await answer).json) as Said;
}
