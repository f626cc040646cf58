/** The words of PromQL: what a query is cut into before it is understood. */
import { DomainError } from "../../lib/domain-error.ts";

export interface Word {
  is: "name" | "number" | "duration" | "text" | "sign" | "end";
  text: string;
  at: number;
}

const SPACE = /[ \t\r\n]+/y;
const WORDS: [Word["is"], RegExp][] = [
  ["duration", /(?:\d+(?:ms|[smhdwy]))+(?![\w.])/y],
  ["number", /(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])/y],
  ["name", /[a-zA-Z_][a-zA-Z0-9_]*/y],
  ["text", /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y],
  ["sign", /=~|!~|==|!=|>=|<=|[-+*/%^=<>(){}[\],:@]/y],
];

export function wordsOf(query: string): Word[] {
  const words: Word[] = [];
  for (let at = 0; ; ) {
    SPACE.lastIndex = at;
    at += SPACE.exec(query)?.[0].length ?? 0;
    if (at >= query.length) return [...words, { is: "end", text: "", at }];
    const word = wordAt(query, at);
    words.push(word);
    at += word.text.length;
  }
}

function wordAt(query: string, at: number): Word {
  for (const [is, form] of WORDS) {
    form.lastIndex = at;
    const [text] = form.exec(query) ?? [];
    if (text !== undefined) return { is, text, at };
  }
  throw badQuery(`cannot be read from character ${at + 1} on`);
}

/** What stands in quotes. */
export function unquoted(text: string): string {
  const inside = text.slice(1, -1);
  if (text.startsWith("`")) return inside;
  return inside.replaceAll(/\\(.)/g, (_, char: string) => {
    const known = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "'": "'" }[char];
    if (known === undefined) throw badQuery(`has an unknown escape \\${char}`);
    return known;
  });
}

const UNITS_MS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** `5m`, `1h30m`; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:\d{1,12}(?:ms|[smhdwy]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    total += Number(count) * (UNITS_MS[unit ?? ""] ?? 0);
  return total;
}

export function badQuery(what: string): DomainError {
  return new DomainError("invalid_request", `The query ${what}.`, { fields: { query: what } });
}
