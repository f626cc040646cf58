/**
 * Regular expressions out of requests. What JavaScript has for them tries one way after the other, and thirty
 * characters are enough to keep a thread busy for years. This one follows all ways at once, as RE2 and Prometheus do:
 * time is the length of the text times the size of the pattern, whatever both are, and the size is limited.
 *
 * The syntax is the part of RE2's that says something about text as a whole: characters, `.`, classes, groups, `|` and
 * counts. A pattern always means the whole text. Anything else is refused with its place.
 */
const LIMITS = { length: 500, states: 2_000, count: 100, depth: 50 } as const;

export class PatternError extends Error {
  override readonly name = "PatternError";
}

type Accepts = (char: string) => boolean;
type Node =
  | { is: "char"; accepts: Accepts }
  | { is: "sequence"; nodes: Node[] }
  | { is: "either"; nodes: Node[] }
  | { is: "repeat"; node: Node; least: number; most: number };

/** Either takes a character, or goes on in two places without one. */
type State = { accepts: Accepts; next: number } | { next: number; other: number };

const MATCHED = -1;

/** Throws a `PatternError` with what is wrong. */
export function linearPattern(pattern: string): (text: string) => boolean {
  if (pattern.length > LIMITS.length)
    throw new PatternError(`a pattern has at most ${LIMITS.length} characters`);
  const states: State[] = [];
  const first = compile(states, new Parser(pattern).parse(), MATCHED);
  return (text) => matches(states, first, text);
}

function matches(states: readonly State[], first: number, text: string): boolean {
  const seenAt = new Int32Array(states.length).fill(-1);
  let turn = 0;
  let current: number[] = [];
  let isMatched = reach(first, current);
  for (const char of text) {
    turn++;
    isMatched = false;
    const next: number[] = [];
    for (const index of current) {
      const state = states[index] as State;
      if ("accepts" in state && state.accepts(char)) isMatched = reach(state.next, next) || isMatched;
    }
    if (next.length === 0 && !isMatched) return false;
    current = next;
  }
  return isMatched;

  /** Adds every state that takes a character and is reached without one; whether the end is. */
  function reach(from: number, found: number[]): boolean {
    let isEnd = false;
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (index === MATCHED) isEnd = true;
      else if (seenAt[index] !== turn) {
        seenAt[index] = turn;
        const state = states[index] as State;
        if ("accepts" in state) found.push(index);
        else open.push(state.next, state.other);
      }
    }
    return isEnd;
  }
}

/** Writes the states of a node that go on at `next`; where they begin. */
function compile(states: State[], node: Node, next: number): number {
  if (states.length > LIMITS.states) throw new PatternError("the pattern is too large");
  switch (node.is) {
    case "char":
      return states.push({ accepts: node.accepts, next }) - 1;
    case "sequence":
      return node.nodes.reduceRight((after, one) => compile(states, one, after), next);
    case "either":
      return node.nodes
        .map((one) => compile(states, one, next))
        .reduceRight((other, one) => states.push({ next: one, other }) - 1);
    case "repeat": {
      let after = next;
      if (node.most === Number.POSITIVE_INFINITY) {
        const loop = { next, other: next };
        after = states.push(loop) - 1;
        loop.next = compile(states, node.node, after);
      } else {
        for (let n = node.least; n < node.most; n++)
          after = states.push({ next: compile(states, node.node, after), other: next }) - 1;
      }
      for (let n = 0; n < node.least; n++) after = compile(states, node.node, after);
      return after;
    }
  }
}

const CLASSES: Record<string, Accepts> = {
  d: (char) => /[0-9]/.test(char),
  w: (char) => /[0-9A-Za-z_]/.test(char),
  s: (char) => /[\t\n\f\r ]/.test(char),
};
const NAMED: Record<string, string> = { t: "\t", n: "\n", r: "\r", f: "\f", v: "\v" };

class Parser {
  readonly #chars: string[];
  #at = 0;
  #depth = 0;
  readonly #anyCase: boolean;

  constructor(pattern: string) {
    this.#anyCase = pattern.startsWith("(?i)");
    this.#chars = [...(this.#anyCase ? pattern.slice(4) : pattern)];
  }

