/** Lengths of time as people write them: "90 s", "24 h", "1 day". Pure. */

const UNITS: [names: RegExp, ms: number, shown: string][] = [
  [/^(?:s|sec|seconds?)?$/, 1_000, "s"],
  [/^(?:m|min|minutes?)$/, 60_000, "min"],
  [/^(?:h|hours?)$/, 3_600_000, "h"],
  [/^(?:d|days?)$/, 86_400_000, "d"],
];

/** Milliseconds; undefined when it is no length of time. A number alone is seconds. */
export function findSpan(text: string): number | undefined {
  const [, number = "", name = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const unit = number ? UNITS.find(([names]) => names.test(name.toLowerCase())) : undefined;
  return unit && Math.round(Number(number) * unit[1]);
}

/** In the largest unit that leaves no fraction. */
export function spanText(ms: number): string {
  const [, size = 1_000, shown = "s"] = UNITS.findLast(([, unit]) => ms >= unit && ms % unit === 0) ?? [];
  return `${ms / size} ${shown}`;
}
