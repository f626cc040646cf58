import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { AuditEntry, AuditList, AuditListInput } from "../../../server/contract/audit.ts";
import { explain, type Refusal } from "../../api/errors.ts";

export type AuditQuestion = Omit<AuditListInput, "cursor" | "limit">;

const PER_PAGE = 50;

export interface AuditPages {
  entries: Accessor<AuditEntry[] | undefined>;
  refusal: Accessor<Refusal | undefined>;
  pending: Accessor<boolean>;
  hasMore: Accessor<boolean>;
  more: () => void;
}

/** Entries that answer the question, newest first, as many pages as were asked for. */
export function createAuditPages(
  question: Accessor<AuditQuestion>,
  ask: (input: AuditListInput) => Promise<AuditList>,
): AuditPages {
  const [entries, setEntries] = createSignal<AuditEntry[]>();
  const [cursor, setCursor] = createSignal<number>();
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [pending, setPending] = createSignal(false);
  let newest = 0;

  const send = async (from: number | undefined) => {
    newest += 1;
    const mine = newest;
    setPending(true);
    try {
      const page = await ask({
        ...question(),
        limit: PER_PAGE,
        ...(from !== undefined && { cursor: from }),
      });
      if (mine !== newest) return;
      setEntries((before) => (from === undefined ? page.entries : [...(before ?? []), ...page.entries]));
      setCursor(page.nextCursor);
      setRefusal(undefined);
    } catch (error) {
      if (mine !== newest) return;
      setRefusal(explain(error));
    }
    setPending(false);
  };

  createEffect(on(question, () => void send(undefined)));
  onCleanup(() => {
    newest += 1;
  });
  return {
    entries,
    refusal,
    pending,
    hasMore: () => cursor() !== undefined,
    more: () => void send(cursor()),
  };
}
