import { useSearchParams } from "@solidjs/router";
import { type Accessor, createComputed, createMemo, createSignal, on, onCleanup } from "solid-js";
import { serverNow } from "../../state/live.ts";
import { isTyping, onKey } from "../../ui/keyboard.ts";
import {
  type Bounds,
  type Change,
  type Comparison,
  type ComparisonId,
  comparisonOf,
  moved,
  type Query,
  type RangeId,
  STANDARD_RANGE,
  type TimeWindow,
  toBounds,
  toRange,
  windowOf,
  within,
  zoomed,
} from "./window.ts";

/** The time a page shows, which stands in its address, and every way to another one. */
export interface TimeNavigation {
  window: Accessor<TimeWindow>;
  /** While a hand still moves: what is known already is drawn there, the rest is asked for when it rests. */
  glimpse: Accessor<Bounds | undefined>;
  comparison: Accessor<Comparison | undefined>;
  choose: (range: RangeId) => void;
  compare: (id: ComparisonId | undefined) => void;
  show: (bounds: Bounds) => void;
  /** Many small movements, one after the other. */
  look: (bounds: Bounds, isLast: boolean) => void;
  move: (share: number) => void;
  /** Where a step would lead to. */
  after: (share: number) => TimeWindow;
  /** Whether there is a way back: from a zoom, or to the page's own time. */
  isAway: Accessor<boolean>;
  reset: () => void;
}

/** After this long without another movement the hand rests. */
const RESTS_AFTER_MS = 160;
const STEP = 0.5;

/** `home`: what is shown where the address says nothing, in place of the usual range. */
export function createTimeNavigation(
  shown: Accessor<Bounds>,
  hovered: Accessor<number | undefined>,
  home: Accessor<Bounds | undefined> = () => undefined,
): TimeNavigation {
  const [query, setQuery] = useSearchParams();
  const window = createMemo(() => windowOf(query as Query, home()), undefined, { equals: isSame });
  const isAway = () => (home() ? !isSame(window().fixed, home()) : window().fixed !== undefined);
  const comparison = createMemo(() => comparisonOf(query as Query));
  const [glimpse, setGlimpse] = createSignal<Bounds>();
  let resting: ReturnType<typeof setTimeout> | undefined;
  createComputed(on(window, () => setGlimpse(undefined), { defer: true }));
  onCleanup(() => clearTimeout(resting));

  const here = () => glimpse() ?? shown();
  const go = (change: Change, replace: boolean) => {
    clearTimeout(resting);
    if (home() && change.from === undefined) change = { ...change, range: change.range ?? STANDARD_RANGE };
    if (isSame(windowOf({ ...query, ...change } as Query, home()), window())) setGlimpse(undefined);
    else setQuery(change, { scroll: false, replace });
  };
  const show = (bounds: Bounds) => {
    const now = serverNow();
    // The charts are there before the address says so: a second step begins where the first one led.
    setGlimpse(within(bounds, now));
    go(toBounds(bounds, window().range, now), isAway());
  };
  const look = (bounds: Bounds, isLast: boolean) => {
    setGlimpse(within(bounds, serverNow()));
    clearTimeout(resting);
    if (isLast) show(here());
    else resting = setTimeout(() => show(here()), RESTS_AFTER_MS);
  };
  const move = (share: number) => show(moved(here(), share, serverNow()));
  const zoom = (factor: number) => {
    const { from, to } = here();
    show(zoomed(here(), hovered() ?? (from + to) / 2, factor, serverNow()));
  };

  onKey((event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || isElsewhere(event)) return false;
    const act = KEYS[event.key];
    act?.(move, zoom);
    return act !== undefined;
  });

  return {
    window,
    glimpse,
    comparison,
    choose: (range) => go(toRange(range), true),
    compare: (id) => setQuery({ compare: id }, { scroll: false, replace: true }),
    show,
    look,
    move,
    after: (share) => {
      const now = serverNow();
      return windowOf(toBounds(moved(here(), share, now), window().range, now));
    },
    isAway,
    reset: () => {
      if (home()) setQuery({ range: undefined, from: undefined, to: undefined }, { scroll: false });
      else go(toRange(window().range), false);
    },
  };
}

type Act = (move: (share: number) => void, zoom: (factor: number) => void) => void;

const KEYS: Record<string, Act> = {
  ArrowLeft: (move) => move(-STEP),
  ArrowRight: (move) => move(STEP),
  "+": (_, zoom) => zoom(1 / 2),
  "=": (_, zoom) => zoom(1 / 2),
  "-": (_, zoom) => zoom(2),
};

/** What scrolls sideways itself, moves through choices, or lies above the page has its own use for arrows. */
function isElsewhere({ target }: KeyboardEvent): boolean {
  if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return true;
  return target instanceof Element && target.closest("[data-own-arrows], [role='listbox']") !== null;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
