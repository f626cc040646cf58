/**
 * The sources of one org: what is asked of its own accord, in memory and on disk. What somebody
 * changes here is on disk before it is answered.
 */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { source as sourceTable } from "../../db/org/sources.ts";
import { AgentId, SourceId } from "../contract/ids.ts";
import type { SourceState, SourceType } from "../contract/sources.ts";
import { SourceType as SourceTypeForm } from "../contract/sources.ts";
import { type OrgKeys, openSecrets, type Secrets, sealSecrets } from "../lib/sealed-secrets.ts";

export interface StoredSource {
  id: SourceId;
  type: SourceType;
  name: string;
  config: Record<string, unknown>;
  secretsSet: string[];
  intervalMs: number;
  enabled: boolean;
  /** An agent; undefined: the server. */
  agentId: AgentId | undefined;
  createdAt: number;
  updatedAt: number;
  /** Of a heartbeat. */
  lastBeatAt: number | undefined;
}

export class SourceBook {
  readonly #db: () => Database;
  readonly #keys: OrgKeys;
  readonly #sources = new Map<SourceId, StoredSource>();
  readonly #states = new Map<SourceId, SourceState>();
  readonly #onChange: (id: SourceId) => void;

  /** `onChange` hears of every source that is new, changed or gone, when it is on disk. */
  constructor(db: () => Database, keys: OrgKeys, onChange: (id: SourceId) => void) {
    this.#db = db;
    this.#keys = keys;
    this.#onChange = onChange;
    for (const row of db().orm.select().from(sourceTable).all()) {
      const source = sourceOf(row);
      this.#sources.set(source.id, source);
    }
  }

  get size(): number {
    return this.#sources.size;
  }

  all(): IterableIterator<StoredSource> {
    return this.#sources.values();
  }

  get(id: SourceId): StoredSource | undefined {
    return this.#sources.get(id);
  }

  /** What one agent checks. */
  *of(agentId: AgentId): Generator<StoredSource> {
    for (const source of this.#sources.values())
      if (source.enabled && source.agentId === agentId) yield source;
  }

  /** How asking it went, last. */
  stateOf({ id, enabled, createdAt }: StoredSource): SourceState {
    if (!enabled) return { status: "paused", since: createdAt };
    return this.#states.get(id) ?? { status: "waiting", since: createdAt };
  }

  setState(id: SourceId, state: SourceState): void {
    if (this.#sources.has(id)) this.#states.set(id, state);
  }

  /** Throws when they cannot be opened. */
  secretsOf(id: SourceId): Secrets {
    const row = this.#db()
      .orm.select({ secrets: sourceTable.secrets })
      .from(sourceTable)
      .where(eq(sourceTable.id, id))
      .get();
    return row?.secrets ? openSecrets(this.#keys, rowOf(id), row.secrets) : {};
  }

  /** New, or in place of the one with this id. `secrets`: undefined leaves what is sealed as it is. */
  put(source: StoredSource, secrets: Secrets | undefined): void {
    const { id, agentId, lastBeatAt, ...rest } = source;
    const names = secrets && Object.keys(secrets);
    const values = {
      ...rest,
      agentId: agentId ?? null,
      lastBeatAt: lastBeatAt ?? null,
      secretsSet: names ?? source.secretsSet,
      ...(secrets && { secrets: names?.length ? sealSecrets(this.#keys, rowOf(id), secrets) : null }),
    };
    const db = this.#db();
    db.transaction(() =>
      db.orm
        .insert(sourceTable)
        .values({ id, ...values })
        .onConflictDoUpdate({ target: sourceTable.id, set: values })
        .run(),
    );
    this.#sources.set(id, { ...source, secretsSet: values.secretsSet });
    this.#states.delete(id);
    this.#onChange(id);
  }

  remove(id: SourceId): void {
    const db = this.#db();
    db.transaction(() => db.orm.delete(sourceTable).where(eq(sourceTable.id, id)).run());
    this.#sources.delete(id);
    this.#states.delete(id);
    this.#onChange(id);
  }

  /** A heartbeat was heard. It is written with whatever is written next. */
  beat(id: SourceId, at: number): void {
    const source = this.#sources.get(id);
    if (source) this.#sources.set(id, { ...source, lastBeatAt: at });
  }

  /** Inside the caller's transaction. */
  writeBeats(ids: Iterable<SourceId>): void {
    for (const id of ids) {
      const at = this.#sources.get(id)?.lastBeatAt;
      if (at === undefined) continue;
      this.#db().orm.update(sourceTable).set({ lastBeatAt: at }).where(eq(sourceTable.id, id)).run();
    }
  }
}

/** What the secrets of a source are bound to. */
export function rowOf(sourceId: string): string {
  return `source ${sourceId} secrets`;
}

function sourceOf(row: typeof sourceTable.$inferSelect): StoredSource {
  const { secrets: _, agentId, lastBeatAt, ...rest } = row;
  return {
    ...rest,
    id: SourceId.parse(row.id),
    type: SourceTypeForm.parse(row.type),
    agentId: agentId === null ? undefined : AgentId.parse(agentId),
    lastBeatAt: lastBeatAt ?? undefined,
  };
}
