import type uPlot from "uplot";

/**
 * Moving through time with the hand, over a plot. Ctrl and wheel, which is also what two fingers on a trackpad send when
 * they spread, zooms around the pointer, as maps do; without Ctrl the wheel scrolls the page, and sideways it moves the
 * window. Dragged with Shift the window follows the mouse. On a screen one finger that moves sideways drags the
 * window and two stretch it; up and down stays the page's (`touch-action: pan-y` in the style).
 */
export interface GestureManner {
  /** While the hand moves, and once more when it is known to have come to rest. */
  onMove: (from: number, to: number, isLast: boolean) => void;
}

/** How much a wheel zooms per pixel it would have scrolled; a notch of a mouse is a hundred or so. */
const ZOOM_PER_PIXEL = 0.003;
const PIXELS_PER_LINE = 16;
/** One event zooms no further: some wheels send a screenful at once. */
const PIXELS_MOST = 200;
/** Less is a tap. */
const DRAG_LEAST_PX = 8;

export function attachGestures(plot: uPlot, { onMove }: GestureManner): () => void {
  const { over } = plot;
  const gone = new AbortController();
  const bounds = () => ({ from: plot.scales["x"]?.min ?? 0, to: plot.scales["x"]?.max ?? 1 });
  const box = () => over.getBoundingClientRect();

  const onWheel = (event: WheelEvent) => {
    const { from, to } = bounds();
    const { left, width } = box();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? PIXELS_PER_LINE : 1;
    const [x, y] = [event.deltaX * pixels, event.deltaY * pixels];
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const factor = Math.exp(Math.min(PIXELS_MOST, Math.max(-PIXELS_MOST, y)) * ZOOM_PER_PIXEL);
      const at = from + ((event.clientX - left) / width) * (to - from);
      onMove(at - (at - from) * factor, at + (to - at) * factor, false);
    } else if (Math.abs(x) > Math.abs(y)) {
      event.preventDefault();
      const by = (x / width) * (to - from);
      onMove(from + by, to + by, false);
    }
  };

  /** Fingers on the plot, by the time that was under each when the gesture began. */
  const held = new Map<number, { x: number; at: number }>();
  let began = 0;
  let isMoving = false;
  const hold = () => {
    const { from, to } = bounds();
    const { left, width } = box();
    for (const finger of held.values()) finger.at = from + ((finger.x - left) / width) * (to - from);
  };
  const onDown = (event: PointerEvent) => {
    const takes = event.pointerType === "touch" || (event.pointerType === "mouse" && event.shiftKey);
    if (!takes || held.size === 2) return;
    if (held.size === 0) began = event.clientX;
    held.set(event.pointerId, { x: event.clientX, at: 0 });
    over.setPointerCapture(event.pointerId);
    hold();
  };
  const onPointerMove = (event: PointerEvent) => {
    const finger = held.get(event.pointerId);
    if (!finger) return;
    finger.x = event.clientX;
    isMoving ||= held.size === 2 || Math.abs(event.clientX - began) >= DRAG_LEAST_PX;
    if (!isMoving) return;
    const { from, to } = bounds();
    const { left, width } = box();
    const [one, other] = [...held.values()];
    if (!one) return;
    // Time per pixel: as it is with one finger, and so that both times stay under their fingers with two.
    const apart = other && Math.abs(other.x - one.x) >= DRAG_LEAST_PX && other.at !== one.at;
    const perPixel = apart ? (other.at - one.at) / (other.x - one.x) : (to - from) / width;
    if (!(perPixel > 0)) return;
    const start = one.at - (one.x - left) * perPixel;
    onMove(start, start + width * perPixel, false);
  };
  const onUp = (event: PointerEvent) => {
    if (!held.delete(event.pointerId)) return;
    hold();
    if (held.size > 0 || !isMoving) return;
    isMoving = false;
    const { from, to } = bounds();
    onMove(from, to, true);
  };

  const { signal } = gone;
  over.dataset["moves"] = "";
  over.addEventListener("wheel", onWheel, { passive: false, signal });
  over.addEventListener("pointerdown", onDown, { signal });
  over.addEventListener("pointermove", onPointerMove, { signal });
  over.addEventListener("pointerup", onUp, { signal });
  over.addEventListener("pointercancel", onUp, { signal });
  return () => gone.abort();
}
