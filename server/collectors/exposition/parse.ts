/**
 * What exporters say: the Prometheus text format 0.0.4, and OpenMetrics 1.0, which came out of it.
 *
 * Both are lines. One that begins with # tells what a family of metrics is (HELP, TYPE, UNIT) or is a
 * comment; every other one is a sample:
 *
 *     name{label="value",other="\"quoted\""} 12.5 1395066363000
 *
 * A label value may hold anything, with \\, \" and line ends written as \\ and two characters, so no
 * line end stands for anything but the end of a line. A family is a name and the samples that carry
 * it, with the suffixes its type allows: a histogram `x` is made of x_bucket, x_sum and x_count.
 *
 * OpenMetrics differs in what is read here in four things. It ends with `# EOF`, and a page without
 * it was cut on the way. Its times are seconds, those of the old format milliseconds. A sample may
 * have an exemplar after a #. And a family of counters is named without the `_total` of its samples.
 * Where OpenMetrics is stricter about blanks and the order of lines, the older rule holds for both:
 * nothing is misread by it.
 *
 * The reader walks each line once, by character codes, and never looks back further than the start of
 * the line. That is not for beauty: a page comes every ten seconds from every source, and a regular
 * expression over what a stranger wrote is a promise about its time that nobody can check. It looks a
 * name up only when it is not the name of the line before, which it mostly is.
 *
 * A page that cannot be read is refused as a whole, as Prometheus does: half a page read as a whole
 * one is a wrong figure. The error names the line and what is wrong there, and never what stands in
 * it. A page is a stranger's, so everything it may grow in has a limit, and going past it is an error
 * of the same kind.
 */
export type ExpositionFormat = "text" | "openmetrics";

export type FamilyType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";

export interface Label {
  name: string;
  value: string;
}

export interface Sample {
  name: string;
  /** In the order of the line. One with an empty value is no label: both formats say so. */
  labels: readonly Label[];
  /** May be infinite or NaN. */
  value: number;
  /** Only where the exporter names a time of its own. */
  timestampMs?: number;
}

export interface Family {
  name: string;
  type: FamilyType;
  help?: string;
  unit?: string;
  samples: Sample[];
}

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

/** Throws an `ExpositionError`. Bytes that are no UTF-8 become U+FFFD. */
export function parseExposition(page: Uint8Array, format: ExpositionFormat = "text"): Family[] {
  if (page.byteLength > EXPOSITION_LIMITS.bytes)
    throw new ExpositionError(1, `a page of more than ${EXPOSITION_LIMITS.bytes} bytes`);
  return new Reader(new TextDecoder().decode(page), format).read();
}

export function labelOf({ labels }: Pick<Sample, "labels">, name: string): string | undefined {
  for (const label of labels) if (label.name === name) return label.value;
  return undefined;
}

const TAB = 9;
const LINE_END = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;

const FIRST_OF_LABEL = 1;
const FIRST_OF_NAME = 2;
const IN_LABEL = 4;
const IN_NAME = 8;

