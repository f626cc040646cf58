export const EXPOSITION_LIMITS = {
  /** A page of 8 MiB is about 80,000 series. */
  bytes: 8 * 1024 * 1024,
  lines: 1_000_000,
  series: 100_000,
  labelsPerSeries: 64,
  nameLength: 512,
  labelValueLength: 16_384,
  /** Longer help is cut. */
  helpLength: 1_000,
} as const;

export class ExpositionError extends Error {
  constructor(
    readonly line: number,
    readonly problem: string,
  ) {
    super(`line ${line}: ${problem}`);
    this.name = "ExpositionError";
  }
}

export interface Label {
  name: string;
  value: string;
}

const TAB = 9;
const LINE_END = 10;
export const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
export const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
export const OPEN = 123;
const CLOSE = 125;

const FIRST_OF_LABEL = 1;
export const FIRST_OF_NAME = 2;
const IN_LABEL = 4;
export const IN_NAME = 8;

/** What each of the first 128 characters may be part of. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-zA-Z_]/.test(character)) return FIRST_OF_LABEL | FIRST_OF_NAME | IN_LABEL | IN_NAME;
  if (/[0-9]/.test(character)) return IN_LABEL | IN_NAME;
  return character === ":" ? FIRST_OF_NAME | IN_NAME : 0;
});

/** No two parts of these can take the same digit, so a long one costs no more than its length. */
export const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
export const WHOLE_NUMBER = /^-?\d+$/;

/**
 * Walks over the text of a page by character codes, within one line at a time: names, label values,
 * numbers. Whatever is wrong ends it, with the number of the line.
 */
export class Cursor {
  protected at = 0;
  /** Where the line ends that is being read. */
  protected end = 0;
  protected line = 0;

  constructor(protected readonly text: string) {}

  /** From the opening brace to behind the closing one. */
  protected readLabels(): Label[] {
    const labels: Label[] = [];
    let hasEmpty = false;
    this.at++;
    for (;;) {
      this.skipBlanks();
      if (this.take(CLOSE)) break;
      if (labels.length === EXPOSITION_LIMITS.labelsPerSeries)
        this.fail(`more than ${EXPOSITION_LIMITS.labelsPerSeries} labels`);
      const name = this.readName(FIRST_OF_LABEL, IN_LABEL, "a label name");
      for (const label of labels) if (label.name === name) this.fail("a label that is there twice");
      this.skipBlanks();
      if (!this.take(EQUALS)) this.fail("a label name without = after it");
      this.skipBlanks();
      const value = this.readLabelValue();
      labels.push({ name, value });
      hasEmpty ||= value === "";
      this.skipBlanks();
      if (this.take(COMMA)) continue;
      if (this.take(CLOSE)) break;
      this.fail("neither , nor } after a label");
    }
    return hasEmpty ? labels.filter((label) => label.value !== "") : labels;
  }

  private readLabelValue(): string {
    if (!this.take(QUOTE)) this.fail("a label value that is not in quotes");
    const { text, end } = this;
    const start = this.at;
    let isEscaped = false;
    let at = start;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        isEscaped = true;
        at++;
      }
    }
    if (at >= end) this.fail("a label value without its closing quote");
    if (at - start > EXPOSITION_LIMITS.labelValueLength)
      this.fail(`a label value longer than ${EXPOSITION_LIMITS.labelValueLength} characters`);
    this.at = at + 1;
    const value = text.slice(start, at);
    return isEscaped ? unescaped(value) : value;
  }

  protected readValue(): number {
    const word = this.word();
    if (word === "") this.fail("a metric without a value");
    const value = numberOf(word);
    if (value === undefined) this.fail("a value that is no number");
    return value;
  }

  protected readName(first: number, rest: number, what: string): string {
    const { text, end } = this;
    const start = this.at;
    if (start >= end || !isOf(first, text.charCodeAt(start))) this.fail(`no beginning of ${what}`);
    let at = start + 1;
    while (at < end && isOf(rest, text.charCodeAt(at))) at++;
    if (at - start > EXPOSITION_LIMITS.nameLength)
      this.fail(`${what} longer than ${EXPOSITION_LIMITS.nameLength} characters`);
    this.at = at;
    return text.slice(start, at);
  }

  /** Up to the next blank; empty at the end of the line. */
  protected word(): string {
    const start = this.at;
    while (this.at < this.end && !isBlank(this.text.charCodeAt(this.at))) this.at++;
    return this.text.slice(start, this.at);
  }

  protected skipBlanks(): void {
    while (this.at < this.end && isBlank(this.text.charCodeAt(this.at))) this.at++;
  }

  protected take(code: number): boolean {
    if (this.at >= this.end || this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  protected fail(problem: string): never {
    throw new ExpositionError(Math.max(1, this.line), problem);
  }
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

export function isOf(kind: number, code: number): boolean {
  return code < 128 && ((CLASSES[code] as number) & kind) !== 0;
}

/** As Go writes and reads them; hexadecimal ones, which nobody writes, are none. */
function numberOf(word: string): number | undefined {
  if (NUMBER.test(word)) return Number(word);
  switch (word.toLowerCase()) {
    case "nan":
    case "+nan":
    case "-nan":
      return Number.NaN;
    case "inf":
    case "+inf":
    case "infinity":
    case "+infinity":
      return Number.POSITIVE_INFINITY;
    case "-inf":
    case "-infinity":
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

/** A backslash before anything else stands for itself. */
export function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, escaped: string) =>
    escaped === "n" ? String.fromCharCode(LINE_END) : escaped,
  );
}
