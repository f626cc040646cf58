import { ALERT_LIMITS } from "../../../server/contract/alert-limits.ts";
import type { Alert } from "../../../server/contract/alerts.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { picture } from "../../state/live.ts";
import { isTyping } from "../../ui/keyboard.ts";
import { toast } from "../../ui/toast.tsx";
import { problemFrom } from "../overview/problems.ts";
import { edits } from "../settings/links.ts";

/** What another org shows to editors here, they may take as well. The server decides. */
export function mayAcknowledge({ resolvedAt, sharedFrom }: Alert): boolean {
  return edits() && resolvedAt === undefined && sharedFrom?.role !== "viewer";
}

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

/** The same from a list, where the row moves away: it is said what was taken. */
export async function acknowledgeListed(alert: Alert): Promise<void> {
  const said = alert.acknowledged ? "Taken back" : "Acknowledged";
  const { resource, about, words } = problemFrom(alert, picture.resources[alert.subject.id]);
  if (await acknowledge(alert)) toast(`${said}: ${resource.name}${about === "part" ? ":" : ""} ${words}`);
}

/** `A`, pressed once, while nothing is written or asked on the page. */
export function isAcknowledging(event: KeyboardEvent): boolean {
  if (event.key !== "a" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return false;
  return !isTyping(event) && !document.querySelector("main form, [role='dialog'], [role='listbox']");
}

/** Those of another org are taken one by one, in its books. */
export function mayAcknowledgeTogether(alert: Alert): boolean {
  return mayAcknowledge(alert) && !alert.sharedFrom && !alert.acknowledged;
}

export function acknowledgeAll(alerts: readonly Alert[]): Promise<boolean> {
  return tried(async () => {
    const atOnce = ALERT_LIMITS.acknowledgedAtOnce;
    for (let from = 0; from < alerts.length; from += atOnce)
      await api.alerts.acknowledgeAll.mutate({ ids: alerts.slice(from, from + atOnce).map(({ id }) => id) });
  });
}

export function snooze({ id }: Alert, until: number | null): Promise<boolean> {
  return tried(() => api.alerts.snooze.mutate({ id, until }));
}

export function addNote({ id }: Alert, note: string): Promise<boolean> {
  return tried(() => api.alerts.note.mutate({ id, note }));
}

export function close({ id }: Alert): Promise<unknown> {
  return api.alerts.close.mutate({ id });
}
