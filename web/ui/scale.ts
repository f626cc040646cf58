/** Where a scale that starts at zero ends: a round number at or above the highest value. */
const DECIMAL_STEPS = [1, 2, 2.5, 5, 10];

export function roundTop(highest: number, least: number): number {
  const wanted = Math.max(highest, least);
  if (!(wanted > 0)) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(wanted));
  for (const step of DECIMAL_STEPS) if (wanted <= step * magnitude * 1.000_001) return step * magnitude;
  return 10 * magnitude;
}

/** The same for bytes: powers of two, and one and a half of them. */
export function roundTopBytes(highest: number, least: number): number {
  const wanted = Math.max(highest, least, 1);
  const magnitude = 2 ** Math.floor(Math.log2(wanted));
  for (const step of [1, 1.5, 2]) if (wanted <= step * magnitude) return step * magnitude;
  return 2 * magnitude;
}

/** Shares keep to a few tops, so that a scale seldom changes under one's eyes. */
export function roundTopPercent(highest: number, least: number): number {
  const wanted = Math.max(highest, least);
  for (const top of [1, 5, 10, 25, 50]) if (wanted <= top) return top;
  return 100;
}
