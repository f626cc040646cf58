import type uPlot from "uplot";

/** Something that happened: a moment, or with `until` a stretch of time. */
export interface PlotMark {
  at: number;
  until?: number;
  /** What is drawn has to do with it: a stretch of time is tinted. */
  isTinted: boolean;
  color: string;
}

/** From where on a value is too much, or too little. */
export interface PlotLimit {
  value: number;
  color: string;
}

/** Of the foot a mark stands on, at the time axis, in CSS pixels; a bar lies below a line along zero. */
const FOOT = { width: 9, height: 6, bar: 3, below: 3 };
const TINT = 0.1;

/** Below what is drawn: stretches of time, tinted. */
export function drawStretches(
  plot: uPlot,
  marks: readonly PlotMark[],
  color: (token: string) => string,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = TINT;
  for (const mark of marks) {
    const reach = mark.until === undefined || !mark.isTinted ? undefined : reachOf(plot, mark);
    ctx.fillStyle = color(mark.color);
    if (reach) ctx.fillRect(reach.left, bbox.top, reach.width, bbox.height);
  }
  ctx.restore();
}

/** Over it: a fine line with a foot for a moment, a bar below the axis for what lasted. */
export function drawMarks(plot: uPlot, marks: readonly PlotMark[], color: (token: string) => string): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.lineWidth = pixel;
  ctx.setLineDash([2 * pixel, 3 * pixel]);
  for (const mark of marks) {
    ctx.fillStyle = color(mark.color);
    ctx.strokeStyle = ctx.fillStyle;
    const reach = reachOf(plot, mark);
    if (!reach) continue;
    if (mark.until !== undefined) {
      ctx.fillRect(reach.left, bottom + FOOT.below * pixel, reach.width, FOOT.bar * pixel);
      continue;
    }
    ctx.globalAlpha = 0.75;
    ctx.beginPath();
    ctx.moveTo(reach.left + pixel / 2, bbox.top);
    ctx.lineTo(reach.left + pixel / 2, bottom);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.moveTo(reach.left - (FOOT.width / 2) * pixel, bottom);
    ctx.lineTo(reach.left + (FOOT.width / 2) * pixel, bottom);
    ctx.lineTo(reach.left, bottom - FOOT.height * pixel);
    ctx.fill();
  }
  ctx.restore();
}

/** Dashed, where the scale reaches so far. */
export function drawLimits(
  plot: uPlot,
  limits: readonly PlotLimit[],
  color: (token: string) => string,
): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio;
  ctx.save();
  ctx.lineWidth = pixel;
  ctx.setLineDash([5 * pixel, 4 * pixel]);
  for (const limit of limits) {
    const y = Math.round(plot.valToPos(limit.value, "y", true)) + pixel / 2;
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = color(limit.color);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** What of it is on show, in pixels of the canvas; however short, it can be seen. */
function reachOf(plot: uPlot, { at, until = at }: PlotMark): { left: number; width: number } | undefined {
  const { left, width } = plot.bbox;
  const start = Math.round(plot.valToPos(at, "x", true));
  const end = Math.round(plot.valToPos(until, "x", true));
  if (end < left || start > left + width) return undefined;
  const shown = Math.max(start, left);
  return { left: shown, width: Math.max(FOOT.bar * devicePixelRatio, Math.min(end, left + width) - shown) };
}
