import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { Figure } from "../../ui/figure.tsx";
import { text } from "../../ui/format.ts";
import { TableIcon } from "../../ui/icons.tsx";
import type { ChartLine, ChartSpec } from "./charts.ts";
import { swatchOf } from "./palette.ts";
import { difference, formFor, formOf } from "./units.ts";

/** More lines than this do not fit beside the title; more than the second, not in one row. */
const BESIDE_TITLE_MAX = 3;
const ONE_ROW_MAX = 4;

type ValueOf = (line: number) => number | undefined;

interface ChartHeadProps {
  id: string;
  spec: ChartSpec;
  /** Places of the lines that are drawn. */
  drawn: readonly number[];
  /** At the cursor, or the newest. */
  now: ValueOf;
  before: ValueOf | undefined;
  /** How long before. */
  comparison: string | undefined;
  asTable: boolean;
  onTable: () => void;
}

/** A chart's title, its lines by name, and their values at the cursor. */
export function ChartHead(props: ChartHeadProps) {
  /* Lines yet to come count: a head that grows moves the whole page. */
  const figureCount = () => Math.max(props.spec.lines.length, props.spec.room ?? 0);
  /* Three of them beside each other. */
  const hasUnits = () => props.spec.unit.startsWith("bytes");
  const besideTitle = () => figureCount() <= BESIDE_TITLE_MAX && !props.before;
  return (
    <figcaption class="mb-1 flex min-h-6 flex-wrap content-start items-start gap-x-3">
      <h3 id={props.id} class="shrink-0 font-medium">
        {props.spec.title}
      </h3>
      <button
        type="button"
        aria-pressed={props.asTable}
        aria-label={`${props.spec.title} as a table`}
        title="As a table"
        onClick={() => props.onTable()}
        class="-my-0.5 -ml-2 shrink-0 rounded-sm p-1 text-ink-3 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 aria-pressed:text-accent aria-pressed:opacity-100 pointer-coarse:opacity-100"
      >
        <TableIcon class="size-3.5!" />
      </button>
      <Show when={props.before && props.spec.form !== "heat"}>
        <span class="ml-auto flex items-center gap-1.5 text-xs text-ink-3">
          <span class="w-4 border-t border-dashed border-ink-2" />
          {props.comparison}
        </span>
      </Show>
      <Show when={props.spec.form !== "heat"} fallback={<Busiest spec={props.spec} valueAt={props.now} />}>
        {/* On narrow screens, and where there are many, in columns below the title; else beside it. */}
        <div
          class="grid min-w-0 basis-full gap-x-3.5 text-sm"
          classList={{
            "grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))]": !props.before,
            "grid-cols-[repeat(auto-fill,minmax(11.5rem,1fr))]": props.before !== undefined && !hasUnits(),
            "grid-cols-[repeat(auto-fill,minmax(15rem,1fr))]": props.before !== undefined && hasUnits(),
            "sm:flex": figureCount() <= ONE_ROW_MAX && !props.before,
            "sm:ml-auto sm:basis-auto": besideTitle(),
          }}
        >
          <For each={props.spec.lines}>
            {(line, index) => <Line {...props} line={line} index={index()} />}
          </For>
          <For each={Array.from({ length: figureCount() - props.spec.lines.length })}>
            {() => <span class="h-[18px]" />}
          </For>
        </div>
      </Show>
      <Show when={props.spec.note}>{(note) => <p class="basis-full text-xs text-ink-3">{note()}</p>}</Show>
    </figcaption>
  );
}

function Line(props: ChartHeadProps & { line: ChartLine; index: number }) {
  const unit = () => formFor(props.spec);
  const now = () => props.now(props.index);
  const before = () => props.before?.(props.index);
  return (
    <span class="flex h-[18px] min-w-0 items-center gap-1.5">
      <Show when={!props.line.valueOnly}>
        <span
          class={`h-[3px] w-2.5 shrink-0 rounded-full ${swatchOf(props.spec, props.index, props.drawn.indexOf(props.index))}`}
        />
      </Show>
      <Show
        when={props.line.href}
        fallback={
          <span class="max-w-36 truncate text-ink-2" title={props.line.label}>
            {props.line.label}
          </span>
        }
      >
        {(href) => (
          <A
            href={href()}
            class="max-w-36 min-w-0 truncate text-ink-2 hover:text-accent hover:underline pointer-coarse:min-w-6 pointer-coarse:py-1"
            title={props.line.label}
          >
            {props.line.label}
          </A>
        )}
      </Show>
      <Figure value={unit().figure(now())} class={`sm:text-right ${unit().width}`} />
      <Show when={props.before}>
        <span
          class="truncate text-xs whitespace-nowrap text-ink-3"
          title={`${props.comparison}, and the difference`}
        >
          {text(unit().figure(before()))}
          <span class="ml-1.5 text-ink-2">{difference(unit(), now(), before())}</span>
        </span>
      </Show>
    </span>
  );
}

/** Of many cores only the busiest is worth a number. */
function Busiest(props: { spec: ChartSpec; valueAt: ValueOf }) {
  const busiest = createMemo(() => {
    let best: { label: string; value: number } | undefined;
    props.spec.lines.forEach((line, index) => {
      const value = props.valueAt(index);
      if (value !== undefined && value > (best?.value ?? -1)) best = { label: line.label, value };
    });
    return best;
  });
  return (
    <span class="ml-auto flex h-[18px] items-center gap-1.5 text-sm">
      <span class="text-ink-2">busiest: {busiest()?.label ?? "–"}</span>
      <Figure
        value={formOf(props.spec.unit).figure(busiest()?.value)}
        class={`text-right ${formOf(props.spec.unit).width}`}
      />
    </span>
  );
}
