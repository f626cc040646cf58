import { type Accessor, createMemo, createSignal, onCleanup, onMount } from "solid-js";

export interface Span {
  /** First row drawn, and the one after the last. */
  from: number;
  to: number;
}

/** Rows drawn beyond each edge of the screen: for a quick scroll, and for arrows to go on to. */
const BEYOND = 8;
/** The span moves in steps, so that not every pixel costs work. */
const STEP = 4;

/** So few are drawn whole: that costs less than to look where they are. */
const FEW = 40;

/** Which rows of one height are worth drawing where a list begins at `top` of the screen. */
export function spanOf(top: number, screen: number, rowHeight: number, count: number): Span {
  if (count <= FEW) return { from: 0, to: count };
  const first = Math.floor(-top / rowHeight / STEP) * STEP - BEYOND;
  const last = Math.ceil((screen - top) / rowHeight / STEP) * STEP + BEYOND;
  const from = Math.min(Math.max(0, first), Math.max(0, count - 1));
  return { from, to: Math.max(from, Math.min(count, last)) };
}

/** The rows of a long list that are on the screen, or nearly, as the page scrolls. */
export function createWindowed(
  place: () => HTMLElement | undefined,
  rowHeight: Accessor<number>,
  count: Accessor<number>,
): Accessor<Span> {
  const [edges, setEdges] = createSignal({ top: 0, screen: globalThis.innerHeight }, { equals: isSame });
  const look = () => {
    const box = place()?.getBoundingClientRect();
    if (box) setEdges({ top: box.top, screen: globalThis.innerHeight });
  };
  function isSame(a: { top: number; screen: number }, b: { top: number; screen: number }): boolean {
    const step = rowHeight() * STEP;
    const at = (value: number) => Math.floor(value / step);
    return at(a.top) === at(b.top) && at(a.screen - a.top) === at(b.screen - b.top);
  }
  onMount(() => {
    look();
    const gone = new AbortController();
    addEventListener("scroll", look, { passive: true, signal: gone.signal });
    addEventListener("resize", look, { passive: true, signal: gone.signal });
    onCleanup(() => gone.abort());
  });
  return createMemo(() => spanOf(edges().top, edges().screen, rowHeight(), count()), undefined, {
    equals: (a, b) => a.from === b.from && a.to === b.to,
  });
}
