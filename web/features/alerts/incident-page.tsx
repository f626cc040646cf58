import { A, useNavigate, useParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, type JSX, lazy, on, Show, Suspense } from "solid-js";
import type { Alert, Incident, TimelineEntry } from "../../../server/contract/alerts.ts";
import { unitOf } from "../../../server/contract/metrics.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { newestEntry, picture, serverNow } from "../../state/live.ts";
import { ago, clockOrDay, duration, moment } from "../../ui/format.ts";
import { onEscape, onKey } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { Notice } from "../../ui/notice.tsx";
import { setPageTitle } from "../../ui/page-title.ts";
import { Charted } from "../machine/charted.tsx";
import type { ChartGroup } from "../machine/charts.ts";
import { problemFrom } from "../overview/problems.ts";
import { labelOf } from "../resource/facts.ts";
import { pathOf } from "../resource/path.ts";
import { edits } from "../settings/links.ts";
import { acknowledge, isAcknowledging } from "./deeds.ts";
import { Deeds } from "./deeds-bar.tsx";
import { AlertRow } from "./row.tsx";
import { authorWords, entryWords } from "./words.ts";

const ExplainedRule = lazy(async () => ({ default: (await import("../rules/explained.tsx")).ExplainedRule }));
const WhoWasTold = lazy(async () => ({ default: (await import("./who-was-told.tsx")).WhoWasTold }));

/** Shown before it fired, and after it was over. */
const BEFORE_MS = 30 * 60_000;
const AFTER_MS = 10 * 60_000;

export function IncidentPage() {
  const params = useParams<{ id: string }>();
  const answer = createAnswer(
    () => params.id as Alert["id"],
    (id) => api.alerts.get.query({ id }),
  );
  /* Asked again when anything happens to it. */
  const touched = () => [
    picture.alerts[params.id]?.changedAt,
    newestEntry()?.id === params.id && newestEntry(),
  ];
  createEffect(on(touched, () => answer.ask(), { defer: true }));
  const incident = () => {
    const found = answer.value()?.incident;
    return found?.alert.id === params.id ? found : undefined;
  };
  return (
    <Show
      when={incident()}
      fallback={
        <Show when={answer.refusal()} fallback={<div class="skeleton h-40 w-full" />}>
          {(refused) => <Missing words={refused().words} />}
        </Show>
      }
    >
      {(found) => <Shown incident={found()} />}
    </Show>
  );
}

function Missing(props: { words: string }) {
  return (
    <div class="max-w-[420px] pt-[12dvh]">
      <h1 class="text-xl font-semibold tracking-tight">This is not here</h1>
      <p class="mt-2 text-ink-2">{props.words}</p>
      <p class="mt-5">
        <A href="/alerts" class="font-medium text-accent hover:underline">
          Go to all alerts
        </A>
      </p>
    </div>
  );
}

function Shown(props: { incident: Incident }) {
  const navigate = useNavigate();
  const alert = () => picture.alerts[props.incident.alert.id] ?? props.incident.alert;
  const problem = () => problemFrom(alert(), picture.resources[alert().subject.id]);
  const isOver = () => alert().resolvedAt !== undefined;
  const lasted = () => duration(((alert().resolvedAt ?? now()) - alert().firedAt) / 1_000);
  const silences = createAnswer(
    () => alert().silencedBy,
    () => api.alerts.silences.query(),
  );
  /** The one that covers it now. */
  const silence = createMemo((): Silencing | undefined => {
    const { silences: known = [], coming = [] } = silences.value() ?? {};
    const found = known.find(({ id }) => id === alert().silencedBy);
    const until = coming.find(({ id, from }) => id === found?.id && from <= now())?.to;
    return found && { id: found.id, name: found.name, until };
  });
  const lastSilenced = () => props.incident.timeline.findLast(({ type }) => type === "silenced");
  const title = () => `${problem().resource.name} ${problem().words}`;
  setPageTitle(title);
  onEscape(() => {
    navigate("/alerts");
    return true;
  });
  onKey((event) => {
    if (!isAcknowledging(event) || isOver() || !edits()) return false;
    void acknowledge(alert());
    return true;
  });
  return (
    <article>
      <header>
        <p
          class="flex items-baseline gap-2 text-sm font-medium"
          classList={{
            "text-bad": !isOver() && alert().level === "critical",
            "text-warn": !isOver() && alert().level === "warning",
            "text-ink-2": isOver(),
          }}
        >
          <LevelMark level={isOver() ? "unknown" : alert().level} />
          {alert().level === "critical" ? "Critical" : "Warning"}
          <Show when={isOver()}>{alert().end === "closed" ? ", closed by hand" : ", over"}</Show>
        </p>
        <h1 class="mt-1 text-xl font-semibold tracking-tight break-words">
          <A href={pathOf(problem().resource)} class="hover:underline">
            {problem().resource.name}
            {problem().about === "part" ? ":" : ""}
          </A>{" "}
          {problem().words}
        </h1>
        <p class="mt-1 text-ink-2">
          <span title={moment(alert().firedAt)}>Since {moment(alert().firedAt)}</span>
          {isOver() ? `, for ${lasted()}` : ` (${lasted()})`}
          <Show when={alert().acknowledged}>
            {(taken) => (
              <span title={moment(taken().at)}>
                {" · "}acknowledged{authorWords(taken().by) && ` by ${authorWords(taken().by)}`}
              </span>
            )}
          </Show>
          <Show when={alert().snoozedUntil}>
            {(until) => <> · snoozed until {clockOrDay(until(), now())}</>}
          </Show>
          <Show when={alert().silencedBy}>
            {" · silenced"}
            <Show when={silence()}>
              {(by) => (
                <>
                  <Show when={by().until}>{(until) => ` until ${clockOrDay(until(), now())}`}</Show>
                  {" by "}
                  <SilenceLink silence={by()} />
                </>
              )}
            </Show>
          </Show>
          <Show when={alert().behind}> · not heard of now</Show>
        </p>
      </header>
      <Show when={edits()}>
        <Deeds alert={alert()} />
      </Show>
      <Around alert={alert()} />
      <section class="mt-8" aria-label="What happened">
        <h2 class="font-semibold">What happened</h2>
        <ol class="mt-2 divide-y divide-line border-y border-line">
          <For each={props.incident.timeline}>
            {(entry) => <Entry entry={entry} silence={entry === lastSilenced() ? silence() : undefined} />}
          </For>
        </ol>
      </section>
      <Show when={!alert().sharedFrom}>
        <OnDemand title="Which rule?">
          <ExplainedRule id={alert().resource.id} rule={alert().rule} />
        </OnDemand>
        <OnDemand title="Who was told?">
          <WhoWasTold alert={alert()} />
        </OnDemand>
      </Show>
      <Others title="On the same machine around then" alerts={props.incident.nearby} />
      <Others title="The same before" alerts={props.incident.similar} />
    </article>
  );
}

