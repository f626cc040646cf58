/**
 * Text cut to what a service takes: at most so long, never in the middle of a character, and with an
 * ellipsis where something is missing.
 */

const ELLIPSIS = "…";

/** Counted the way JavaScript and most services do, in UTF-16 units. */
export function fit(text: string, most: number): string {
  return text.length <= most ? text : cutAt(text, most - ELLIPSIS.length) + ELLIPSIS;
}

/** Counted in bytes of UTF-8. */
export function fitBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const room = most - Buffer.byteLength(ELLIPSIS);
  let bytes = 0;
  let units = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    units += character.length;
  }
  return cutAt(text, units) + ELLIPSIS;
}

/** As many whole lines as fit; the last one says how many are missing. */
export function fitLines(lines: readonly string[], most: number): string {
  const whole = lines.join("\n");
  if (whole.length <= most) return whole;
  let kept = "";
  for (const [index, line] of lines.entries()) {
    const left = lines.length - index;
    const more = `${ELLIPSIS} ${left} more ${left === 1 ? "line" : "lines"}`;
    const next = kept === "" ? line : `${kept}\n${line}`;
    if (next.length + 1 + more.length > most) return kept === "" ? fit(line, most) : `${kept}\n${more}`;
    kept = next;
  }
  return kept;
}

/** Half of a pair says nothing, and what joins to the next character has lost it. */
function cutAt(text: string, units: number): string {
  return text
    .slice(0, Math.max(0, units))
    .replace(/[\ud800-\udbff]$/, "")
    .replace(/[\s\u200d]+$/, "");
}