  parse(): Node {
    /* It means the whole text anyway. */
    if (this.#chars[0] === "^") this.#at++;
    const node = this.#either();
    if (this.#at < this.#chars.length) this.#refuse("a ) too many");
    return node;
  }

  #either(): Node {
    if (++this.#depth > LIMITS.depth) this.#refuse("too many groups in each other");
    const nodes = [this.#sequence()];
    while (this.#take("|")) nodes.push(this.#sequence());
    this.#depth--;
    return nodes.length === 1 ? (nodes[0] as Node) : { is: "either", nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    for (let char = this.#peek(); char !== undefined && char !== "|" && char !== ")"; char = this.#peek()) {
      if (char === "$" && this.#at === this.#chars.length - 1) this.#at++;
      else nodes.push(this.#repeated(this.#atom()));
    }
    return { is: "sequence", nodes };
  }

  #repeated(node: Node): Node {
    const char = this.#peek();
    let counts: [number, number] | undefined;
    if (char === "*") counts = [0, Number.POSITIVE_INFINITY];
    else if (char === "+") counts = [1, Number.POSITIVE_INFINITY];
    else if (char === "?") counts = [0, 1];
    if (counts) this.#at++;
    else if (char === "{") counts = this.#counts();
    if (!counts) return node;
    /* Whether as much or as little as possible is tried first makes no difference to the whole. */
    this.#take("?");
    if (/[*+?{]/.test(this.#peek() ?? "")) this.#refuse("a count after a count");
    return { is: "repeat", node, least: counts[0], most: counts[1] };
  }

  #counts(): [number, number] {
    const rest = this.#chars.slice(this.#at, this.#at + 12).join("");
    const [all = "", from, comma, to] = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(rest) ?? [];
    const least = Number(from);
    const most = comma ? (to ? Number(to) : Number.POSITIVE_INFINITY) : least;
    const isFine = all && least <= LIMITS.count && most >= least;
    if (!isFine || (most > LIMITS.count && most !== Number.POSITIVE_INFINITY))
      this.#refuse(`a count is {n}, {n,} or {n,m} up to ${LIMITS.count}`);
    this.#at += all.length;
    return [least, most];
  }

  #atom(): Node {
    const char = this.#next();
    if (char === "(") return this.#group();
    if (char === "[") return { is: "char", accepts: this.#class() };
    if (char === ".") return { is: "char", accepts: (one) => one !== "\n" };
    if (char === "\\") return { is: "char", accepts: this.#escaped() };
    if ("*+?{}^$]".includes(char)) this.#refuse(`a ${char} that means nothing here`);
    return { is: "char", accepts: this.#exactly(char) };
  }

  #group(): Node {
    if (this.#take("?") && !this.#take(":")) this.#refuse("groups are ( ) or (?: )");
    const node = this.#either();
    if (!this.#take(")")) this.#refuse("a ) is missing");
    return node;
  }

  #class(): Accepts {
    const isNot = this.#take("^");
    const accepted: Accepts[] = [];
    for (let first = true; first || this.#peek() !== "]"; first = false) {
      const from = this.#next();
      if (from === "[" && this.#peek() === ":") this.#refuse("named classes are not known");
      const isRange = this.#peek() === "-" && this.#chars[this.#at + 1] !== "]";
      if (from === "\\" && !isRange) accepted.push(this.#escaped());
      else if (isRange) {
        if (from === "\\") this.#refuse("a range begins with a character");
        this.#at++;
        const to = this.#next();
        if (to === "\\" || to < from) this.#refuse("a range that is none");
        accepted.push(this.#anyCaseOf((char) => char >= from && char <= to));
      } else accepted.push(this.#exactly(from));
    }
    this.#at++;
    return (char) => accepted.some((accepts) => accepts(char)) !== isNot;
  }

  #escaped(): Accepts {
    const char = this.#next();
    const known = CLASSES[char.toLowerCase()];
    if (known) return char === char.toLowerCase() ? known : (one) => !known(one);
    if (NAMED[char]) return this.#exactly(NAMED[char]);
    if (/[0-9A-Za-z]/.test(char)) this.#refuse(`\\${char} is not known`);
    return this.#exactly(char);
  }

  #exactly(char: string): Accepts {
    return this.#anyCaseOf((one) => one === char);
  }

  #anyCaseOf(accepts: Accepts): Accepts {
    if (!this.#anyCase) return accepts;
    return (char) => accepts(char) || accepts(char.toLowerCase()) || accepts(char.toUpperCase());
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #next(): string {
    const char = this.#chars[this.#at];
    if (char === undefined) throw new PatternError("the pattern ends in the middle of something");
    this.#at++;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #refuse(what: string): never {
    throw new PatternError(`${what}, at character ${this.#at + (this.#anyCase ? 4 : 0)} of the pattern`);
  }
}
