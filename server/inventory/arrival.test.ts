import { describe, expect, test } from "bun:test";
import { SEED, seeded } from "../../tests/support/seeded.ts";
import {
  type Arrival,
  CLONE_REFUSED_MS,
  type Cursor,
  judgeArrival,
  newMemory,
  noticeClone,
  remember,
} from "./arrival.ts";

const SECOND = 1_000;

/** A source, and what becomes of the reports that arrive from it: what `pipeline.ingest` does, without its org. */
class Source {
  memory = newMemory();
  now = 1_000_000;
  readonly samples = new Set<number>();

  arrive(boot: string, seq: number, at: number = this.now): Arrival {
    let arrival = judgeArrival(this.memory, { boot, seq, at }, (time) => this.samples.has(time));
    if (arrival === "clone" && noticeClone(this.memory, boot, this.now)) arrival = "new";
    if (arrival === "new" || arrival === "late") {
      remember(this.memory, { boot, seq, at, intervalMs: 10 * SECOND }, this.now);
      this.samples.add(at);
    }
    return arrival;
  }

  /** One report after another, ten seconds apart, each made when it arrives. */
  play(...reports: [boot: string, seq: number][]): Arrival[] {
    return reports.map(([boot, seq]) => {
      this.now += 10 * SECOND;
      return this.arrive(boot, seq);
    });
  }

  /** All that is kept on disk. */
  restart(): void {
    const { cursor } = this.memory;
    this.memory = newMemory(cursor && (JSON.parse(JSON.stringify(cursor)) as Cursor));
  }
}

/** Boot, number, time. */
type Sent = [boot: string, seq: number, at: number];

describe("what arrives", () => {
  const rows: [what: string, sent: Sent[], expected: Arrival[]][] = [
    [
      "in order is new",
      [
        ["A", 0, 10],
        ["A", 1, 20],
        ["A", 2, 30],
      ],
      ["new", "new", "new"],
    ],
    [
      "first may have any number",
      [
        ["A", 4_711, 10],
        ["A", 4_712, 20],
      ],
      ["new", "new"],
    ],
    [
      "again is a repeat",
      [
        ["A", 1, 10],
        ["A", 1, 10],
        ["A", 2, 20],
        ["A", 1, 10],
        ["A", 2, 20],
      ],
      ["new", "duplicate", "new", "duplicate", "duplicate"],
    ],
    [
      "again with another time is a repeat too",
      [
        ["A", 1, 10],
        ["A", 1, 11],
      ],
      ["new", "duplicate"],
    ],
    [
      "after others that were made later is late, once",
      [
        ["A", 0, 10],
        ["A", 3, 40],
        ["A", 1, 20],
        ["A", 2, 30],
        ["A", 1, 20],
        ["A", 3, 40],
      ],
      ["new", "new", "late", "late", "duplicate", "duplicate"],
    ],
    [
      "before the first that was heard of is late, once",
      [
        ["A", 2, 30],
        ["A", 0, 10],
        ["A", 1, 20],
        ["A", 0, 10],
        ["A", 2, 30],
      ],
      ["new", "late", "late", "duplicate", "duplicate"],
    ],
    [
      "of a newer start is new, whatever its number",
      [
        ["A", 7, 10],
        ["B", 0, 20],
        ["C", 100, 30],
      ],
      ["new", "new", "new"],
    ],
    [
      "of an older start, made before the newer began, is late, once",
      [
        ["A", 0, 10],
        ["B", 0, 50],
        ["A", 1, 20],
        ["A", 1, 20],
        ["A", 0, 10],
        ["B", 1, 60],
      ],
      ["new", "new", "late", "duplicate", "duplicate", "new"],
    ],
    [
      "of an older start that was never heard of is late, once",
      [
        ["B", 0, 50],
        ["A", 0, 10],
        ["A", 1, 20],
        ["A", 1, 20],
        ["A", 0, 10],
        ["B", 1, 60],
      ],
      ["new", "late", "late", "duplicate", "duplicate", "new"],
    ],
    [
      "of three older starts in any order is late, once",
      [
        ["D", 0, 90],
        ["C", 0, 70],
        ["A", 0, 10],
        ["B", 0, 50],
        ["C", 1, 80],
        ["A", 0, 10],
        ["B", 0, 50],
      ],
      ["new", "late", "late", "late", "late", "duplicate", "duplicate"],
    ],
    [
      "of an older start that had a sample of that time is a repeat, though its start is forgotten",
      [
        ["A", 0, 10],
        ["B", 0, 20],
        ["C", 0, 30],
        ["D", 0, 40],
        ["E", 0, 50],
        ["F", 0, 60],
        ["A", 0, 10],
        ["A", 1, 15],
      ],
      ["new", "new", "new", "new", "new", "new", "duplicate", "late"],
    ],
    [
      "of one start in order, with a clock that goes backwards, is new",
      [
        ["A", 0, 100],
        ["A", 1, 50],
        ["A", 2, 60],
      ],
      ["new", "new", "new"],
    ],
  ];
  test.each(rows)("%s", (_, sent, expected) => {
    const source = new Source();
    expect(sent.map((one) => source.arrive(...one))).toEqual(expected);
  });
});

