import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now, nowByMinute } from "../../state/clock.ts";
import { Figure } from "../../ui/figure.tsx";
import { ago, type Figure as FigureValue, latency, moment, UNKNOWN } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { createSeen } from "../../ui/seen.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { EditLink } from "../forms/edit-link.tsx";
import { createRecent } from "../overview/recent.ts";
import { availabilityWords } from "../resource/beats.ts";
import { PauseButton } from "../sources/deeds.tsx";
import { FORMS } from "../sources/forms/forms.ts";
import { targetOf } from "../sources/list.ts";
import { createShares } from "./availability.ts";
import { BeatBar } from "./beat-bar.tsx";
import { RESULTS, resultsOf } from "./results.ts";
import { type CheckRow, type Group, problemOf, STANDINGS, standingOf } from "./rows.ts";

const WIDE = "hidden lg:table-cell";
const WIDEST = "hidden 2xl:table-cell";
/** How far the latency line goes up at least: a few milliseconds more are no mountain. */
const LEAST_TOP_SECONDS = 0.02;

interface TableProps {
  groups: readonly Group[];
  mayChange: boolean;
  /** The name of who makes a check. */
  nameOf: (from: string) => string;
  onChanged: () => void;
}

export function CheckTable(props: TableProps) {
  const hasCertificates = createMemo(() =>
    props.groups.some(({ rows }) => rows.some(({ resource }) => daysLeft(resource) !== undefined)),
  );
  return (
    <table class="figures w-full border-b border-line">
      <thead class="max-md:sr-only">
        <tr>
          <th scope="col">Check</th>
          <th scope="col" class="max-md:hidden">
            Last {RESULTS} results
          </th>
          <th scope="col" class={WIDEST}>
            <span class="sr-only">Latency before</span>
          </th>
          <th scope="col" class="max-md:hidden">
            Latency
          </th>
          <th scope="col" class={WIDE}>
            24 h
          </th>
          <th scope="col" class={WIDE}>
            7 days
          </th>
          <Show when={hasCertificates()}>
            <th scope="col" class={WIDE}>
              Certificate
            </th>
          </Show>
          <th scope="col" class={WIDEST}>
            From
          </th>
          <Show when={props.mayChange}>
            <th scope="col" class="max-sm:hidden">
              <span class="sr-only">Change</span>
            </th>
          </Show>
        </tr>
      </thead>
      <For each={props.groups}>
        {(group) => (
          <tbody onKeyDown={(event) => moveThroughRows(event)}>
            <Show when={props.groups.length > 1}>
              <tr>
                <th scope="rowgroup" colspan="9" class="h-9! align-bottom text-xs text-ink-3">
                  {group.name} {group.rows.length}
                </th>
              </tr>
            </Show>
            <For each={group.rows}>
              {(row) => (
                <Row
                  row={row}
                  mayChange={props.mayChange}
                  hasCertificates={hasCertificates()}
                  from={props.nameOf(row.source.from)}
                  onChanged={props.onChanged}
                />
              )}
            </For>
          </tbody>
        )}
      </For>
    </table>
  );
}

interface RowProps {
  row: CheckRow;
  mayChange: boolean;
  hasCertificates: boolean;
  from: string;
  onChanged: () => void;
}

