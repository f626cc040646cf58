import { createSignal } from "solid-js";
import { api } from "../../api/client.ts";
import { isLicensed } from "./standing.ts";

/** Invitations that wait for the person. */
const [waiting, setWaiting] = createSignal(0);

export { waiting };

export async function countInbox(): Promise<void> {
  if (!isLicensed()) return void setWaiting(0);
  try {
    setWaiting((await api.members.inbox.query()).invitations.length);
  } catch {
    // Only a mark beside the menu; the page of the invitations says what is wrong.
  }
}
