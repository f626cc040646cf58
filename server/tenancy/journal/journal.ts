/**
 * What reporters delivered and the orgs' own files do not hold yet. One per shard.
 *
 * A commit with a full sync in every org's file, for every report, costs five times the bytes of one
 * sync for all of them, and a thousand orgs would need a thousand. So a report is acknowledged when
 * the request it came with is in the journal, synced together with whatever else came in that moment;
 * the org writes it to its own file later, many at once, and then releases it here. After a crash
 * what was not released is delivered again (`replay`), and what an org had already is a repeat.
 *
 * Nothing is hidden in it from whoever works on an org's file: an org that is closed, halted or
 * stopped has written everything first.
 */
import { randomInt } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OrgId } from "../../contract/ids.ts";
import { DomainError } from "../../lib/domain-error.ts";
import { ensurePrivateFolder } from "../private-files.ts";
import {
  BLOCK_BYTES,
  encodeGroup,
  encodeHead,
  encodeRecord,
  groupBytes,
  type JournalRecord,
  MAX_RECORD_BYTES,
  SEGMENT_BYTES,
} from "./segment.ts";

/** 64 MiB per shard: some minutes of ten thousand orgs, read again in seconds. */
const MAX_SEGMENTS = 16;
/** From here on the orgs that hold the oldest segment are asked to write. */
const PRESSED_SEGMENTS = 12;
/** Free segments kept to be written again; more are given back to the disk. */
const KEPT_FREE = 2;
/** Waits to be written; past it the disk does not keep up. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
const MAX_GROUP_BYTES = 2 * 1024 * 1024;

/** What comes this close together shares a sync, as long as syncs are not many… */
const QUIET_WINDOW_MS = 10;
/** …and this close where they are: past `SYNCS_AT_ONCE` one a second is left. */
const BUSY_WINDOW_MS = 1_000;
const SYNCS_AT_ONCE = 600;

interface Segment {
  path: string;
  file: FileHandle;
  generation: number;
  salt: number;
  /** Checksum of its last record; the salt where there is none. */
  chain: number;
  /** Where the next group goes; 0: its head is not written either. */
  end: number;
  /** Orgs with records in it that are not in their own file. */
  unreleased: Set<OrgId>;
  /** Orgs that may have bytes in it: released ones, and those of its earlier lives. */
  holds: Set<OrgId>;
  /** Removed as soon as it is free: it holds what must not stay. */
  expelled: boolean;
}