describe("numbers that never came", () => {
  test("are remembered as ranges, in order, and over a restart", () => {
    const source = new Source();
    for (const seq of [0, 5, 10, 3, 12]) source.arrive("A", seq, seq);
    const missing = [
      [1, 2],
      [4, 4],
      [6, 9],
      [11, 11],
    ];
    expect(source.memory.cursor).toMatchObject({ seq: 12, at: 12, missing });
    source.restart();
    expect([7, 7, 12, 11].map((seq) => source.arrive("A", seq, seq))).toEqual([
      "late",
      "duplicate",
      "duplicate",
      "late",
    ]);
    expect(source.memory.cursor?.missing).toEqual([
      [1, 2],
      [4, 4],
      [6, 6],
      [8, 9],
    ]);
    for (const seq of [1, 2, 4, 6, 8, 9]) expect(source.arrive("A", seq, seq)).toBe("late");
    expect(source.memory.cursor).toEqual({ boot: "A", seq: 12, at: 12, intervalMs: 10 * SECOND });
  });

  test("of more gaps than are remembered, the oldest count as come", () => {
    const source = new Source();
    for (let seq = 0; seq <= 80; seq += 2) source.arrive("A", seq, seq);
    expect(source.memory.cursor?.missing).toHaveLength(32);
    expect(source.arrive("A", 15, 15)).toBe("duplicate");
    expect(source.arrive("A", 17, 17)).toBe("late");
  });
});

describe("a second machine with the same token", () => {
  test("is refused from when both are known to be alive, and the first goes on", () => {
    const source = new Source();
    expect(source.play(["A", 0], ["A", 1], ["B", 0], ["A", 2])).toEqual(["new", "new", "new", "new"]);
    expect(source.memory.clonedAt).toBe(source.now);
    expect(source.play(["B", 1], ["A", 3], ["B", 2], ["B", 3], ["A", 4], ["B", 4])).toEqual([
      "clone",
      "new",
      "clone",
      "clone",
      "new",
      "clone",
    ]);
  });

  test("is refused however often it was heard of before the first is heard of again", () => {
    const source = new Source();
    source.play(["A", 0], ["B", 0], ["B", 1], ["B", 2], ["B", 3]);
    expect(source.play(["A", 1], ["B", 4], ["A", 2], ["B", 5])).toEqual(["new", "clone", "new", "clone"]);
  });

  test("is taken once the first has been silent for ten minutes, and then it is the first", () => {
    const source = new Source();
    source.play(["A", 0], ["B", 0], ["A", 1]);
    const heardAt = source.now;
    for (let seq = 1; ; seq++) {
      source.now += 10 * SECOND;
      const isOver = source.now - heardAt >= CLONE_REFUSED_MS;
      expect([seq, source.arrive("B", seq)]).toEqual([seq, isOver ? "new" : "clone"]);
      if (isOver) break;
    }
    expect(source.play(["B", 61], ["A", 2], ["B", 62], ["A", 3])).toEqual(["new", "clone", "new", "clone"]);
  });

  test("may start anew as often as it likes: the first goes on, and what it said before is kept", () => {
    const source = new Source();
    source.play(["A", 0], ["B", 0], ["A", 1], ["B", 1]);
    source.play(["C", 0]);
    expect(source.play(["A", 2], ["C", 1], ["B", 2], ["A", 3])).toEqual(["new", "clone", "clone", "new"]);
  });

  test("is found again after a restart", () => {
    const source = new Source();
    source.play(["A", 0], ["B", 0], ["A", 1]);
    source.restart();
    source.play(["B", 1], ["A", 2]);
    expect(source.play(["B", 2], ["A", 3], ["B", 3])).toEqual(["clone", "new", "clone"]);
  });
});

