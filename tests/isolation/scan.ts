/** Looking for canaries in whatever leaves: as they are, and in every form they might be wrapped in. */
import type { Canary } from "./canaries.ts";

/** Most canaries begin alike, so a text without that beginning has none of them, in that form. */
const START_LENGTH = 5;

/** Every form of each, to the canary it gives away. */
export class Scanner {
  readonly #formsByStart = new Map<string, { form: string; canary: Canary }[]>();
  /** Most of what leaves is a refusal that has left before. */
  readonly #known = new Map<string, Set<Canary>>();

  constructor(canaries: readonly Canary[]) {
    for (const canary of canaries)
      for (const form of formsOf(canary.text)) {
        const start = form.slice(0, START_LENGTH);
        const alike = this.#formsByStart.get(start);
        if (alike) alike.push({ form, canary });
        else this.#formsByStart.set(start, [{ form, canary }]);
      }
  }

  /** What is found in it, each once. */
  in(text: string): Set<Canary> {
    const known = this.#known.get(text);
    if (known) return known;
    const found = new Set<Canary>();
    for (const [start, alike] of this.#formsByStart) {
      if (!text.includes(start)) continue;
      for (const { form, canary } of alike) if (!found.has(canary) && text.includes(form)) found.add(canary);
    }
    this.#known.set(text, found);
    return found;
  }
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const forms = [
    text,
    encodeURIComponent(text),
    bytes.toString("hex"),
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(JSON.stringify(text)).slice(3, -3),
    text.replaceAll("~", "&#126;"),
    ...[0, 1, 2].map((shift) => base64Inside(bytes, shift, "base64")),
    ...[0, 1, 2].map((shift) => base64Inside(bytes, shift, "base64url")),
  ];
  return [...new Set(forms)];
}

/** What base64 makes of it wherever it stands in a longer text: without what depends on its neighbours. */
function base64Inside(bytes: Buffer, shift: number, form: "base64" | "base64url"): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString(form)
    .replaceAll("=", "");
  const start = [0, 2, 3][shift] ?? 0;
  return encoded.slice(start, encoded.length - ((shift + bytes.length) % 3 && 2));
}
