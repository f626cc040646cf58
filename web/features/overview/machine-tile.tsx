import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { nowByMinute } from "../../state/clock.ts";
import { Figure } from "../../ui/figure.tsx";
import {
  bytesPerSecond,
  celsius,
  duration,
  type Figure as FigureValue,
  percent,
  ratio,
} from "../../ui/format.ts";
import { type Level, Meter } from "../../ui/meter.tsx";
import { roundTopPercent } from "../../ui/scale.ts";
import { createSeen } from "../../ui/seen.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import type { MachineFigures } from "./figures.ts";
import { isCurrent, MachineMark, MachineWord } from "./machine-status.tsx";
import { FILESYSTEM_LEVELS, levelOf, MEMORY_LEVELS } from "./problems.ts";
import { createRecent, RECENT_MS } from "./recent.ts";

export function MachineTile(props: { machine: Resource; figures: MachineFigures }) {
  let element: HTMLAnchorElement | undefined;
  const figures = () => props.figures;
  const recent = createRecent(
    () => props.machine,
    ["cpu_percent"],
    createSeen(() => element),
  );
  const cpu = () => recent().get("cpu_percent");
  const end = () => Math.max(props.machine.lastSeenAt, nowByMinute());
  return (
    <A
      ref={element}
      href={`/machines/${props.machine.id}`}
      class="tile block rounded-lg border border-line bg-surface px-4 pt-3 pb-3.5 transition-colors hover:border-line-strong"
    >
      <div class="flex items-center gap-2">
        <MachineMark machine={props.machine} />
        <h3 class="min-w-0 flex-1 truncate font-medium" title={props.machine.name}>
          {props.machine.name}
        </h3>
        <ResourceOrigin resource={props.machine} short />
        {isCurrent(props.machine) ? (
          <span class="text-xs text-ink-3" title="Up for">
            {duration(figures().uptime)}
          </span>
        ) : (
          <MachineWord machine={props.machine} />
        )}
      </div>
      <div classList={{ old: !isCurrent(props.machine) }}>
        <Sparkline
          label="CPU, last hour"
          class="mt-2.5 h-8 w-full"
          times={cpu()?.times ?? []}
          values={cpu()?.avg ?? []}
          from={end() - RECENT_MS}
          to={end()}
          top={roundTopPercent(Math.max(0, ...(cpu()?.avg ?? []).map(Number)), 50)}
        />
        <div class="mt-2.5 grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1">
          <Share label="CPU" value={figures().cpu} level="fine" />
          <Share label="Memory" value={figures().memory} level={levelOf(figures().memory, MEMORY_LEVELS)} />
          <Share label="Disk" value={figures().disk} level={levelOf(figures().disk, FILESYSTEM_LEVELS)} />
        </div>
        <dl class="mt-2.5 grid grid-cols-2 gap-x-5 gap-y-0.5 border-t border-line pt-2.5 text-sm">
          <Small label="In" value={bytesPerSecond(figures().receive)} />
          <Small label="Load" value={ratio(figures().load)} />
          <Small label="Out" value={bytesPerSecond(figures().transmit)} />
          <Small label="Temp" value={celsius(figures().temperature)} />
        </dl>
      </div>
    </A>
  );
}

function Share(props: { label: string; value: number | undefined; level: Level }): JSX.Element {
  return (
    <>
      <span class="text-sm text-ink-2">{props.label}</span>
      <Meter percent={props.value} level={props.level} />
      <Figure value={percent(props.value)} class="min-w-13 text-right" />
    </>
  );
}

function Small(props: { label: string; value: FigureValue }) {
  return (
    <div class="flex justify-between gap-2">
      <dt class="text-ink-3">{props.label}</dt>
      <dd>
        <Figure value={props.value} />
      </dd>
    </div>
  );
}
