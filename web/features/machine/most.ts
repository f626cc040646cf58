import type { ChartLine, ChartSpec } from "./charts.ts";
import { type History, seriesKey } from "./history-answers.ts";

/** Colours that can be told apart in a stack, and those again, lighter; grey is for the rest. */
const COLORS = [0, 1, 3, 4, 5];
export const MOST_SHOWN = 8;

/**
 * Which place in the palette each line of a page has, by its id. One keeps the colour it had first, whatever is
 * shown beside it, as long as nobody else in the same chart has it.
 */
export class Palette {
  readonly #places = new Map<string, number>();

  /** A place for each of a few that are shown together. */
  placesOf(ids: readonly string[]): number[] {
    const taken = new Set<number>();
    for (const id of ids) {
      const place = this.#places.get(id);
      if (place !== undefined && taken.has(place)) this.#places.delete(id);
      else if (place !== undefined) taken.add(place);
    }
    return ids.map((id) => {
      let place = this.#places.get(id);
      if (place === undefined) {
        place = 0;
        while (taken.has(place)) place += 1;
        taken.add(place);
        this.#places.set(id, place);
      }
      return place;
    });
  }
}

/** The chart with the few lines that were highest on average, one for all others, the highest below. */
export function mostOf(spec: ChartSpec, history: History, palette: Palette): ChartSpec {
  const ranked = spec.lines
    .map((line) => ({ line, mean: meanOf(line, history) }))
    .filter((each): each is { line: ChartLine; mean: number } => each.mean !== undefined)
    .sort((a, b) => b.mean - a.mean)
    .map(({ line }) => line);
  /* A rest of one is not worth the name. */
  const shown = ranked.length === MOST_SHOWN + 1 ? ranked : ranked.slice(0, MOST_SHOWN);
  const places = palette.placesOf(shown.map(idOf));
  const lines = shown.map((line, index): ChartLine => {
    const place = places[index] ?? 0;
    return { ...line, color: COLORS[place % COLORS.length] ?? 0, light: place >= COLORS.length };
  });
  const rest = ranked.slice(shown.length);
  if (rest.length > 0) {
    const sources = rest.flatMap((line) => line.sources);
    lines.push({ label: `${rest.length} others`, sources, color: REST_COLOR });
  }
  return { ...spec, lines };
}

const REST_COLOR = 2;

function idOf({ sources }: ChartLine): string {
  return sources[0]?.resourceId ?? "";
}

/** Over the whole window: what was there for an hour of a day weighs as much as an hour of it. */
function meanOf({ sources }: ChartLine, history: History): number | undefined {
  let total: number | undefined;
  for (const { resourceId, metric } of sources) {
    const values = history.get(seriesKey(resourceId, metric))?.avg ?? [];
    let sum = 0;
    let isKnown = false;
    for (const value of values) {
      if (value === null) continue;
      sum += value;
      isKnown = true;
    }
    if (isKnown) total = (total ?? 0) + sum / values.length;
  }
  return total;
}
