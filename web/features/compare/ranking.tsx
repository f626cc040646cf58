import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { HistoryTop, RankBy, Ranked } from "../../../server/contract/history.ts";
import type { Unit } from "../../../server/contract/metrics.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { picture } from "../../state/live.ts";
import { Figure } from "../../ui/figure.tsx";
import {
  bytes,
  clock,
  count,
  day,
  type Figure as FigureValue,
  moment,
  percent,
  text,
} from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { Meter } from "../../ui/meter.tsx";
import { SortHeading, sortedHow } from "../../ui/sort-heading.tsx";
import { formOf } from "../machine/units.ts";
import { pathOf } from "../resource/path.ts";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { parentName } from "./lines.tsx";
import { type Question, waysOf } from "./question.ts";

interface RankingProps {
  top: HistoryTop;
  question: Question;
  charted: readonly Resource["id"][];
  /** The query of an address that shows the same time. */
  time: string;
  onBy: (by: RankBy) => void;
  onPick: (id: Resource["id"], isPicked: boolean) => void;
}

const HEADINGS: Record<RankBy, string> = { avg: "Average", max: "Highest", total: "In total" };
const SWATCHES = ["bg-data-1", "bg-data-2", "bg-data-3", "bg-data-4", "bg-data-5", "bg-data-6"];
/** From then on it was there the whole time, but for a report or two. */
const WHOLE_TIME = 0.95;

export function Ranking(props: RankingProps) {
  /* What stands here may still be the answer to another question. */
  const columns = createMemo(() => COLUMNS.filter((way) => waysOf(props.top.metric).includes(way)));
  const by = () => (columns().includes(props.question.by) ? props.question.by : "avg");
  const best = (way: RankBy) => Math.max(0, ...props.top.ranking.map((one) => one[way] ?? 0));
  return (
    <table class="figures mt-1 w-full table-fixed border-b border-line" aria-label="Ranking">
      <colgroup>
        <col class="w-[68px]" />
      </colgroup>
      <thead class="max-sm:hidden">
        <tr>
          <th scope="col">
            <span class="sr-only">Drawn, and rank</span>
          </th>
          <th scope="col" class="pl-0! text-left!">
            Name
          </th>
          <For each={columns()}>
            {(way) => (
              <th scope="col" class={WIDTHS[way]} aria-sort={sortedHow(way, { sort: by(), reversed: true })}>
                <SortHeading column={way} label={HEADINGS[way]} sort={by()} reversed onSort={props.onBy} />
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody onKeyDown={(event) => moveThroughRows(event)}>
        <For each={props.top.ranking}>
          {(ranked, index) => (
            <Row
              {...props}
              ranked={ranked}
              place={index() + 1}
              columns={columns()}
              by={by()}
              best={best}
              unit={props.top.unit}
            />
          )}
        </For>
      </tbody>
    </table>
  );
}

/** Side by side in an order that stays, whichever they are ranked by. */
const COLUMNS: readonly RankBy[] = ["avg", "max", "total"];
const WIDTHS: Record<RankBy, string> = {
  avg: "w-[150px] lg:w-[180px]",
  max: "w-[190px] lg:w-[240px]",
  total: "w-[130px] lg:w-[180px]",
};

interface RowProps extends RankingProps {
  ranked: Ranked;
  place: number;
  columns: readonly RankBy[];
  by: RankBy;
  best: (way: RankBy) => number;
  unit: Unit;
}

function Row(props: RowProps) {
  const id = () => props.ranked.resourceId;
  const resource = () => picture.resources[id()];
  const name = () => resource()?.name ?? "What is not here any more";
  const line = () => props.charted.indexOf(id());
  const below = () => {
    const { coverage } = props.ranked;
    const part = coverage < WHOLE_TIME ? `measured ${text(percent(100 * coverage))} of the time` : "";
    return [parentName(id()), part].filter(Boolean).join(" · ");
  };
  /** The second line where the screen has no room for columns. */
  const narrow = () =>
    [`at most ${text(written(props.unit, "max", props.ranked.max))}, ${when()}`, below()]
      .filter(Boolean)
      .join(" · ");
  const when = () => timeOf(props.ranked.maxAt, now());
  return (
    <tr class="relative h-12 hover:bg-hover">
      <td>
        <span class="flex items-center gap-1">
          <label class="relative z-1 -ml-1 flex size-6 items-center justify-center">
            <input
              type="checkbox"
              class="size-3.5 accent-accent"
              aria-label={`Draw ${name()}`}
              checked={props.question.picked.includes(id())}
              onChange={(event) => props.onPick(id(), event.currentTarget.checked)}
            />
          </label>
          <span class="min-w-5 text-right text-sm text-ink-3">{props.place}</span>
          <span
            class={`h-[3px] w-2 shrink-0 rounded-full ${line() < 0 ? "" : SWATCHES[line() % SWATCHES.length]}`}
          />
        </span>
      </td>
      <td class="pl-0! text-left!">
        <span class="flex items-center gap-2">
          <Show when={resource()} fallback={<span class="truncate text-ink-2">{name()}</span>}>
            {(shown) => (
              <A
                href={pathOf(shown()) + (props.time && `?${props.time}`)}
                data-row=""
                class="block min-w-0 scroll-mt-28 after:absolute after:inset-0"
              >
                <span class="block truncate leading-4.5" title={name()}>
                  {name()}
                </span>
                <span class="block truncate text-xs text-ink-3 empty:hidden max-sm:hidden" title={below()}>
                  {below()}
                </span>
                <span class="block truncate text-xs text-ink-3 sm:hidden">{narrow()}</span>
              </A>
            )}
          </Show>
          <Show when={resource()}>{(shown) => <ResourceOrigin resource={shown()} short />}</Show>
          <span class="ml-auto pl-2 sm:hidden">
            <Figure value={written(props.unit, props.by, props.ranked[props.by])} />
          </span>
        </span>
      </td>
      <For each={props.columns}>
        {(way) => (
          <td class="max-sm:hidden">
            <span class="inline-flex items-center justify-end gap-2">
              <Meter class="w-8 lg:w-16" percent={share(props.ranked[way], props.best(way))} />
              <Figure
                value={written(props.unit, way, props.ranked[way])}
                class={way === props.by ? "min-w-16 font-medium" : "min-w-16 text-ink-2"}
              />
              <Show when={way === "max"}>
                <span class="min-w-12 text-xs text-ink-3" title={moment(props.ranked.maxAt)}>
                  {when()}
                </span>
              </Show>
            </span>
          </td>
        )}
      </For>
    </tr>
  );
}

function share(value: number | undefined, best: number): number {
  return value && best > 0 ? (100 * value) / best : 0;
}

/** What went by in a second adds up to something without the second. */
function written(unit: Unit, way: RankBy, value: number | undefined): FigureValue {
  if (way !== "total") return formOf(unit).figure(value);
  return unit === "bytes_per_second" ? bytes(value) : count(value === undefined ? value : Math.round(value));
}

/** The time alone where it was today. */
function timeOf(at: number, today: number): string {
  return day(at) === day(today) ? clock(at) : `${day(at)}, ${clock(at)}`;
}