/** Only what somebody opens is asked for. */
function OnDemand(props: { title: string; children: JSX.Element }) {
  const [isOpen, setIsOpen] = createSignal(false);
  return (
    <details class="mt-8" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary class="-mx-2 w-fit rounded-md px-2 py-1 font-semibold hover:bg-hover">{props.title}</summary>
      <div class="mt-2">
        <Show when={isOpen()}>
          <Suspense fallback={<div class="skeleton h-24 w-full" />}>{props.children}</Suspense>
        </Show>
      </div>
    </details>
  );
}

interface Silencing {
  id: string;
  name: string;
  until: number | undefined;
}

function SilenceLink(props: { silence: Silencing }) {
  return (
    <A href={`/alerts/silences/${props.silence.id}`} class="font-medium text-accent hover:underline">
      {props.silence.name}
    </A>
  );
}

/** `silence`: by which it is covered since then. */
function Entry(props: { entry: TimelineEntry; silence: Silencing | undefined }) {
  return (
    <li class="grid gap-x-6 py-2 sm:grid-cols-[150px_minmax(0,1fr)]">
      <time
        class="text-sm text-ink-2"
        dateTime={new Date(props.entry.at).toISOString()}
        title={ago(props.entry.at, now())}
      >
        {moment(props.entry.at)}
      </time>
      <div class="min-w-0 break-words">
        <p>
          <Show when={props.silence} fallback={entryWords(props.entry, (at) => clockOrDay(at, now()))}>
            {(by) => (
              <>
                Covered by the silence <SilenceLink silence={by()} />
              </>
            )}
          </Show>
          <Show when={authorWords(props.entry.by)}>
            {(name) => <span class="text-ink-2"> · {name()}</span>}
          </Show>
        </p>
        <Show when={props.entry.note}>
          <p class="whitespace-pre-wrap text-ink-2">{props.entry.note}</p>
        </Show>
      </div>
    </li>
  );
}

function Others(props: { title: string; alerts: readonly Alert[] }) {
  return (
    <Show when={props.alerts.length > 0}>
      <section class="mt-8" aria-label={props.title}>
        <h2 class="font-semibold">{props.title}</h2>
        <ul class="mt-2 divide-y divide-line border-y border-line">
          <For each={props.alerts}>{(alert) => <AlertRow alert={alert} />}</For>
        </ul>
      </section>
    </Show>
  );
}

/** The value it is about, over the time in which it was. */
function Around(props: { alert: Alert }) {
  const navigate = useNavigate();
  const resource = () => picture.resources[props.alert.resource.id];
  const groups = createMemo((): ChartGroup[] => {
    const { metric, resource: about } = props.alert;
    if (!metric) return [];
    const title = labelOf(metric);
    const line = { label: about.name, sources: [{ resourceId: about.id, metric }] };
    return [
      {
        id: "around",
        title: "Around then",
        alone: true,
        charts: [{ id: metric, title, unit: unitOf(metric), form: "lines", lines: [line] }],
      },
    ];
  });
  const home = createMemo(() => {
    const to = Math.min((props.alert.resolvedAt ?? serverNow()) + AFTER_MS, serverNow());
    return { from: Math.floor(props.alert.firedAt - BEFORE_MS), to: Math.ceil(to) };
  });
  return (
    <Show when={props.alert.metric}>
      <Show
        when={resource()}
        fallback={
          <Show when={picture.known}>
            <div class="mt-6">
              <Notice>What it was about is not there any more, and its history with it.</Notice>
            </div>
          </Show>
        }
      >
        {(known) => (
          <Charted
            resource={known()}
            parts={[]}
            groups={groups()}
            home={home()}
            onBack={() => navigate("/alerts")}
          />
        )}
      </Show>
    </Show>
  );
}
