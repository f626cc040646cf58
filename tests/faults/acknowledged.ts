/**
 * What `ingest-driver` said was stored, over all the processes that were killed on one data directory, and what is there
 * of it. Every round has a start (`boot`) and a stretch of time of its own.
 */
import { join } from "node:path";
import { type Database, openDatabase } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { Lines } from "./child-server.ts";
import type { DriverInput } from "./ingest-driver.ts";

/** Room for this many reports of one source in one round: each has a time of its own. */
const REPORTS_PER_ROUND = 1_000_000;

export interface Acknowledged {
  source: string;
  boot: string;
  seq: number;
  at: number;
}

export class Acknowledgements {
  readonly dataDir: string;
  readonly sources: number;
  readonly rounds: number;
  readonly all: Acknowledged[] = [];
  readonly newest = new Map<string, Acknowledged>();
  readonly outcomesOfRepeats: string[] = [];
  readonly troubles: string[] = [];
  readonly #start: number;

  constructor({ dataDir, sources, rounds }: { dataDir: string; sources: number; rounds: number }) {
    this.dataDir = dataDir;
    this.sources = sources;
    this.rounds = rounds;
    this.#start = Date.now() - (rounds + 2) * REPORTS_PER_ROUND;
  }

  /** A process that goes on where the last one was killed; it offers once more what was acknowledged last. */
  spawn(round: number, sources: number = this.sources): Driver {
    return new Driver({
      dataDir: this.dataDir,
      sources,
      boot: bootOf(round),
      firstAt: this.#start + round * REPORTS_PER_ROUND,
      again: [...this.newest.values()],
    });
  }

  /** A last line without its end was cut off by the kill and says nothing. */
  note(round: number, said: string): void {
    for (const line of said.slice(0, said.lastIndexOf("\n") + 1).split("\n")) {
      const [what, source = "", rest = ""] = line.split(" ");
      if (what === "again") this.outcomesOfRepeats.push(rest);
      if (what !== "ack") continue;
      const seq = Number(rest);
      const at = this.#start + round * REPORTS_PER_ROUND + seq;
      const one = { source, boot: bootOf(round), seq, at };
      this.all.push(one);
      this.newest.set(source, one);
    }
  }

  /** What was acknowledged in earlier rounds, as a process finds it that has just started. */
  compare(round: number): void {
    const trouble = (what: string) => this.troubles.push(`round ${round}: ${what}`);
    this.look((db) => {
      const stored = new Set(rows<Acknowledged>(db, "select source, at from sample").map(keyOf));
      for (const one of this.all) if (!stored.has(keyOf(one))) trouble(`lost ${keyOf(one)}`);
      const check = db.pragma("integrity_check");
      if (check !== "ok") trouble(`integrity ${check}`);
      if (db.rows("pragma foreign_key_check").length > 0) trouble("rows without a parent");
      for (const { source, cursorAt, lastAt } of rows<Cursor>(db, CURSORS))
        if (cursorAt !== lastAt) trouble(`cursor of ${source} at ${cursorAt}, sample at ${lastAt}`);
    });
  }

  /** Stored in one round, but with a number missing before the last. */
  holes(): unknown[] {
    const round = `(at - ${this.#start}) / ${REPORTS_PER_ROUND}`;
    const first = `min((at - ${this.#start}) % ${REPORTS_PER_ROUND})`;
    return this.look((db) =>
      db.rows(
        `select source, ${round} as round, count(*) as n, max(at) - min(at) + 1 as span, ${first} as first
         from sample group by 1, 2 having n <> span or first <> 0`,
      ),
    );
  }

  /** Cursors that do not name the report that was made at their time. */
  wrongCursors(): unknown[] {
    const cursors = this.look((db) => rows<Acknowledged>(db, "select boot, seq, at from report_cursor"));
    return cursors.filter(({ boot, seq, at }) => {
      const round = Math.floor((at - this.#start) / REPORTS_PER_ROUND);
      return boot !== bootOf(round) || seq !== at - this.#start - round * REPORTS_PER_ROUND;
    });
  }

  stored(): Acknowledged[] {
    return this.look((db) => rows<Acknowledged>(db, "select source, at from sample"));
  }

  /** Reads as the next process would find it, and leaves the log for that process to recover. */
  look<T>(read: (db: Database) => T): T {
    const db = openDatabase(orgFile(this.dataDir, DEFAULT_ORG), "readonly");
    try {
      return read(db);
    } finally {
      db.close();
    }
  }
}

export class Driver {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #lines: Lines;

  constructor(input: DriverInput) {
    const driver = join(import.meta.dir, "ingest-driver.ts");
    const command = [process.execPath, "--no-orphans", driver, JSON.stringify(input)];
    this.#child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    this.#lines = new Lines(this.#child.stdout);
  }

  /** Everything a journal held has been given back. */
  async ready(): Promise<void> {
    const found = await this.#lines.find((line) => line.startsWith("ready"));
    if (found === undefined) throw new Error(`it did not start: ${await this.complaints()}`);
  }

  async acknowledged(count: number): Promise<void> {
    let counted = 0;
    if (count === 0) return;
    const found = await this.#lines.find((line) => line.startsWith("ack") && ++counted >= count);
    if (found === undefined) throw new Error(`it ended by itself: ${await this.complaints()}`);
  }

  /** All it has said. */
  async kill(): Promise<string> {
    this.#child.kill("SIGKILL");
    await this.#lines.find(() => false);
    await this.#child.exited;
    return this.#lines.text;
  }

  /** Once it has ended. */
  complaints(): Promise<string> {
    return new Response(this.#child.stderr).text();
  }
}

interface Cursor {
  source: string;
  cursorAt: number;
  lastAt: number;
}
const CURSORS = `select source, at as cursorAt,
  (select max(at) from sample s where s.source = c.source) as lastAt from report_cursor c`;

const bootOf = (round: number) => `boot-${String(round).padStart(4, "0")}`;

export function keyOf({ source, at }: Pick<Acknowledged, "source" | "at">): string {
  return `${source} ${at}`;
}

function rows<Row>(db: Database, sql: string): Row[] {
  return db.rows(sql) as Row[];
}
