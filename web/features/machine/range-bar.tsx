import { type JSX, Show } from "solid-js";
import { Button } from "../../ui/button.tsx";
import { clock, clockWithSeconds, day } from "../../ui/format.ts";
import { ZoomOutIcon } from "../../ui/icons.tsx";
import { Segments } from "../../ui/segments.tsx";
import { RANGES, type RangeId, type TimeWindow } from "./window.ts";

interface RangeBarProps {
  window: TimeWindow;
  from: number;
  to: number;
  /** The time under the cursor. */
  hovered: number | undefined;
  onRange: (range: RangeId) => void;
  onReset: () => void;
  /** What else can be done with the time shown. */
  children?: JSX.Element;
}

/** Which time the charts show; stays in sight while one scrolls through them. */
export function RangeBar(props: RangeBarProps) {
  const long = () => props.to - props.from > 20 * 3_600_000;
  const time = (at: number) => (props.to - props.from < 1_800_000 ? clockWithSeconds(at) : clock(at));
  const point = (at: number) => (long() ? `${day(at)}, ${clock(at)}` : time(at));
  return (
    <div class="sticky top-12 z-10 -mx-4 mt-6 flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-page px-4 py-2 wide:top-(--banner) wide:-mx-8 wide:px-8">
      <Segments
        label="Range"
        value={props.window.fixed ? undefined : props.window.range}
        onChoose={props.onRange}
        options={RANGES.map(({ id, label }) => ({ value: id, label }))}
      />
      <Show when={props.window.fixed}>
        <Button look="quiet" onClick={props.onReset}>
          <ZoomOutIcon />
          Back to {RANGES.find(({ id }) => id === props.window.range)?.label}
        </Button>
      </Show>
      {props.children}
      <span class="ml-auto hidden text-sm text-ink-2 sm:inline" aria-hidden="true">
        <Show when={props.hovered} fallback={`${point(props.from)} – ${point(props.to)}`}>
          {(at) => <span class="text-ink">{`${day(at())}, ${clockWithSeconds(at())}`}</span>}
        </Show>
      </span>
    </div>
  );
}
