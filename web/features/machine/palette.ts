import type { ChartSpec } from "./charts.ts";

const COLORS = ["--data-1", "--data-2", "--data-3", "--data-4", "--data-5", "--data-6"];
const SWATCHES = ["bg-data-1", "bg-data-2", "bg-data-3", "bg-data-4", "bg-data-5", "bg-data-6"];

/** The colour of a line, by its place among those that are drawn. */
export function colorOf({ form, lines }: ChartSpec, index: number, place: number): string {
  if (form === "heat") return "--data-1";
  return COLORS[(lines[index]?.color ?? place) % COLORS.length] ?? "--data-1";
}

export function swatchOf({ lines }: ChartSpec, index: number, place: number): string {
  const swatch = SWATCHES[(lines[index]?.color ?? place) % SWATCHES.length] ?? "bg-data-1";
  return lines[index]?.light ? `${swatch} opacity-55` : swatch;
}
