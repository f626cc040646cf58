import { explain } from "../../api/errors.ts";
import { signOut } from "../../state/session.ts";
import { toast } from "../../ui/toast.tsx";

/** Signs out, or says why that did not work. */
export async function leaveSession(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    toast(explain(error).words);
  }
}
