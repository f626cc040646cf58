import type uPlot from "uplot";
import { clock, clockWithSeconds, day, monthAndYear } from "./format.ts";
import { drawLimits, drawMarks, drawStretches, type PlotLimit, type PlotMark } from "./plot-marks.ts";

/** How our charts look and behave, as options of uPlot. Times are epoch milliseconds. */
export interface PlotLine {
  color: string;
  dash?: number[];
  /** A lighter shade of the colour. */
  light?: boolean;
}

/** What the columns of the data mean; a plot of one shape cannot draw the data of another. */
export interface PlotShape {
  lines: PlotLine[];
  form: "lines" | "stack" | "heat";
  banded: boolean;
  /** Drawn faintly beside them, with nothing below: how it was at another time. */
  beside: PlotLine[];
}

export interface Drawing {
  shape: PlotShape;
  data: uPlot.AlignedData;
}

/** Asked anew whenever something is drawn. */
export interface PlotManner {
  /** Charts of the same key share their cursor. */
  cursorKey: string;
  top: (highest: number) => number;
  axisTexts: (values: number[]) => string[];
  rowNames: () => string[];
  onCursor: (index: number | null) => void;
  onReset: () => void;
  onZoom: (from: number, to: number) => void;
  /** The window follows a hand. */
  onMove: (from: number, to: number, isLast: boolean) => void;
  marks: () => readonly PlotMark[];
  limits: () => readonly PlotLimit[];
  color: (token: string) => string;
  /** Length of a step, for heat cells. */
  step: () => number;
}

type PlotForm = PlotShape & PlotManner;

export const AXIS_WIDTH = 66;
/** Half the width of a time below the axis, and of a month with its year. */
const TIME_TEXT_ROOM = 16;
const MONTH_TEXT_ROOM = 25;
const MONTH = 28 * 86_400_000;

export function plotOptions(form: PlotForm, width: number, height: number): uPlot.Options {
  const ink = () => form.color("--ink-3");
  const grid = { stroke: () => form.color("--grid"), width: 1 };
  let detach = () => {};
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 5 },
      points:
        form.form === "lines"
          ? { size: 6, width: 1.5, stroke: () => form.color("--surface") }
          : { show: false },
      // Only the place of the cursor is shared: a zoom is dragged in one chart and comes back as data.
      sync: {
        key: form.cursorKey,
        setSeries: false,
        filters: { pub: (type) => type === "mousemove" || type === "mouseleave" },
      },
      bind: {
        // With Shift the window is dragged, not a part of it chosen.
        mousedown: (_plot, _target, handle) => (event) => (event.shiftKey ? null : handle(event)),
        dblclick: () => () => {
          form.onReset();
          return null;
        },
      },
    },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_plot, _low, high) => [0, form.top(high ?? 0)] },
    },
    axes: [
      {
        stroke: ink,
        font: axisFont(),
        size: 24,
        gap: 4,
        space: 72,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        values: (plot, splits, _axis, _space, increment) => {
          const last = lastTimeText(plot, increment < MONTH ? TIME_TEXT_ROOM : MONTH_TEXT_ROOM);
          return splits.map((at) => (at > last ? "" : timeText(at, increment)));
        },
      },
      {
        stroke: ink,
        font: axisFont(),
        size: AXIS_WIDTH,
        gap: 8,
        space: 30,
        grid: form.form === "heat" ? { show: false } : grid,
        ticks: { show: false },
        // Zero, the top and half of it: enough to read a height by, and always round.
        splits: (_plot, _axis, low, high) => (form.form === "heat" ? [] : [low, (low + high) / 2, high]),
        values: (_plot, splits) => form.axisTexts(splits),
      },
    ],
    series: [{}, ...seriesOf(form)],
    bands: bandsOf(form),
    hooks: {
      setCursor: [(plot) => form.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: dragged } = plot.select;
          if (dragged < 5) return;
          form.onZoom(plot.posToVal(left, "x"), plot.posToVal(left + dragged, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      drawClear: [(plot) => drawStretches(plot, form.marks(), form.color)],
      draw: [
        ...(form.form === "heat" ? [(plot: uPlot) => drawHeat(plot, form)] : []),
        (plot) => drawLimits(plot, form.limits(), form.color),
        (plot) => drawMarks(plot, form.marks(), form.color),
      ],
      ready: [
        (plot) => {
          detach = whenTouched(plot, form);
        },
      ],
      destroy: [() => detach()],
    },
  };
}

const HAS_FINGERS = matchMedia("(pointer: coarse)");

/** What follows a hand is fetched when one comes near; a finger is there without having come. */
function whenTouched(plot: uPlot, form: PlotForm): () => void {
  const gone = new AbortController();
  let detach = () => {};
  const attach = async () => {
    const { attachGestures } = await import("./plot-gestures.ts");
    if (!gone.signal.aborted) detach = attachGestures(plot, form);
  };
  const begin = () => {
    // Where it cannot be fetched any more, everything else on the plot still works.
    attach().catch(() => {});
  };
  if (HAS_FINGERS.matches) begin();
  else plot.over.addEventListener("pointerenter", begin, { once: true, signal: gone.signal });
  return () => {
    gone.abort();
    detach();
  };
}

