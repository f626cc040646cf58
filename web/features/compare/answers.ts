import { type Accessor, createMemo, onCleanup, untrack } from "solid-js";
import type { HistoryTop } from "../../../server/contract/history.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import type { Refusal } from "../../api/errors.ts";
import { nowByMinute } from "../../state/clock.ts";
import { serverNow } from "../../state/live.ts";
import { REPORT_EVERY_MS } from "../machine/history-answers.ts";
import { pointsFor, type TimeWindow } from "../machine/window.ts";
import { PICKED_MAX, type Question } from "./question.ts";

/** More lines than this cannot be told apart. */
export const CHARTED_MAX = 6;

export interface Answers {
  /** The last good answer; stays while a newer one is on its way. */
  top: Accessor<HistoryTop | undefined>;
  /** The time it is about. */
  from: Accessor<number>;
  to: Accessor<number>;
  /** The resources that are drawn: what was picked, else the first. */
  charted: Accessor<Resource["id"][]>;
  series: Accessor<HistoryTop["series"]>;
  refusal: Accessor<Refusal | undefined>;
  pending: Accessor<boolean>;
}

/** Asks which had most, and then for the lines of those that are drawn. What ends now is asked again every minute. */
export function createAnswers(question: Accessor<Question>, window: Accessor<TimeWindow>): Answers {
  const minute = createMemo<number>((before) => {
    if (window().fixed) return 0;
    const now = nowByMinute();
    return document.hidden ? before : now;
  }, 0);
  const asked = createMemo(
    () => {
      minute();
      const { fixed, spanMs } = window();
      const to = fixed?.to ?? untrack(serverNow);
      const { metric, kind, by, within, tag, picked, only } = question();
      const named = only ? { resources: [...picked] } : { ...(within && { within }), ...(tag && { tag }) };
      return { metric, kind, by, from: Math.floor(fixed?.from ?? to - spanMs), to: Math.ceil(to), ...named };
    },
    undefined,
    { equals: isSame },
  );
  const rank = newestOnly();
  const ranked = createAnswer(asked, async (input) => ({
    input,
    top: await api.history.top.query({ ...input, limit: PICKED_MAX }, { signal: rank() }),
  }));

  const top = () => ranked.value()?.top;
  const charted = createMemo(
    () => {
      const { picked } = question();
      const inOrder = (top()?.ranking ?? []).map(({ resourceId }) => resourceId);
      if (picked.length === 0) return inOrder.slice(0, CHARTED_MAX);
      const beyond = picked.filter((id) => !inOrder.includes(id));
      return [...inOrder.filter((id) => picked.includes(id)), ...beyond].slice(0, CHARTED_MAX);
    },
    undefined,
    { equals: isSame },
  );
  const draw = newestOnly();
  const drawn = createAnswer(
    () => {
      const input = ranked.value()?.input;
      if (!input || charted().length === 0) return undefined;
      const { metric, from, to } = input;
      const maxPoints = pointsFor(to - from, REPORT_EVERY_MS, innerWidth);
      return { metric, from, to, resources: charted(), limit: CHARTED_MAX, maxPoints };
    },
    async (input) => (await api.history.top.query(input, { signal: draw() })).series,
  );
  const bounds = () => ranked.value()?.input ?? asked();
  return {
    top,
    from: () => bounds().from,
    to: () => bounds().to,
    charted,
    series: drawn.value,
    refusal: () => ranked.refusal() ?? drawn.refusal(),
    pending: ranked.pending,
  };
}

/** Whoever asks something else does not want the answer to the question before, and the server need not look for it. */
function newestOnly(): () => AbortSignal {
  let newest: AbortController | undefined;
  onCleanup(() => newest?.abort());
  return () => {
    newest?.abort();
    newest = new AbortController();
    return newest.signal;
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
