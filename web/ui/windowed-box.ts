import { type Accessor, createMemo, createSignal } from "solid-js";
import type { Span } from "./windowed.ts";

/** Rows drawn beyond each edge of the box. */
const BEYOND = 10;
/** The span moves in steps, so that not every pixel costs work. */
const STEP = 5;

/** Which rows of a long list are worth drawing where it scrolls in a box of its own; tell `look` of each scroll. */
export function createWindowedBox(
  rowHeight: number,
  count: Accessor<number>,
): { span: Accessor<Span>; look: (box: HTMLElement) => void } {
  const [edges, setEdges] = createSignal({ top: 0, height: 400 });
  const span = createMemo(
    () => {
      const { top, height } = edges();
      const from = Math.max(0, Math.floor(top / rowHeight / STEP) * STEP - BEYOND);
      const to = Math.ceil((top + height) / rowHeight / STEP) * STEP + BEYOND;
      return { from: Math.min(from, Math.max(0, count() - 1)), to: Math.min(count(), to) };
    },
    undefined,
    { equals: (a, b) => a.from === b.from && a.to === b.to },
  );
  return { span, look: (box) => setEdges({ top: box.scrollTop, height: box.clientHeight }) };
}
