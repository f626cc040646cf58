/**
 * Reports that the server has not acknowledged, oldest first, in a folder of segments.
 *
 * - It is empty, and nothing is written, as long as the server acknowledges.
 * - Appended reports survive the end of this process at once. The disk is told to hold on to them once
 *   a minute and at a clean stop, so a power cut costs at most the last minute: an SD card that is
 *   synced with every report would not live long.
 * - It is bounded. What no longer fits pushes out the oldest segment, and the gap that leaves, which
 *   is always just before the oldest report, is remembered until the server was told.
 * - A disk that takes nothing (full, read-only) leaves the newest reports in memory, bounded as well.
 *
 * What was acknowledged is remembered by number, written after each batch without waiting for the
 * disk: when that is lost a batch is sent again, and the server knows reports it has by boot and
 * sequence.
 */
import {
  close,
  fdatasync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Log } from "../server/lib/log.ts";
import { decodeSegment, encodeRecord, SEGMENT_HEADER, type SpooledReport } from "./spool-segment.ts";
import { findSpoolState, type Gap, keepSpoolState, widen } from "./spool-state.ts";

/** About a hundred reports of an ordinary machine: what is pushed out or read at once. */
const SEGMENT_BYTES = 256 * 1024;
/** A small limit still has several segments, so that reaching it does not empty the spool. */
const LEAST_SEGMENTS = 8;
/** What a file takes on a disk at least. */
const BLOCK_BYTES = 4_096;
/** Reports no disk would take. */
const MEMORY_BYTES = 2 * 1024 * 1024;
const SYNC_WITHIN_MS = 60_000;

interface Segment {
  /** Number of its first record. */
  first: number;
  count: number;
  bytes: number;
}

export interface SpoolOptions {
  folder: string;
  limitBytes: number;
  log: Log;
}

export interface BatchLimits {
  reports: number;
  packedBytes: number;
  unpackedBytes: number;
}

