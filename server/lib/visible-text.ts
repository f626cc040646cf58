/**
 * JSON from a machine that may be anybody's: what cannot be seen is taken out of every text in it, so
 * that no name moves a terminal's cursor, ends a log line early or reads from right to left.
 */

/** What is taken out, written as it is, or the beginning of how JSON writes it. */
const SUSPECT = /[\p{Cf}\p{Cs}\u007f-\u009f\u2028\u2029]|\\[bfru]/u;
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** Half of a pair says nothing. */
const LONE = /\p{Cs}/gu;

/** Parses it; throws what `JSON.parse` throws. */
export function withoutControls(json: string): unknown {
  if (!SUSPECT.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value === "string") return visible(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, held]) => [visible(name), held]));
  });
}

function visible(text: string): string {
  return text.replace(CONTROLS, "").replace(LONE, "\ufffd");
}
