/** Whose looks at machines end with a change of who may what; pure. Whoever may still look only has to ask again. */
import type { DirectoryChange } from "../contract/directory.ts";
import type { OrgId } from "../contract/ids.ts";

export interface WatcherGone {
  /** Absent: in every org. */
  orgId?: OrgId;
  person?: string;
  by?: string;
}

export function watchersGone(changes: readonly DirectoryChange[]): WatcherGone[] {
  return changes.flatMap((change): WatcherGone[] => {
    if (change.kind === "member_gone") return [{ orgId: change.orgId, person: change.userId }];
    if (change.kind === "session_ended") return [{ by: change.idHash }];
    if (change.kind === "token_gone") return [{ by: change.id }];
    if (change.kind === "person" && change.person.disabled) return [{ person: change.person.id }];
    return [];
  });
}