function Row(props: RowProps) {
  let element: HTMLTableRowElement | undefined;
  const source = () => props.row.source;
  const resource = () => props.row.resource;
  const standing = () => standingOf(props.row);
  const isOld = () => standing() === "paused" || standing() === "unknown";
  const seen = createSeen(() => element);
  const spanMs = () => RESULTS * source().intervalMs;
  const recent = createRecent(
    () => resource() ?? NOTHING,
    ["up", "latency_seconds"],
    () => seen() && resource() !== undefined,
    spanMs,
  );
  const shares = createShares(resource, seen);
  const results = createMemo(() => resultsOf(recent().get("up")));
  const took = () => recent().get("latency_seconds");
  const end = () => Math.max(resource()?.lastSeenAt ?? 0, nowByMinute());
  const latencyNow = () =>
    latency(standing() === "up" || standing() === "degraded" ? measured(resource()) : undefined);
  const about = () => [FORMS[source().type].label, targetOf(source())].filter(Boolean).join(" · ");
  return (
    <tr ref={element} classList={{ old: isOld() }}>
      <td class="w-full max-w-0 py-2.5">
        <div class="flex items-center gap-2.5">
          <LevelMark level={STANDINGS[standing()].level} label={STANDINGS[standing()].word} />
          <Name row={props.row} mayChange={props.mayChange} />
        </div>
        <div class="truncate pl-5 text-sm text-ink-2" title={about()}>
          {about()}
          <Show when={standing() === "waiting" || standing() === "unknown"}>
            {" · "}
            {STANDINGS[standing()].word}
          </Show>
        </div>
        <Show when={problemOf(props.row)}>
          {(problem) => (
            <div
              class="mt-0.5 pl-5 text-sm break-words whitespace-normal"
              classList={{ "text-bad": standing() === "down", "text-warn": standing() !== "down" }}
            >
              {problem()}
            </div>
          )}
        </Show>
        <Show when={results().length > 0}>
          <div class="mt-1.5 flex items-end justify-between gap-3 pl-5 md:hidden">
            <BeatBar results={results()} class="justify-start!" />
            <span class="text-sm text-ink-2">
              <Figure value={latencyNow()} /> · <Share percent={shares().day} /> in 24 h
            </span>
          </div>
        </Show>
      </td>
      <td class="max-md:hidden">
        <BeatBar results={results()} class="ml-auto" />
      </td>
      <td class={WIDEST}>
        <Sparkline
          class="ml-auto h-5 w-24"
          times={took()?.times ?? []}
          values={took()?.avg ?? []}
          from={end() - spanMs()}
          to={end()}
          top={LEAST_TOP_SECONDS}
        />
      </td>
      <td class="min-w-20 max-md:hidden">
        <Show when={source().type === "heartbeat"} fallback={<Figure value={latencyNow()} />}>
          <span class="text-ink-2">{beatWords(resource(), now())}</span>
        </Show>
      </td>
      <td class={`min-w-20 ${WIDE}`}>
        <Share percent={shares().day} />
      </td>
      <td class={`min-w-20 ${WIDE}`}>
        <Share percent={shares().week} />
      </td>
      <Show when={props.hasCertificates}>
        <td class={WIDE} classList={{ "text-warn": isEnding(props.row) }} title={certificateEnd(resource())}>
          <Figure value={daysWords(daysLeft(resource()))} />
        </td>
      </Show>
      <td class={`max-w-36 truncate text-ink-2 ${WIDEST}`} title={props.from}>
        {props.from}
      </td>
      <Show when={props.mayChange}>
        <td class="max-sm:hidden">
          <EditLink href={`/checks/${source().id}`} name={source().name} />
          <PauseButton source={source()} onDone={props.onChanged} />
        </td>
      </Show>
    </tr>
  );
}

/** What a row without a result asks about: nothing is asked then. */
const NOTHING = { id: "" as Resource["id"], lastSeenAt: 0, metrics: {} } as Resource;

function Name(props: { row: CheckRow; mayChange: boolean }) {
  const href = () => {
    const { resource, source } = props.row;
    if (resource) return `/resources/${resource.id}`;
    return props.mayChange ? `/checks/${source.id}` : undefined;
  };
  return (
    <>
      <Show when={href()} fallback={<span class="truncate font-medium">{props.row.source.name}</span>}>
        {(to) => (
          <A
            href={to()}
            data-row=""
            class="min-w-7 truncate py-0.5 font-medium hover:underline"
            title={props.row.source.name}
          >
            {props.row.source.name}
          </A>
        )}
      </Show>
      <Show when={props.row.source.heartbeatUrl}>
        <A href={`/checks/${props.row.source.id}`} class="shrink-0 py-1 text-sm text-accent hover:underline">
          address
        </A>
      </Show>
    </>
  );
}

function Share(props: { percent: number | undefined }) {
  const value = (): FigureValue =>
    props.percent === undefined ? UNKNOWN : { number: availabilityWords(props.percent), unit: "%" };
  return <Figure value={value()} class="text-ink-2" />;
}

function measured(resource: Resource | undefined): number | undefined {
  return resource?.metrics["latency_seconds"];
}

function beatWords(resource: Resource | undefined, at: number): string {
  const last = resource?.attributes["last_beat_at"];
  return typeof last === "number" ? ago(last, at) : "not heard yet";
}

function daysLeft(resource: Resource | undefined): number | undefined {
  return resource?.metrics["certificate_days_left"];
}

function daysWords(days: number | undefined): FigureValue {
  if (days === undefined) return { number: "", unit: "" };
  return { number: String(days), unit: days === 1 ? "day" : "days" };
}

function certificateEnd(resource: Resource | undefined): string | undefined {
  const at = resource?.attributes["certificate_ends_at"];
  return typeof at === "number" ? `Ends ${moment(at)}` : undefined;
}

/** As its own settings say. */
function isEnding({ source, resource }: CheckRow): boolean {
  const days = daysLeft(resource);
  const warnDays = source.config["certificateWarnDays"];
  return days !== undefined && typeof warnDays === "number" && days < warnDays;
}