describe("no second machine is", () => {
  const everything = (source: Source) => [source.memory.clonedAt, source.memory.keptBoot];

  test("one that was started again, however often", () => {
    const source = new Source();
    for (const boot of ["A", "B", "C", "D", "E", "F", "G"])
      expect(source.play([boot, 0], [boot, 1])).toEqual(["new", "new"]);
    expect(everything(source)).toEqual([undefined, undefined]);
  });

  test("one that sends what its older start had kept, before anything of the newer", () => {
    const source = new Source();
    source.play(["A", 0], ["A", 1]);
    const kept: Sent[] = [2, 3, 4].map((seq) => ["A", seq, source.now + seq * SECOND]);
    source.now += 3_600_000;
    expect(kept.map((one) => source.arrive(...one))).toEqual(["new", "new", "new"]);
    expect(source.play(["B", 0], ["B", 1])).toEqual(["new", "new"]);
    expect(everything(source)).toEqual([undefined, undefined]);
  });

  test("one that sends what its older start had kept while the newer reports", () => {
    const source = new Source();
    source.play(["A", 0], ["A", 1]);
    const kept: Sent[] = [2, 3, 4].map((seq) => ["A", seq, source.now + seq * SECOND]);
    source.now += 3_600_000;
    for (const [n, one] of kept.entries()) {
      expect(source.play(["B", n])).toEqual(["new"]);
      expect(source.arrive(...one)).toBe("late");
      expect(source.arrive(...one)).toBe("duplicate");
    }
    expect(everything(source)).toEqual([undefined, undefined]);
  });

  test("one whose server was started again between its own starts", () => {
    const source = new Source();
    source.play(["A", 0], ["A", 1]);
    source.restart();
    expect(source.play(["B", 0])).toEqual(["new"]);
    source.restart();
    expect(source.arrive("A", 1, source.now - 10 * SECOND)).toBe("duplicate");
    expect(source.play(["B", 1])).toEqual(["new"]);
    expect(everything(source)).toEqual([undefined, undefined]);
  });
});

/**
 * The promise in its plainest form: whatever is lost, repeated and swapped on the way, and however often machine and
 * server are started, a report is taken the first time it arrives and never again.
 */
test(`every report is taken exactly once (seed ${SEED})`, () => {
  const random = seeded();
  const below = (limit: number) => Math.floor(random() * limit);
  for (let round = 0; round < 300; round++) {
    const source = new Source();
    let at = 1_000;
    const made: Sent[] = [];
    for (let boot = below(6); boot >= 0; boot--) {
      const reports = 1 + below(40);
      for (let seq = 0; seq < reports; seq++) {
        at += 1 + below(20_000);
        made.push([`boot-${boot}`, seq, at]);
      }
    }
    const sent: Sent[] = made.flatMap((one) => (random() < 0.1 ? [] : random() < 0.3 ? [one, one] : [one]));
    /* Swapped with one that is near, so that there are never more gaps than are remembered. */
    for (let n = 0; n < sent.length; n++) {
      const other = Math.min(sent.length - 1, n + below(12));
      [sent[n], sent[other]] = [sent[other] as Sent, sent[n] as Sent];
    }
    sent.push(...sent.slice(-20));
    const taken = new Set<string>();
    for (const one of sent) {
      source.now = 1e9 + at;
      const name = `${one[0]} ${one[1]}`;
      const arrival = source.arrive(...one);
      const isTaken = arrival === "new" || arrival === "late";
      if (isTaken === taken.has(name)) throw new Error(`round ${round}: ${name} at ${one[2]} is ${arrival}`);
      taken.add(name);
      if (random() < 0.02) source.restart();
    }
    expect(source.memory.clonedAt).toBeUndefined();
  }
});
