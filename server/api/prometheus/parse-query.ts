/**
 * The part of PromQL that says something about what Pulse keeps: least, greatest and mean of steps of gauges. Whatever is
 * beyond it is refused with what there is instead, never answered with something like it.
 */
import {
  MATCH_OPERATORS,
  type Matcher,
  NAME_LABEL,
  type OverTime,
  PROMETHEUS_LIMITS,
  type Selector,
} from "../../contract/prometheus.ts";
import { linearPattern, PatternError } from "../../lib/linear-pattern.ts";
import { badQuery, durationMs, unquoted, type Word, wordsOf } from "./query-text.ts";

export type Query =
  | { is: "number"; value: number }
  | { is: "series"; selector: Selector; over: OverTime; rangeMs: number | undefined; offsetMs: number }
  | { is: "math"; name: MathName; of: Query; numbers: number[] }
  | { is: "aggregate"; name: AggregateName; of: Query; labels: string[]; without: boolean; count: number }
  | {
      is: "binary";
      operator: string;
      left: Query;
      right: Query;
      on: string[] | undefined;
      ignoring: string[];
    };

const OVER_TIME: Record<string, OverTime> = {
  avg_over_time: "avg",
  min_over_time: "min",
  max_over_time: "max",
  last_over_time: "last",
};
/** How many numbers each takes after what it is of. */
const MATH = { abs: 0, ceil: 0, floor: 0, round: 0, clamp_min: 1, clamp_max: 1 } as const;
export type MathName = keyof typeof MATH;
const AGGREGATES = ["sum", "avg", "min", "max", "count", "topk", "bottomk"] as const;
export type AggregateName = (typeof AGGREGATES)[number];
const RATES = ["rate", "irate", "increase", "delta", "idelta", "deriv"];
/** Weakest first; `^` binds to the right. */
const PRECEDENCE = [["==", "!=", ">", "<", ">=", "<="], ["+", "-"], ["*", "/", "%"], ["^"]];

const SUPPORTED = `${Object.keys(OVER_TIME).join(", ")}; ${Object.keys(MATH).join(", ")}; ${AGGREGATES.join(", ")}`;

/** Throws a refusal that says what is not understood. */
export function parseQuery(text: string): Query {
  if (text.length > PROMETHEUS_LIMITS.query)
    throw badQuery(`is longer than ${PROMETHEUS_LIMITS.query} characters`);
  if (text.trim() === "") throw badQuery("is empty");
  const parser = new QueryParser(text);
  const query = parser.expression(0);
  parser.end();
  return query;
}

/** One selector alone, as `match[]` has it. */
export function parseSelector(text: string): Selector {
  const query = parseQuery(text);
  if (query.is !== "series" || query.rangeMs !== undefined || query.offsetMs !== 0 || query.over !== "last")
    throw badQuery('in match[] is a selector alone, such as pulse_cpu_percent{machine="nas"}');
  return query.selector;
}

class QueryParser {
  readonly #words: Word[];
  #next = 0;
  #depth = 0;
  #selectors = 0;

  constructor(text: string) {
    this.#words = wordsOf(text);
  }

