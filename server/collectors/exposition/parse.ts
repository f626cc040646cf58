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
import {
  Cursor,
  EXPOSITION_LIMITS,
  ExpositionError,
  FIRST_OF_NAME,
  HASH,
  IN_NAME,
  isBlank,
  isOf,
  type Label,
  NUMBER,
  OPEN,
  RETURN,
  unescaped,
  WHOLE_NUMBER,
} from "./cursor.ts";

export { EXPOSITION_LIMITS, ExpositionError, type Label };

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

class Reader extends Cursor {
  private readonly families = new Map<string, Family>();
  private series = 0;
  private isOver = false;
  /** Of the last sample: mostly those of the next one, too. */
  private name = "";
  private family: Family | undefined;

  constructor(
    text: string,
    private readonly format: ExpositionFormat,
  ) {
    super(text);
  }

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
}
