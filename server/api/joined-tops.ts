import { type HistoryTop, type HistoryTopInput, type Ranked, TOP_LIMITS } from "../contract/history.ts";

/** One ranking of several, each of other resources; what two of them have, because it is shared twice, is in it once. */
export function joinedTops(
  tops: readonly [HistoryTop, ...HistoryTop[]],
  { by = "avg", limit = TOP_LIMITS.standard }: Pick<HistoryTopInput, "by" | "limit">,
): HistoryTop {
  const keyOf = (ranked: Ranked) => ranked[by] ?? 0;
  const all = new Map(tops.flatMap(({ ranking }) => ranking).map((one) => [one.resourceId, one]));
  const ranking = [...all.values()]
    .sort((a, b) => keyOf(b) - keyOf(a) || (a.resourceId < b.resourceId ? -1 : 1))
    .slice(0, limit);
  const sum = (name: "found" | "considered" | "measured") => tops.reduce((all, top) => all + top[name], 0);
  const known = new Map(tops.flatMap(({ series }) => series ?? []).map((one) => [one.resourceId, one]));
  const series = ranking.flatMap(({ resourceId }) => known.get(resourceId) ?? []);
  const [{ metric, unit, series: asked }] = tops;
  return {
    metric,
    unit,
    found: sum("found"),
    considered: sum("considered"),
    measured: sum("measured"),
    ranking,
    ...(asked && { series }),
  };
}
