/** Figures as people read them: a median and how far the runs lie apart. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place % 1);
}

/** `median (10th to 90th of a hundred)` */
export function spread(values: readonly number[], digits = 1): string {
  if (values.length === 0) return "-";
  const show = (share: number) => quantile(values, share).toFixed(digits);
  return `${show(0.5)} (${show(0.1)}-${show(0.9)})`;
}

export function printTable(title: string, columns: string[], rows: (string | number)[][]): void {
  const cells = [columns, ...rows.map((row) => row.map(String))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  "),
  );
  console.log(
    [title, "", lines[0], widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1), ""].join(
      "\n",
    ),
  );
}
