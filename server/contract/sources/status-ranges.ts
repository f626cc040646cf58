/** "200-299,301": which answers of a web server are as expected. */

export type StatusRange = readonly [from: number, to: number];

/** Ranges in one text. */
const RANGES_LIMIT = 20;

/** Undefined for a text that is none. */
export function findStatusRanges(text: string): StatusRange[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > RANGES_LIMIT) return undefined;
  const ranges: StatusRange[] = [];
  for (const part of parts) {
    const [, from, to = from] = /^([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from)) return undefined;
    ranges.push([Number(from), Number(to)]);
  }
  return ranges;
}

export function isExpectedStatus(status: number, text: string): boolean {
  return (findStatusRanges(text) ?? []).some(([from, to]) => status >= from && status <= to);
}
