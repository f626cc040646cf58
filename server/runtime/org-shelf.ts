/**
 * The orgs of one shard: opened when they are asked for, closed when they rest, refused while they
 * are halted. An org that was halted has written everything and holds no file, and nothing that is
 * still on its way brings it back to life.
 */
import type { WatchersGone } from "../agents/watching.ts";
import type { DoorWatch } from "../contract/doors.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import { NOTHING_OUTSIDE, type OrgOutside } from "../contract/outside.ts";
import { DomainError } from "../lib/domain-error.ts";
import { errorText, type Log } from "../lib/log.ts";
import type { OrgConnections } from "../tenancy/connections.ts";
import type { HaltedOrgs } from "./calls.ts";
import { OrgRuntime, type OrgSurroundings } from "./org-runtime.ts";

const CLOSE_RESTING_EVERY_MS = 30_000;
/** An org that was asked for something stays open at least this long. */
const KEPT_OPEN_MS = 60_000;

/** What whoever asks for a halted one is told: most are back in a moment, or refused by then for what they are. */
const STOPPED_FOR_MS = 2_000;

/** Orgs that write between two turns for whatever else has come in. */
const PRESSED_AT_ONCE = 4;

export interface OrgShelfOptions {
  files: OrgConnections;
  journal: OrgSurroundings["journal"] & { expel(isGone: (orgId: OrgId) => boolean): void };
  log: Log;
  halted: HaltedOrgs;
  around: Omit<OrgSurroundings, "doors" | "outside" | "journal">;
}

interface Shelved {
  org: OrgRuntime;
  usedAt: number;
}

export class OrgShelf {
  readonly #options: OrgShelfOptions;
  readonly #open = new Map<OrgId, Shelved>();
  readonly #doors = new Map<OrgId, DoorWatch[]>();
  readonly #outside = new Map<OrgId, OrgOutside>();
  readonly #halted = new Set<OrgId>();
  #allHalted = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: OrgShelfOptions) {
    this.#options = options;
    this.#mark(options.halted);
    this.#timer = setInterval(() => this.#closeResting(), CLOSE_RESTING_EVERY_MS);
  }

  /** Opens it when it is closed. Throws when it is halted, or when its file cannot be used. */
  get(orgId: OrgId): OrgRuntime {
    const now = performance.now();
    const found = this.#open.get(orgId);
    if (found) {
      found.usedAt = now;
      return found.org;
    }
    if (this.#isHalted(orgId))
      throw new DomainError("org_unavailable", "Stopped for now.", { retryAfterMs: STOPPED_FOR_MS });
    const { files, around, journal } = this.#options;
    const file = { use: () => files.use(orgId), sizeBytes: () => files.sizeOf(orgId) };
    const doors = this.#doors.get(orgId) ?? [];
    const outside = this.#outside.get(orgId) ?? NOTHING_OUTSIDE;
    const org = new OrgRuntime(orgId, file, { ...around, journal, doors, outside });
    this.#open.set(orgId, { org, usedAt: now });
    return org;
  }

  /** Has these write what the journal holds for them, a few at a time. */
  async press(orgIds: readonly OrgId[]): Promise<void> {
    for (const [index, orgId] of orgIds.entries()) {
      if (index % PRESSED_AT_ONCE === 0) await new Promise(setImmediate);
      this.#open.get(orgId)?.org.commit.request(0);
    }
  }

  setDoors(orgId: OrgId, doors: DoorWatch[]): void {
    if (doors.length > 0) this.#doors.set(orgId, doors);
    else this.#doors.delete(orgId);
    this.#open.get(orgId)?.org.doors.set(doors);
  }

  /** An org that is closed has nobody who looks. */
  unwatch(orgId: OrgId | undefined, gone: WatchersGone): void {
    for (const [id, { org }] of this.#open)
      if (orgId === undefined || id === orgId) org.watching.releaseAll(gone);
  }

  setOutside(orgId: OrgId, outside: OrgOutside | undefined): void {
    if (outside) this.#outside.set(orgId, outside);
    else this.#outside.delete(orgId);
    const org = this.#open.get(orgId)?.org;
    if (org) org.outside = outside ?? NOTHING_OUTSIDE;
  }

  halt(orgs: HaltedOrgs): void {
    this.#mark(orgs);
    for (const orgId of [...this.#open.keys()]) if (this.#isHalted(orgId)) this.#close(orgId);
    this.#options.files.letGo();
    this.#options.journal.expel((orgId) => this.#isHalted(orgId));
  }

  /** Those named may be asked again; with `all`, every one. */
  admit(orgs: HaltedOrgs): void {
    this.#allHalted = false;
    if (orgs === "all") this.#halted.clear();
    else for (const orgId of orgs) this.#halted.delete(orgId);
  }

  closeAll(): void {
    clearInterval(this.#timer);
    for (const orgId of [...this.#open.keys()]) this.#close(orgId);
    this.#options.files.closeAll();
  }

  #mark(orgs: HaltedOrgs): void {
    if (orgs === "all") this.#allHalted = true;
    else for (const orgId of orgs) this.#halted.add(orgId);
  }

  #isHalted(orgId: OrgId): boolean {
    return orgId !== DEFAULT_ORG && (this.#allHalted || this.#halted.has(orgId));
  }

  #closeResting(): void {
    const limit = performance.now() - KEPT_OPEN_MS;
    for (const [orgId, { org, usedAt }] of this.#open)
      if (usedAt < limit && orgId !== DEFAULT_ORG && org.isAtRest) this.#close(orgId);
  }

  #close(orgId: OrgId): void {
    const { files, log } = this.#options;
    try {
      this.#open.get(orgId)?.org.close();
    } catch (error) {
      log.error("could not write the last reports of an org", { org_id: orgId, error: errorText(error) });
    }
    if (this.#open.delete(orgId)) files.close(orgId);
  }
}
