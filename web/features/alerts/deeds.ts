import type { Alert } from "../../../server/contract/alerts.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { toast } from "../../ui/toast.tsx";

/** Whether it worked; when not, it is said why. What came of it arrives with the live events. */
async function tried(deed: () => Promise<unknown>): Promise<boolean> {
  try {
    await deed();
    return true;
  } catch (error) {
    toast(explain(error).words);
    return false;
  }
}

export function acknowledge({ id, acknowledged }: Alert, note?: string): Promise<boolean> {
  return tried(() =>
    acknowledged && note === undefined
      ? api.alerts.unacknowledge.mutate({ id })
      : api.alerts.acknowledge.mutate({ id, ...(note !== undefined && { note }) }),
  );
}

export function snooze({ id }: Alert, until: number | null): Promise<boolean> {
  return tried(() => api.alerts.snooze.mutate({ id, until }));
}

export function addNote({ id }: Alert, note: string): Promise<boolean> {
  return tried(() => api.alerts.note.mutate({ id, note }));
}

export function close({ id }: Alert): Promise<boolean> {
  return tried(() => api.alerts.close.mutate({ id }));
}