export interface Batch {
  reports: SpooledReport[];
  /** Number of the first report after it. */
  upTo: number;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #segments: Segment[] = [];
  /** Newer than every segment: what could not be written. */
  readonly #unwritten: SpooledReport[] = [];
  #unwrittenBytes = 0;
  /** The segment that is appended to, always the last. */
  #open: number | undefined;
  #acknowledged = 0;
  #gap: Gap | undefined;
  #owner: string | undefined;
  readonly #closing = new Set<Promise<void>>();
  #syncTimer: ReturnType<typeof setTimeout> | undefined;
  #complained = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
    try {
      this.#load();
    } catch (error) {
      this.#complain(error);
    }
  }

  get count(): number {
    const written = this.#segments.reduce((sum, { count }) => sum + count, 0);
    const first = this.#segments[0]?.first ?? this.#acknowledged;
    return written - Math.max(0, this.#acknowledged - first) + this.#unwritten.length;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + sizeOnDisk(segment), 0) + this.#unwrittenBytes;
  }

  /** Reports that had to go, just before the oldest that is here. */
  get gap(): Gap | undefined {
    return this.#gap;
  }

  /** Whose reports these are; undefined until somebody is told so. */
  get owner(): string | undefined {
    return this.#owner;
  }

  own(owner: string): void {
    if (this.#owner === owner) return;
    this.#owner = owner;
    if (this.count > 0) this.#keepState();
  }

  /** The server knows of the gap. */
  closeGap(): void {
    this.#gap = undefined;
    this.#keepState();
  }

  append(report: SpooledReport): void {
    this.#unwritten.push(report);
    this.#unwrittenBytes += report.packed.length;
    try {
      while (this.#unwritten[0]) {
        this.#write(this.#unwritten[0]);
        this.#shiftUnwritten();
      }
      this.#complained = false;
    } catch (error) {
      this.#complain(error);
      while (this.#unwrittenBytes > MEMORY_BYTES && this.#pushOutOldest());
    }
  }

  /** The oldest reports, as many as the limits allow, at least one. They stay here until `removeUpTo`. */
  peek(limits: BatchLimits): Batch {
    const batch: SpooledReport[] = [];
    let packed = 0;
    let unpacked = 0;
    let upTo = this.#acknowledged;
    for (const { number, report } of this.#oldestFirst()) {
      packed += report.packed.length;
      unpacked += report.unpackedBytes;
      const isTooMuch = packed > limits.packedBytes || unpacked > limits.unpackedBytes;
      if (batch.length > 0 && (isTooMuch || batch.length >= limits.reports)) break;
      batch.push(report);
      upTo = number + 1;
    }
    return { reports: batch, upTo };
  }

  /** Reports with lower numbers need not be sent again. */
  removeUpTo(number: number): void {
    for (let oldest = this.#segments[0]; oldest; oldest = this.#segments[0]) {
      const end = oldest.first + oldest.count;
      this.#acknowledged = Math.max(this.#acknowledged, Math.min(end, number));
      if (this.#acknowledged < end) break;
      this.#dropSegment(oldest);
    }
    while (this.#segments.length === 0 && this.#unwritten.length > 0 && this.#acknowledged < number) {
      this.#shiftUnwritten();
      this.#acknowledged++;
    }
    this.#keepState();
  }

  /** Forgets everything: these reports are no longer anybody's. */
  clear(): void {
    for (const segment of [...this.#segments]) this.#dropSegment(segment);
    this.#unwritten.length = 0;
    this.#unwrittenBytes = 0;
    this.#gap = undefined;
    this.#keepState();
  }

  /** Resolves when the disk holds what was appended, or refused to. */
  async close(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#closeSegment();
    await Promise.all(this.#closing);
  }

  #load(): void {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const state = findSpoolState(folder);
    this.#acknowledged = state?.acknowledged ?? 0;
    this.#gap = state?.gap;
    this.#owner = state?.owner;
    let damagedBytes = 0;
    for (const name of readdirSync(folder).sort()) {
      const first = /^(\d{15})\.seg$/.exec(name)?.[1];
      if (first === undefined) continue;
      const content = readFileSync(join(folder, name));
      const segment = decodeSegment(content);
      damagedBytes += segment.damagedBytes;
      this.#segments.push({ first: Number(first), count: segment.records.length, bytes: content.length });
    }
    for (const segment of [...this.#segments]) {
      if (segment.first + segment.count <= this.#acknowledged || segment.count === 0) {
        this.#dropSegment(segment);
      }
    }
    if (damagedBytes > 0) {
      this.#options.log.warn("the end of the spool was damaged and is left out", { bytes: damagedBytes });
    }
  }

  *#oldestFirst(): Generator<{ number: number; report: SpooledReport }> {
    for (const segment of [...this.#segments]) {
      for (const [index, report] of this.#read(segment).entries()) {
        const number = segment.first + index;
        if (number >= this.#acknowledged) yield { number, report };
      }
    }
    const firstUnwritten = this.#nextNumber;
    for (const [index, report] of this.#unwritten.entries()) yield { number: firstUnwritten + index, report };
  }

  /** Of the next report that is written. */
  get #nextNumber(): number {
    const last = this.#segments.at(-1);
    return Math.max(this.#acknowledged, last ? last.first + last.count : 0);
  }

  #read(segment: Segment): SpooledReport[] {
    try {
      const { records } = decodeSegment(readFileSync(this.#pathOf(segment)));
      if (records.length >= segment.count) return records.slice(0, segment.count);
      this.#options.log.error("a part of the spool is damaged and is left out", {
        reports: segment.count - records.length,
      });
      segment.count = records.length;
      if (segment.first + segment.count <= this.#acknowledged) this.#dropSegment(segment);
      return records;
    } catch (error) {
      this.#complain(error);
      this.#dropSegment(segment);
      return [];
    }
  }

  #write(report: SpooledReport): void {
    const record = encodeRecord(report);
    while (this.bytes + record.length > this.#options.limitBytes && this.#pushOutOldest());
    const segment = this.#segmentFor(record.length);
    const fd = this.#open as number;
    try {
      const written = writeSync(fd, record, 0, record.length, segment.bytes);
      if (written < record.length) throw new Error("the disk took only a part of a report");
    } catch (error) {
      this.#cutBack(segment);
      throw error;
    }
    segment.bytes += record.length;
    segment.count++;
    this.#syncTimer ??= setTimeout(() => this.#sync(), SYNC_WITHIN_MS).unref();
  }

  #segmentFor(bytes: number): Segment {
    const most = Math.min(SEGMENT_BYTES, this.#options.limitBytes / LEAST_SEGMENTS);
    const last = this.#segments.at(-1);
    if (this.#open !== undefined && last && last.bytes + bytes <= most) return last;
    this.#closeSegment();
    const segment = { first: this.#nextNumber, count: 0, bytes: SEGMENT_HEADER.length };
    this.#open = openSync(this.#pathOf(segment), "w", 0o600);
    this.#segments.push(segment);
    try {
      writeSync(this.#open, SEGMENT_HEADER, 0, SEGMENT_HEADER.length, 0);
    } catch (error) {
      this.#dropSegment(segment);
      throw error;
    }
    if (!last) this.#keepState();
    return segment;
  }

  /** What was written of an unfinished record goes, so that the next is found. */
  #cutBack(segment: Segment): void {
    try {
      if (segment.count === 0) this.#dropSegment(segment);
      else ftruncateSync(this.#open as number, segment.bytes);
    } catch {
      /* It is the last of its segment: what is read ends before it. */
    }
    this.#closeSegment();
  }

  /** False when there is nothing left that could go. */
  #pushOutOldest(): boolean {
    const oldest = this.#segments[0];
    if (oldest) {
      const lost = this.#read(oldest).slice(Math.max(0, this.#acknowledged - oldest.first));
      this.#gap = widen(this.#gap, lost);
      this.#acknowledged = Math.max(this.#acknowledged, oldest.first + oldest.count);
      this.#dropSegment(oldest);
    } else {
      const lost = this.#unwritten.length > 1 ? this.#shiftUnwritten() : undefined;
      if (!lost) return false;
      this.#acknowledged++;
      this.#gap = widen(this.#gap, [lost]);
    }
    this.#keepState();
    return true;
  }

  #shiftUnwritten(): SpooledReport | undefined {
    const report = this.#unwritten.shift();
    this.#unwrittenBytes -= report?.packed.length ?? 0;
    return report;
  }

  #dropSegment(segment: Segment): void {
    const place = this.#segments.indexOf(segment);
    if (place < 0) return;
    if (place === this.#segments.length - 1) this.#closeSegment();
    this.#segments.splice(place, 1);
    try {
      rmSync(this.#pathOf(segment), { force: true });
    } catch (error) {
      this.#complain(error);
    }
  }

  #sync(): void {
    this.#syncTimer = undefined;
    if (this.#open !== undefined) fdatasync(this.#open, () => {});
  }

  /** Lets go of the segment that is appended to, once the disk holds it. */
  #closeSegment(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    const closed = new Promise<void>((resolve) => {
      fsync(file, () => close(file, () => resolve()));
    });
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }

  #keepState(): void {
    const isEmpty = this.#segments.length === 0 && this.#gap === undefined;
    try {
      const state = { acknowledged: this.#acknowledged, gap: this.#gap, owner: this.#owner };
      keepSpoolState(this.#options.folder, isEmpty ? undefined : state);
    } catch (error) {
      this.#complain(error);
    }
  }

  #pathOf({ first }: Segment): string {
    return join(this.#options.folder, `${String(first).padStart(15, "0")}.seg`);
  }

  #complain(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#options.log.error("the spool cannot use its folder; what waits is kept in memory", {
      folder: this.#options.folder,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
}

function sizeOnDisk({ bytes }: Segment): number {
  return Math.max(bytes, BLOCK_BYTES);
}