interface Queued {
  orgId: OrgId;
  bytes: Buffer;
  /** It is in the org's own file already. */
  released: boolean;
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export interface JournalOptions {
  folder: string;
  /** Names its files: the shard. */
  name: string;
  /** These orgs should write soon: what they hold is old. */
  onPressure: (orgIds: OrgId[]) => void;
  /** Milliseconds that pass whatever the clock is set to. */
  now?: () => number;
  /** Syncs that may follow each other closely. */
  syncsAtOnce?: number;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #now: () => number;
  readonly #segments: Segment[] = [];
  readonly #free: Segment[] = [];
  #current: Segment | undefined;
  #queue: Queued[] = [];
  #queuedBytes = 0;
  /** What is being written, and where to. */
  #group: Queued[] = [];
  #writingTo: Segment | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  #lastGeneration = 0;
  readonly #syncsAtOnce: number;
  #syncs: number;
  #syncsCountedAt = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#syncsAtOnce = options.syncsAtOnce ?? SYNCS_AT_ONCE;
    this.#syncs = this.#syncsAtOnce;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Resolves when it is on disk. Rejects when it may not be: then it is to be delivered again. */
  append(record: JournalRecord): Promise<void> {
    const bytes = encodeRecord(record);
    if (bytes.length > MAX_RECORD_BYTES) return Promise.reject(tooLarge());
    if (this.#queuedBytes + bytes.length > MAX_QUEUED_BYTES) return Promise.reject(tooSlow());
    this.#queuedBytes += bytes.length;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ orgId: record.orgId, bytes, released: false, promise, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Resolves when everything appended until now is on disk. Rejects when some of it may not be. */
  async settled(): Promise<void> {
    await Promise.all([...this.#group, ...this.#queue].map(({ promise }) => promise));
  }

  /** Everything appended for this org until now is in its own file. */
  release(orgId: OrgId): void {
    for (const waiting of [...this.#group, ...this.#queue])
      if (waiting.orgId === orgId) waiting.released = true;
    for (const segment of [...this.#segments]) {
      if (segment.unreleased.delete(orgId)) this.#freeIfDone(segment);
    }
  }

  /** No byte of these orgs stays. They have released what is theirs; the others in the same segments must. */
  expel(isGone: (orgId: OrgId) => boolean): void {
    for (const segment of [...this.#segments, ...this.#free]) {
      if (![...segment.holds].some(isGone)) continue;
      segment.expelled = true;
      if (segment === this.#current) this.#current = undefined;
      if (segment.unreleased.size > 0) this.#options.onPressure([...segment.unreleased]);
      this.#freeIfDone(segment);
    }
  }

  /** Disk it takes. */
  get sizeBytes(): number {
    return (this.#segments.length + this.#free.length) * SEGMENT_BYTES;
  }

  /** Every org has been closed: nothing is needed any more. */
  async close(): Promise<void> {
    while (this.#queue.length > 0 || this.#writing) {
      this.#begin();
      await this.#writing;
    }
    clearTimeout(this.#timer);
    this.#current = undefined;
    for (const segment of [...this.#segments, ...this.#free]) {
      if (segment.unreleased.size > 0) void segment.file.close();
      else this.#remove(segment);
    }
  }

  #schedule(): void {
    if (this.#timer || this.#writing) return;
    this.#timer = setTimeout(() => this.#begin(), this.#window());
  }

  /** How long the first in the queue waits for others. */
  #window(): number {
    const now = this.#now();
    const refilled = this.#syncs + (now - this.#syncsCountedAt) / BUSY_WINDOW_MS;
    this.#syncs = Math.min(this.#syncsAtOnce, refilled);
    this.#syncsCountedAt = now;
    return this.#syncs >= 1 ? QUIET_WINDOW_MS : Math.ceil((1 - this.#syncs) * BUSY_WINDOW_MS);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) return;
    this.#syncs -= 1;
    this.#writing = this.#writeQueued().finally(() => {
      this.#writing = undefined;
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  async #writeQueued(): Promise<void> {
    const group = this.#takeGroup();
    this.#group = group;
    let segment: Segment | undefined;
    try {
      segment = await this.#segmentFor(groupBytes(group.map(({ bytes }) => bytes)));
      await this.#writeNeeded(segment, group);
      for (const { resolve } of group) resolve();
    } catch (error) {
      /* After a failed sync nobody knows what the file holds: it is not written any more. */
      if (segment) this.#abandon(segment);
      for (const { released, resolve, reject } of group) {
        if (released) resolve();
        else reject(error);
      }
    }
    this.#group = [];
    this.#writingTo = undefined;
    if (segment) this.#freeIfDone(segment);
    this.#press();
  }

  /** What was released while it waited is on disk, and its org may not want to be anywhere else any more. */
  async #writeNeeded(segment: Segment, group: readonly Queued[]): Promise<void> {
    const needed = group.filter(({ released }) => !released);
    if (needed.length === 0) return;
    for (const { orgId } of needed) {
      segment.holds.add(orgId);
      segment.unreleased.add(orgId);
    }
    const { group: bytes, chain } = encodeGroup(
      needed.map((queued) => queued.bytes),
      segment.chain,
    );
    await this.#write(segment, bytes);
    segment.chain = chain;
  }

  #takeGroup(): Queued[] {
    let size = 0;
    let count = 0;
    for (const { bytes } of this.#queue) {
      if (count > 0 && size + bytes.length > MAX_GROUP_BYTES) break;
      size += bytes.length;
      count++;
    }
    this.#queuedBytes -= size;
    return this.#queue.splice(0, count);
  }

  async #write(segment: Segment, group: Buffer): Promise<void> {
    const { file } = segment;
    if (segment.end === 0) {
      await file.write(encodeHead(segment), 0, BLOCK_BYTES, 0);
      segment.end = BLOCK_BYTES;
    }
    const { bytesWritten } = await file.write(group, 0, group.length, segment.end);
    if (bytesWritten < group.length) throw full();
    await file.datasync();
    segment.end += group.length;
  }

  async #segmentFor(bytes: number): Promise<Segment> {
    const current = this.#current;
    this.#writingTo = current;
    if (current && Math.max(current.end, BLOCK_BYTES) + bytes <= SEGMENT_BYTES) return current;
    this.#writingTo = undefined;
    this.#current = undefined;
    if (current) this.#freeIfDone(current);
    const reused = this.#free.pop();
    if (!reused && this.#segments.length >= MAX_SEGMENTS) throw tooSlow();
    const segment = reused ?? (await this.#make());
    segment.generation = ++this.#lastGeneration;
    segment.salt = randomInt(1, 2 ** 32 - 1);
    segment.chain = segment.salt;
    segment.end = 0;
    this.#segments.push(segment);
    this.#current = segment;
    this.#writingTo = segment;
    return segment;
  }

  /** Filled with zeros once, so that writing into it later changes nothing but its own blocks. */
  async #make(): Promise<Segment> {
    const { folder, name } = this.#options;
    const isNew = !existsSync(folder);
    ensurePrivateFolder(folder);
    if (isNew) syncFolder(dirname(folder));
    const path = join(folder, `${name}-${Date.now().toString(36)}${randomInt(36 ** 4).toString(36)}.journal`);
    const file = await open(path, "wx+", 0o600);
    try {
      const zeros = Buffer.alloc(SEGMENT_BYTES);
      const { bytesWritten } = await file.write(zeros, 0, zeros.length, 0);
      if (bytesWritten < zeros.length) throw full();
      await file.sync();
      syncFolder(folder);
    } catch (error) {
      await file.close();
      rmSync(path, { force: true });
      throw error;
    }
    return {
      path,
      file,
      generation: 0,
      salt: 0,
      chain: 0,
      end: 0,
      unreleased: new Set(),
      holds: new Set(),
      expelled: false,
    };
  }

  #freeIfDone(segment: Segment): void {
    if (segment === this.#current || segment === this.#writingTo || segment.unreleased.size > 0) return;
    const at = this.#segments.indexOf(segment);
    if (at >= 0) this.#segments.splice(at, 1);
    if (segment.expelled || this.#free.length >= KEPT_FREE) this.#remove(segment);
    else if (at >= 0) this.#free.push(segment);
  }

  #abandon(segment: Segment): void {
    if (segment === this.#current) this.#current = undefined;
    segment.expelled = true;
    this.#freeIfDone(segment);
  }

  #remove(segment: Segment): void {
    const at = this.#free.indexOf(segment);
    if (at >= 0) this.#free.splice(at, 1);
    rmSync(segment.path, { force: true });
    void segment.file.close();
  }

  #press(): void {
    if (this.#segments.length < PRESSED_SEGMENTS) return;
    const oldest = this.#segments.find((segment) => segment !== this.#current);
    if (oldest) this.#options.onPressure([...oldest.unreleased]);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function tooSlow(): DomainError {
  return new DomainError("storage_full", "The disk does not keep up. Keep the report and send it again.", {
    retryAfterMs: 5_000,
  });
}

function tooLarge(): DomainError {
  return new DomainError("too_large", "The delivery is too large.");
}

function full(): DomainError {
  return new DomainError("storage_full", "The disk of the server is full.", { retryAfterMs: 30_000 });
}