/** What each of the first 128 characters may be part of. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[a-zA-Z_]/.test(character)) return FIRST_OF_LABEL | FIRST_OF_NAME | IN_LABEL | IN_NAME;
  if (/[0-9]/.test(character)) return IN_LABEL | IN_NAME;
  return character === ":" ? FIRST_OF_NAME | IN_NAME : 0;
});

const TYPES: Record<string, FamilyType> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "gaugehistogram",
  summary: "summary",
  info: "info",
  stateset: "stateset",
  unknown: "unknown",
  untyped: "unknown",
};

/** Suffixes a sample may have beyond the name of its family. */
const SUFFIXES: Partial<Record<FamilyType, readonly string[]>> = {
  counter: ["_total", "_created"],
  histogram: ["_bucket", "_sum", "_count", "_created"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count", "_created"],
  info: ["_info"],
};

/** No two parts of these can take the same digit, so a long one costs no more than its length. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE_NUMBER = /^-?\d+$/;

class Reader {
  private readonly families = new Map<string, Family>();
  private at = 0;
  /** Where the line ends that is being read. */
  private end = 0;
  private line = 0;
  private series = 0;
  private isOver = false;
  /** Of the last sample: mostly those of the next one, too. */
  private name = "";
  private family: Family | undefined;

  constructor(
    private readonly text: string,
    private readonly format: ExpositionFormat,
  ) {}

  read(): Family[] {
    const { text } = this;
    for (let start = 0; start < text.length; start = this.end + 1) {
      const lineEnd = text.indexOf("\n", start);
      const next = lineEnd < 0 ? text.length : lineEnd;
      this.line++;
      this.at = start;
      this.end = next;
      if (this.line > EXPOSITION_LIMITS.lines) this.fail(`more than ${EXPOSITION_LIMITS.lines} lines`);
      this.readLine();
      this.end = next;
    }
    if (this.format === "openmetrics" && !this.isOver) this.fail("the page ends without # EOF: it was cut");
    return [...this.families.values()];
  }

  private readLine(): void {
    if (this.end > this.at && this.text.charCodeAt(this.end - 1) === RETURN) this.end--;
    this.skipBlanks();
    if (this.at === this.end) return;
    if (this.isOver) this.fail("something after # EOF");
    if (this.text.charCodeAt(this.at) === HASH) this.readDescription();
    else this.readSample();
  }

  /** `# HELP name text`, `# TYPE name type`, `# UNIT name unit`, `# EOF`; anything else is a comment. */
  private readDescription(): void {
    this.at++;
    this.skipBlanks();
    const word = this.word();
    if (word === "EOF" && this.format === "openmetrics") {
      this.isOver = true;
      return;
    }
    if (word !== "HELP" && word !== "TYPE" && word !== "UNIT") return;
    this.skipBlanks();
    const name = this.readName(FIRST_OF_NAME, IN_NAME, "a metric name");
    const isEnd = this.at === this.end;
    if (!isEnd && !isBlank(this.text.charCodeAt(this.at))) this.fail("a metric name with a wrong character");
    this.skipBlanks();
    const family = this.familyNamed(name);
    if (word === "HELP") family.help ??= this.help();
    else if (word === "UNIT") family.unit ??= this.word();
    else this.describe(family, this.word());
    this.family = undefined;
    this.name = "";
  }

  /** A family has one type: the first that is given, and before its samples. */
  private describe(family: Family, word: string): void {
    const type = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
    if (type === undefined) this.fail("an unknown type of metric");
    if (family.type === "unknown" && family.samples.length === 0) family.type = type;
  }

  private help(): string {
    const text = this.text.slice(this.at, Math.min(this.end, this.at + EXPOSITION_LIMITS.helpLength));
    return text.includes("\\") ? unescaped(text) : text;
  }

  private readSample(): void {
    const family = this.readFamily();
    this.skipBlanks();
    const labels = this.text.charCodeAt(this.at) === OPEN && this.at < this.end ? this.readLabels() : [];
    this.skipBlanks();
    const value = this.readValue();
    this.skipBlanks();
    const timestampMs = this.readTimestamp();
    if (this.at < this.end) this.readExemplar();
    if (++this.series > EXPOSITION_LIMITS.series) this.fail(`more than ${EXPOSITION_LIMITS.series} series`);
    const sample: Sample = { name: this.name, labels, value };
    if (timestampMs !== undefined) sample.timestampMs = timestampMs;
    family.samples.push(sample);
  }

  private readFamily(): Family {
    const after = this.at + this.name.length;
    const isSame =
      this.family !== undefined &&
      after <= this.end &&
      this.text.startsWith(this.name, this.at) &&
      !(after < this.end && isOf(IN_NAME, this.text.charCodeAt(after)));
    if (isSame) {
      this.at = after;
    } else {
      this.name = this.readName(FIRST_OF_NAME, IN_NAME, "a metric name");
      this.family = this.familyOf(this.name);
    }
    if (this.at < this.end) {
      const next = this.text.charCodeAt(this.at);
      if (next !== OPEN && !isBlank(next)) this.fail("a metric name with a wrong character");
    }
    return this.family as Family;
  }

  /** The family of a sample: of its very name, else of its name without a suffix that family's type has. */
  private familyOf(name: string): Family {
    const same = this.families.get(name);
    if (same) return same;
    const underscore = name.lastIndexOf("_");
    const family = underscore > 0 ? this.families.get(name.slice(0, underscore)) : undefined;
    if (family && SUFFIXES[family.type]?.includes(name.slice(underscore))) return family;
    return this.familyNamed(name);
  }

  private familyNamed(name: string): Family {
    let family = this.families.get(name);
    if (!family) {
      family = { name, type: "unknown", samples: [] };
      this.families.set(name, family);
    }
    return family;
  }

  /** From the opening brace to behind the closing one. */
  private readLabels(): Label[] {
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

  private readValue(): number {
    const word = this.word();
    if (word === "") this.fail("a metric without a value");
    const value = numberOf(word);
    if (value === undefined) this.fail("a value that is no number");
    return value;
  }

  private readTimestamp(): number | undefined {
    if (this.at === this.end || this.isAtExemplar()) return undefined;
    const word = this.word();
    this.skipBlanks();
    if (this.format === "text") {
      if (!WHOLE_NUMBER.test(word)) this.fail("a time that is no whole number of milliseconds");
      return Number(word);
    }
    if (!NUMBER.test(word)) this.fail("a time that is no number of seconds");
    return Math.round(Number(word) * 1000);
  }

  private isAtExemplar(): boolean {
    return this.format === "openmetrics" && this.text.charCodeAt(this.at) === HASH;
  }

  /** `# {trace_id="x"} 0.67 1520879607.789`: must be well-formed, and is not kept. */
  private readExemplar(): void {
    if (!this.isAtExemplar()) this.fail("something after the value");
    this.at++;
    this.skipBlanks();
    if (this.at === this.end || this.text.charCodeAt(this.at) !== OPEN)
      this.fail("an exemplar without labels");
    this.readLabels();
    this.skipBlanks();
    this.readValue();
    this.skipBlanks();
    if (this.at < this.end && !this.isAtExemplar()) this.readTimestamp();
    if (this.at < this.end) this.fail("something after an exemplar");
  }

  private readName(first: number, rest: number, what: string): string {
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
  private word(): string {
    const start = this.at;
    while (this.at < this.end && !isBlank(this.text.charCodeAt(this.at))) this.at++;
    return this.text.slice(start, this.at);
  }

  private skipBlanks(): void {
    while (this.at < this.end && isBlank(this.text.charCodeAt(this.at))) this.at++;
  }

  private take(code: number): boolean {
    if (this.at >= this.end || this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  private fail(problem: string): never {
    throw new ExpositionError(Math.max(1, this.line), problem);
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isOf(kind: number, code: number): boolean {
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
function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, escaped: string) =>
    escaped === "n" ? String.fromCharCode(LINE_END) : escaped,
  );
}
