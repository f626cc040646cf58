import { createSignal, type JSX, lazy, Show, Suspense } from "solid-js";
import { Button } from "../../ui/button.tsx";
import { clock, clockWithSeconds, date, day } from "../../ui/format.ts";
import { CalendarIcon, NextIcon, PreviousIcon, ZoomOutIcon } from "../../ui/icons.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Select } from "../../ui/select.tsx";
import type { TimeNavigation } from "./time-window.ts";
import {
  type Bounds,
  COMPARISONS,
  type ComparisonId,
  RANGES,
  type RangeId,
  type TimeWindow,
} from "./window.ts";

const ChooseTimes = lazy(async () => ({ default: (await import("./choose-times.tsx")).ChooseTimes }));

interface RangeBarProps {
  time: TimeNavigation;
  shown: Bounds;
  /** The time under the cursor. */
  hovered: number | undefined;
  /** Somebody is about to go there. */
  onForesee?: (window: TimeWindow) => void;
  /** What the page's own time is called, where it is no range. */
  home?: string | undefined;
  /** Neither live nor beside another time. */
  plain?: boolean;
  /** What else can be done with the time shown. */
  children?: JSX.Element;
}

const HALF = 0.5;
const DAY = 86_400_000;

/** Which time the charts show; stays in sight while one scrolls through them. */
export function RangeBar(props: RangeBarProps) {
  const [choosing, setChoosing] = createSignal(false);
  const window = () => props.time.window();
  const labelOf = (range: RangeId) => RANGES.find(({ id }) => id === range)?.label ?? "";
  const ranges = () => RANGES.filter(({ id }) => !(props.plain && id === "live"));
  const rangeShown = () => (window().fixed ? undefined : window().range);
  const foresee = (range: RangeId) => {
    const spanMs = RANGES.find(({ id }) => id === range)?.ms;
    if (spanMs !== undefined && range !== rangeShown()) props.onForesee?.({ range, spanMs });
  };
  const back = () => `Back to ${props.home ?? labelOf(window().range)}`;
  const chooseFromList = (value: string) => {
    if (value === OTHER) setChoosing(true);
    else if (value !== SHOWN) props.time.choose(value as RangeId);
  };
  return (
    <div class="sticky top-12 z-10 -mx-4 mt-6 flex min-h-12 flex-nowrap items-center gap-x-1.5 border-b border-line bg-page px-4 py-2 sm:gap-x-2 wide:top-(--banner) wide:-mx-8 wide:px-8">
      <Step name="Earlier" time={props.time} share={-HALF} onForesee={props.onForesee} />
      <div class="hidden lg:block">
        <Segments
          label="Range"
          value={rangeShown()}
          onChoose={props.time.choose}
          onNear={foresee}
          options={ranges().map(({ id, label }) => ({ value: id, label }))}
        />
      </div>
      <div class="min-w-0 w-22 sm:w-26 lg:hidden">
        <Select
          bare
          label="Range"
          value={rangeShown() ?? SHOWN}
          onChoose={chooseFromList}
          options={[
            ...(window().fixed ? [{ value: SHOWN, label: "Zoomed" }] : []),
            ...ranges().map(({ id, label }) => ({ value: id, label })),
            { value: OTHER, label: "From … to …" },
          ]}
        />
      </div>
      <Step
        name="Later"
        time={props.time}
        share={HALF}
        disabled={!window().fixed}
        onForesee={props.onForesee}
      />
      <Show when={!props.plain}>
        <div class="w-33 min-w-0 max-sm:flex-1 sm:shrink-0">
          <Select
            bare
            label="Compare with the same time"
            value={props.time.comparison()?.id ?? NOTHING}
            onChoose={(value) => props.time.compare(value === NOTHING ? undefined : (value as ComparisonId))}
            options={[
              { value: NOTHING, label: "Compare" },
              ...COMPARISONS.map(({ id, label }) => ({ value: id, label: `vs ${label}` })),
            ]}
          />
        </div>
      </Show>
      <Show when={props.time.isAway()}>
        <Button look="quiet" aria-label={back()} title={back()} onClick={props.time.reset}>
          <ZoomOutIcon />
          <span class="max-2xl:hidden">{back()}</span>
        </Button>
      </Show>
      <button
        type="button"
        aria-label={`Times shown: ${words(props.shown)}. Choose others`}
        title="Choose from when to when"
        onClick={() => setChoosing(true)}
        class="-mr-2 ml-auto hidden h-8 min-w-0 items-center gap-2 rounded-md px-2 text-sm text-ink-2 hover:bg-hover hover:text-ink sm:flex"
      >
        <span class="truncate">
          <Show when={props.hovered} fallback={words(props.shown)}>
            {(at) => <span class="text-ink">{`${day(at())}, ${clockWithSeconds(at())}`}</span>}
          </Show>
        </span>
        <CalendarIcon class="text-ink-3" />
      </button>
      {props.children}
      <Suspense>
        <Show when={choosing()}>
          <ChooseTimes shown={props.shown} onChoose={props.time.show} onClose={() => setChoosing(false)} />
        </Show>
      </Suspense>
    </div>
  );
}

/** Choices of the list that are no range. */
const SHOWN = "shown";
const OTHER = "other";
const NOTHING = "nothing";

interface StepProps {
  name: "Earlier" | "Later";
  time: TimeNavigation;
  share: number;
  disabled?: boolean;
  onForesee: ((window: TimeWindow) => void) | undefined;
}

function Step(props: StepProps) {
  const foresee = () => {
    if (!props.disabled) props.onForesee?.(props.time.after(props.share));
  };
  return (
    <button
      type="button"
      aria-label={props.name}
      title={`${props.name} (${props.share < 0 ? "←" : "→"})`}
      disabled={props.disabled}
      onClick={() => props.time.move(props.share)}
      onPointerEnter={foresee}
      onFocus={foresee}
      class="inline-flex size-8 shrink-0 items-center justify-center rounded-md border border-line bg-surface text-ink-2 transition-colors hover:text-ink disabled:opacity-45"
    >
      {props.share < 0 ? <PreviousIcon /> : <NextIcon />}
    </button>
  );
}

/** As short as it can be and still say which day, and in long windows which year. */
function words({ from, to }: Bounds): string {
  const span = to - from;
  if (span > 300 * DAY) return `${date(from)} – ${date(to)}`;
  if (span > 20 * DAY) return `${day(from)} – ${day(to)}`;
  const time = (at: number) => (span < DAY / 48 ? clockWithSeconds(at) : clock(at));
  const isPast = Date.now() - to > DAY / 2;
  if (span > (20 * DAY) / 24) return `${day(from)}, ${time(from)} – ${day(to)}, ${time(to)}`;
  return isPast ? `${day(from)}, ${time(from)} – ${time(to)}` : `${time(from)} – ${time(to)}`;
}
