import type { HistoryRangeInput, HistorySeries } from "../../../server/contract/history.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import type { ResourceKind } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { begin, type LiveSeries } from "../../state/series.ts";

/** Series by `seriesKey`. */
export type History = ReadonlyMap<string, LiveSeries>;

export const REPORT_EVERY_MS = 10_000;

export interface Question {
  /** Metrics by resource. */
  wanted: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of all these only those that were highest in that time. */
  most?: Most | undefined;
  from: number;
  to: number;
  maxPoints: number;
}

/** What of a kind is in something: there may be hundreds, and they are asked for together. */
export interface Most {
  within: string;
  kind: ResourceKind;
}

export interface Answer {
  series: History;
  /** By resource, where its history could not be read. */
  failed: ReadonlyMap<string, Refusal>;
}

interface Asked extends Omit<Question, "wanted" | "most"> {
  about: string;
  askedAt: number;
  abort: AbortController;
  coming: Promise<Answer>;
  answer?: Answer;
}

/** As many as one question tells; of a thousand points each. */
export const MOST_ASKED = 50;

/** Answers of a thousand points for a hundred series are some megabytes each. */
const KEPT_MAX = 6;
/** What was late may still have come to the server. */
const KEPT_MS = 300_000;

export function seriesKey(resourceId: string, metric: string): string {
  return `${resourceId} ${metric}`;
}

/**
 * Questions for history that are on their way, and the last answers. Whoever goes back to where they were, or
 * to where it was likely that they would go, does not wait again.
 */
export class HistoryAnswers {
  #asked: Asked[] = [];

  /** An answer that is here already; one of a window that began and ended almost then will do. */
  find(question: Question, withinMs = 0): Answer | undefined {
    return this.#find(question, withinMs, ({ answer }) => answer !== undefined)?.answer;
  }

  ask(question: Question): Promise<Answer> {
    return (this.#find(question, 0) ?? this.#send(question)).coming;
  }

  /** Gives up what is on its way, but for one question that may be among it. */
  leave(except?: Question): void {
    const kept = except && this.#find(except, 0);
    for (const each of this.#asked) if (!each.answer && each !== kept) each.abort.abort();
    this.#asked = this.#asked.filter((each) => each.answer || each === kept);
  }

  forget(): void {
    this.leave();
    this.#asked = [];
  }

  #find(question: Question, withinMs: number, fits: (asked: Asked) => boolean = () => true) {
    const about = aboutOf(question);
    const oldest = performance.now() - KEPT_MS;
    return this.#asked.findLast(
      (each) =>
        each.about === about &&
        each.maxPoints === question.maxPoints &&
        Math.abs(each.from - question.from) <= withinMs &&
        Math.abs(each.to - question.to) <= withinMs &&
        each.askedAt >= oldest &&
        fits(each),
    );
  }

  #send(question: Question): Asked {
    const { from, to, maxPoints } = question;
    const abort = new AbortController();
    const coming = send(question, abort.signal);
    const asked: Asked = {
      about: aboutOf(question),
      from,
      to,
      maxPoints,
      askedAt: performance.now(),
      abort,
      coming,
    };
    void coming.then((answer) => {
      // What failed is asked again by whoever wants it again.
      if (answer.failed.size > 0) this.#asked = this.#asked.filter((each) => each !== asked);
      else asked.answer = answer;
    });
    this.#asked = [...this.#asked, asked].slice(-KEPT_MAX);
    return asked;
  }
}

function aboutOf({ wanted, most }: Question): string {
  return JSON.stringify([most, ...[...wanted].map(([id, metrics]) => [id, ...metrics])]);
}

function send(question: Question, signal: AbortSignal): Promise<Answer> {
  return question.most ? sendForMost(question, question.most, signal) : sendForAll(question, signal);
}

/** Never rejects: what could not be read is part of the answer. */
async function sendForAll({ wanted, from, to, maxPoints }: Question, signal: AbortSignal): Promise<Answer> {
  const questions = [...wanted].map(([resourceId, metrics]) =>
    api.history.range.query(
      {
        resourceId: resourceId as HistoryRangeInput["resourceId"],
        metrics: [...metrics],
        from: Math.floor(from),
        to: Math.ceil(to),
        maxPoints,
      },
      { signal },
    ),
  );
  const ids = [...wanted.keys()];
  const series = new Map<string, LiveSeries>();
  const failed = new Map<string, Refusal>();
  for (const [index, answer] of (await Promise.allSettled(questions)).entries()) {
    const id = ids[index] ?? "";
    if (answer.status === "rejected") failed.set(id, explain(answer.reason));
    else
      for (const each of answer.value.series)
        series.set(seriesKey(id, each.metric), begin(each, reportsInLast(each, to)));
  }
  return { series, failed };
}

/** One question for each metric. Never rejects either. */
async function sendForMost(
  { wanted, from, to, maxPoints }: Question,
  { within, kind }: Most,
  signal: AbortSignal,
): Promise<Answer> {
  const metrics = new Set([...wanted.values()].flatMap((each) => [...each]));
  const span = { from: Math.floor(from), to: Math.ceil(to), maxPoints };
  const questions = [...metrics].map((metric) =>
    api.history.top.query(
      { metric, kind, within: within as ResourceId, limit: MOST_ASKED, ...span },
      { signal },
    ),
  );
  const series = new Map<string, LiveSeries>();
  const failed = new Map<string, Refusal>();
  for (const answer of await Promise.allSettled(questions)) {
    if (answer.status === "rejected") for (const id of wanted.keys()) failed.set(id, explain(answer.reason));
    else
      for (const each of answer.value.series ?? [])
        series.set(seriesKey(each.resourceId, each.metric), begin(each, reportsInLast(each, to)));
  }
  return { series, failed };
}

/** How many reports the last step is the average of by now. */
function reportsInLast({ times, step }: HistorySeries, to: number): number {
  const since = Math.min(step, to - (times.at(-1) ?? to));
  return Math.max(1, Math.round(since / REPORT_EVERY_MS));
}