function axisFont(): string {
  return `11px ${getComputedStyle(document.body).fontFamily}`;
}

/** Up to which time a text below it is not cut off at the right edge. */
function lastTimeText({ scales, width }: uPlot, room: number): number {
  const { min = 0, max = 0 } = scales["x"] ?? {};
  return (max ?? 0) - (((max ?? 0) - (min ?? 0)) * room) / (width - AXIS_WIDTH);
}

function timeText(at: number, increment: number): string {
  const date = new Date(at);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (increment >= MONTH) return monthAndYear(at);
  if (increment >= 86_400_000 || midnight) return day(at);
  return increment < 60_000 ? clockWithSeconds(at) : clock(at);
}

/** Series after the x axis: the lines, where there is a band lowest and highest of each, and what is beside them. */
function seriesOf({ lines, form, banded, beside, color }: PlotForm): uPlot.Series[] {
  const drawn = lines.map((line, index): uPlot.Series => {
    if (form === "heat") return { show: true, paths: () => null, points: { show: false } };
    return {
      stroke: () => color(line.color),
      // A layer of a stack is its area: an outline would show where there is nothing.
      width: form === "stack" ? 0 : 1.5,
      ...(line.dash ? { dash: line.dash } : {}),
      ...((form === "stack" && index === 0) || (form === "lines" && lines.length === 1)
        ? { fill: () => faded(color(line.color), form === "stack" ? layerAlpha(line) : 0.1) }
        : {}),
      points: { show: true, size: 3, filter: lonePoints },
    };
  });
  const faint = beside.map(
    (line): uPlot.Series => ({
      stroke: () => faded(color(line.color), 0.85),
      width: 1.25,
      dash: line.dash ?? [3, 3],
      points: { show: false },
    }),
  );
  if (!banded || form !== "lines") return [...drawn, ...faint];
  const edge: uPlot.Series = { width: 0, points: { show: false } };
  return [...drawn, ...lines.map(() => edge), ...lines.map(() => edge), ...faint];
}

function bandsOf({ lines, form, banded, color }: PlotForm): uPlot.Band[] {
  if (form === "stack") {
    return lines.slice(1).map((line, index) => ({
      series: [index + 2, index + 1],
      fill: () => faded(color(line.color), layerAlpha(line)),
    }));
  }
  if (!banded || form === "heat") return [];
  const count = lines.length;
  return lines.map((line, index) => ({
    series: [1 + 2 * count + index, 1 + count + index],
    fill: () => faded(color(line.color), 0.16),
  }));
}

/** A value between two gaps has no line; it shows as a dot. */
function lonePoints(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] ?? [];
  const lone: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const known = values[index] !== null && values[index] !== undefined;
    if (known && isGap(values[index - 1]) && isGap(values[index + 1])) lone.push(index);
  }
  return lone;
}

function isGap(value: number | null | undefined): boolean {
  return value === null || value === undefined;
}

function layerAlpha({ light }: PlotLine): number {
  return light ? 0.45 : 0.75;
}

export function faded(color: string, alpha: number): string {
  return color.replace(")", ` / ${alpha})`);
}

/** One row of cells per line: the stronger the colour, the nearer to `top`. */
function drawHeat(plot: uPlot, { lines, color, top, step, rowNames }: PlotForm): void {
  const { ctx, bbox } = plot;
  const times = plot.data[0] ?? [];
  const rowHeight = bbox.height / Math.max(1, lines.length);
  const full = top(0);
  const gap = Math.min(1, rowHeight / 6) * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  lines.forEach((line, row) => {
    const y = bbox.top + row * rowHeight;
    ctx.fillStyle = color("--grid");
    ctx.globalAlpha = 0.5;
    ctx.fillRect(bbox.left, y, bbox.width, rowHeight - gap);
    ctx.fillStyle = color(line.color);
    for (let index = 0; index < times.length; index += 1) {
      let value = plot.data[row + 1]?.[index];
      // A single missing report is no gap: the cell before it stays.
      if (value === undefined) value = plot.data[row + 1]?.[index - 1];
      if (value === null || value === undefined) continue;
      const left = Math.round(plot.valToPos(times[index] ?? 0, "x", true));
      const right = Math.round(plot.valToPos((times[index] ?? 0) + step(), "x", true));
      ctx.globalAlpha = 0.04 + 0.96 * Math.min(1, value / full) ** 0.8;
      ctx.fillRect(left, y, right - left, rowHeight - gap);
    }
  });
  ctx.restore();
  drawRowNames(plot, rowHeight, rowNames(), color("--ink-3"));
}

function drawRowNames(plot: uPlot, rowHeight: number, names: string[], ink: string): void {
  const { ctx, bbox } = plot;
  const every = Math.max(1, Math.ceil((13 * devicePixelRatio) / rowHeight));
  ctx.save();
  ctx.fillStyle = ink;
  ctx.font = axisFont().replace("11px", `${11 * devicePixelRatio}px`);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  names.forEach((name, row) => {
    if (row % every === 0)
      ctx.fillText(name, bbox.left - 8 * devicePixelRatio, bbox.top + (row + 0.5) * rowHeight);
  });
  ctx.restore();
}