  end(): void {
    if (this.#word.is !== "end") this.#refuse(`goes on with ${this.#word.text} where it should end`);
  }

  expression(level: number): Query {
    const operators = PRECEDENCE[level];
    if (!operators) return this.#signed();
    let left = this.expression(level + 1);
    for (
      let { text } = this.#word;
      this.#word.is === "sign" && operators.includes(text);
      { text } = this.#word
    ) {
      this.#deeper();
      this.#next++;
      if (this.#isName("bool"))
        this.#refuse("has bool, which is not known: a comparison keeps what it is true of");
      const labels = this.#matching();
      const right = text === "^" ? this.expression(level) : this.expression(level + 1);
      left = { is: "binary", operator: text, left, right, ...labels };
      this.#depth--;
    }
    const { text } = this.#word;
    if (["and", "or", "unless"].includes(text)) this.#refuse(`has ${text}, which is not known`);
    return left;
  }

  #matching(): { on: string[] | undefined; ignoring: string[] } {
    let on: string[] | undefined;
    let ignoring: string[] = [];
    if (this.#takeName("on")) on = this.#labels();
    else if (this.#takeName("ignoring")) ignoring = this.#labels();
    if (this.#isName("group_left") || this.#isName("group_right"))
      this.#refuse(`has ${this.#word.text}, which is not known: one series is joined with one`);
    return { on, ignoring };
  }

  #signed(): Query {
    this.#deeper();
    let query: Query;
    if (this.#take("-")) {
      const of = this.expression(PRECEDENCE.length - 1);
      const minus: Query = { is: "number", value: -1 };
      query =
        of.is === "number"
          ? { is: "number", value: -of.value }
          : { is: "binary", operator: "*", left: minus, right: of, on: undefined, ignoring: [] };
    } else query = this.#take("+") ? this.expression(PRECEDENCE.length - 1) : this.#one();
    this.#depth--;
    return query;
  }

  #one(): Query {
    const word = this.#word;
    if (word.is === "number") {
      this.#next++;
      return { is: "number", value: Number(word.text) };
    }
    if (this.#take("(")) {
      const inside = this.expression(0);
      this.#need(")");
      return inside;
    }
    if (word.is === "sign" && word.text === "{") return this.#series("last", undefined);
    if (word.is !== "name")
      return this.#refuse(word.is === "end" ? "ends too early" : `cannot have ${word.text} here`);
    if (/^(?:inf|nan)$/i.test(word.text)) {
      this.#next++;
      return { is: "number", value: /^inf$/i.test(word.text) ? Number.POSITIVE_INFINITY : Number.NaN };
    }
    const after = this.#words[this.#next + 1]?.text;
    if (
      (AGGREGATES as readonly string[]).includes(word.text) &&
      (after === "(" || after === "by" || after === "without")
    )
      return this.#aggregate(word.text as AggregateName);
    return after === "(" ? this.#call() : this.#series("last", undefined);
  }

  #call(): Query {
    const name = this.#word.text;
    this.#next += 2;
    const over = OVER_TIME[name];
    if (over) {
      const query = this.#series(over, name);
      this.#need(")");
      return query;
    }
    if (RATES.includes(name))
      this.#refuse(
        `has ${name}(), which needs counters: what grows is kept as a rate here, as in pulse_network_receive_bytes_per_second`,
      );
    if (!Object.hasOwn(MATH, name))
      this.#refuse(`has ${name}(), which is not known. These are: ${SUPPORTED}`);
    const of = this.expression(0);
    const numbers: number[] = [];
    for (let n = 0; n < MATH[name as MathName]; n++) {
      this.#need(",");
      numbers.push(this.#number());
    }
    this.#need(")");
    return { is: "math", name: name as MathName, of, numbers };
  }

  #aggregate(name: AggregateName): Query {
    this.#next++;
    let grouping = this.#grouping();
    this.#need("(");
    let count = 0;
    if (name === "topk" || name === "bottomk") {
      count = Math.floor(this.#number());
      this.#need(",");
    }
    const of = this.expression(0);
    this.#need(")");
    grouping ??= this.#grouping();
    return { is: "aggregate", name, of, count, ...(grouping ?? { labels: [], without: false }) };
  }

  #grouping(): { labels: string[]; without: boolean } | undefined {
    if (this.#takeName("by")) return { labels: this.#labels(), without: false };
    if (this.#takeName("without")) return { labels: this.#labels(), without: true };
    return undefined;
  }

  /** `called`: the function it stands in, which wants a range. */
  #series(over: OverTime, called: string | undefined): Query {
    if (++this.#selectors > PROMETHEUS_LIMITS.selectors)
      this.#refuse(`has more than ${PROMETHEUS_LIMITS.selectors} selectors`);
    const selector = this.#selector();
    let rangeMs: number | undefined;
    if (this.#take("[")) {
      rangeMs = this.#duration();
      if (this.#take(":")) this.#refuse("has a subquery, which is not known");
      this.#need("]");
    }
    let offsetMs = 0;
    if (this.#takeName("offset")) offsetMs = (this.#take("-") ? -1 : 1) * this.#duration();
    if (this.#take("@")) this.#refuse("has @, which is not known: use offset");
    if (called && rangeMs === undefined) this.#refuse(`needs a range in ${called}(), such as [5m]`);
    if (!called && rangeMs !== undefined)
      this.#refuse(`has a range alone; put it into one of ${Object.keys(OVER_TIME).join(", ")}`);
    return { is: "series", selector, over, rangeMs, offsetMs };
  }

  #selector(): Selector {
    const matchers: Matcher[] = [];
    if (this.#word.is === "name")
      matchers.push({ label: NAME_LABEL, operator: "=", value: this.#takeWord().text });
    if (this.#take("{")) {
      while (!this.#take("}")) {
        matchers.push(this.#matcher());
        if (!this.#take(",") && this.#word.text !== "}") this.#refuse("needs a , or a } after a matcher");
      }
    }
    if (matchers.length > PROMETHEUS_LIMITS.matchers)
      this.#refuse(`has more than ${PROMETHEUS_LIMITS.matchers} matchers`);
    if (matchers.length === 0) this.#refuse("needs a name or a matcher");
    return matchers;
  }

  #matcher(): Matcher {
    const { is, text: label } = this.#takeWord();
    const operator = MATCH_OPERATORS.find((one) => one === this.#word.text);
    if (is !== "name" || !operator)
      return this.#refuse('needs matchers such as machine="nas" or name=~"web.*"');
    this.#next++;
    const { is: kind, text } = this.#takeWord();
    if (kind !== "text") this.#refuse("needs a value in quotes after a matcher");
    const value = unquoted(text);
    if (operator.endsWith("~")) {
      try {
        linearPattern(value);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        this.#refuse(`has a pattern that is not understood: ${error.message}`);
      }
    }
    return { label, operator, value };
  }

  #labels(): string[] {
    const labels: string[] = [];
    this.#need("(");
    while (!this.#take(")")) {
      const { is, text } = this.#takeWord();
      if (is !== "name" || labels.push(text) > PROMETHEUS_LIMITS.matchers)
        this.#refuse("needs names of labels");
      if (!this.#take(",") && this.#word.text !== ")") this.#refuse("needs a , or a ) after a label");
    }
    return labels;
  }

  #number(): number {
    const sign = this.#take("-") ? -1 : 1;
    const { is, text } = this.#takeWord();
    if (is !== "number") this.#refuse("needs a number there");
    return sign * Number(text);
  }

  #duration(): number {
    const { is, text } = this.#takeWord();
    const ms = is === "duration" ? durationMs(text) : undefined;
    if (!ms || ms > PROMETHEUS_LIMITS.spanMs) return this.#refuse("needs a duration such as 5m or 1h30m");
    return ms;
  }

  get #word(): Word {
    return this.#words[this.#next] as Word;
  }

  #takeWord(): Word {
    const word = this.#word;
    if (word.is !== "end") this.#next++;
    return word;
  }

  #isName(name: string): boolean {
    return this.#word.is === "name" && this.#word.text === name;
  }

  #takeName(name: string): boolean {
    if (!this.#isName(name)) return false;
    this.#next++;
    return true;
  }

  #take(sign: string): boolean {
    if (this.#word.is !== "sign" || this.#word.text !== sign) return false;
    this.#next++;
    return true;
  }

  #need(sign: string): void {
    if (!this.#take(sign))
      this.#refuse(`needs a ${sign} ${this.#word.is === "end" ? "at its end" : `before ${this.#word.text}`}`);
  }

  #deeper(): void {
    if (++this.#depth > PROMETHEUS_LIMITS.depth) this.#refuse("is nested too deeply");
  }

  #refuse(what: string): never {
    throw badQuery(what);
  }
}
