/**
 * The channels of one org, in memory and on disk. What somebody changes here is on disk before it is
 * answered.
 */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { channel as channelTable, pushKey as pushKeyTable } from "../../db/org/notifications.ts";
import { ChannelId } from "../contract/ids.ts";
import {
  type ChannelType,
  ChannelType as ChannelTypeForm,
  DELIVERY_FAILURES,
  type DeliveryFailure,
  type ToldLevel,
} from "../contract/notifications.ts";
import { type OrgKeys, openSecrets, type Secrets, sealSecrets } from "../lib/sealed-secrets.ts";
import type { PushKey } from "./outgoing.ts";

export interface StoredChannel {
  id: ChannelId;
  type: ChannelType;
  name: string;
  /** Without its secrets. */
  config: Record<string, unknown>;
  secretsSet: string[];
  enabled: boolean;
  leastLevel: ToldLevel;
  createdAt: number;
  updatedAt: number;
  lastSentAt: number | undefined;
  problem: StoredTrouble | undefined;
}

export interface StoredTrouble {
  at: number;
  /** Of the first time, with nothing taken since. */
  since: number;
  failure: DeliveryFailure;
  message: string;
  /** That messages do not arrive was told to the others. */
  isTold: boolean;
}

export class ChannelBook {
  readonly #db: () => Database;
  readonly #keys: OrgKeys;
  readonly #channels = new Map<ChannelId, StoredChannel>();

  constructor(db: () => Database, keys: OrgKeys) {
    this.#db = db;
    this.#keys = keys;
    this.load();
  }

  load(): void {
    this.#channels.clear();
    for (const row of this.#db().orm.select().from(channelTable).all()) {
      const channel = channelOf(row);
      this.#channels.set(channel.id, channel);
    }
  }

  get size(): number {
    return this.#channels.size;
  }

  all(): IterableIterator<StoredChannel> {
    return this.#channels.values();
  }

  get(id: ChannelId): StoredChannel | undefined {
    return this.#channels.get(id);
  }

  /** Throws when they cannot be opened. */
  secretsOf(id: ChannelId): Secrets {
    const row = this.#db()
      .orm.select({ secrets: channelTable.secrets })
      .from(channelTable)
      .where(eq(channelTable.id, id))
      .get();
    return row?.secrets ? openSecrets(this.#keys, rowOf(id), row.secrets) : {};
  }

  /** New, or in place of the one with this id. `secrets`: undefined leaves what is sealed as it is. */
  put(channel: StoredChannel, secrets: Secrets | undefined): void {
    const { id, problem, lastSentAt, ...rest } = channel;
    const names = secrets && Object.keys(secrets);
    const values = {
      ...rest,
      ...stateOf({ problem, lastSentAt }),
      secretsSet: names ?? channel.secretsSet,
      ...(secrets && { secrets: names?.length ? sealSecrets(this.#keys, rowOf(id), secrets) : null }),
    };
    const db = this.#db();
    db.transaction(() =>
      db.orm
        .insert(channelTable)
        .values({ id, ...values })
        .onConflictDoUpdate({ target: channelTable.id, set: values })
        .run(),
    );
    this.#channels.set(id, { ...channel, secretsSet: values.secretsSet });
  }

  /** How it went, last. Inside the caller's transaction. */
  note(id: ChannelId, state: Pick<StoredChannel, "problem" | "lastSentAt">): void {
    const channel = this.#channels.get(id);
    if (!channel) return;
    this.#db().orm.update(channelTable).set(stateOf(state)).where(eq(channelTable.id, id)).run();
    this.#channels.set(id, { ...channel, ...state });
  }

  /** Inside the caller's transaction. */
  remove(id: ChannelId): void {
    this.#db().orm.delete(channelTable).where(eq(channelTable.id, id)).run();
    this.#channels.delete(id);
  }

  /** What browsers know this org by; undefined: none does yet. */
  get pushKey(): PushKey | undefined {
    const row = this.#db().orm.select().from(pushKeyTable).get();
    return row && (openSecrets(this.#keys, PUSH_KEY_ROW, row.key) as unknown as PushKey);
  }

  /** For good: every browser that agreed would have to agree again. */
  keepPushKey(key: PushKey, now: number): void {
    const db = this.#db();
    const sealed = sealSecrets(this.#keys, PUSH_KEY_ROW, { ...key });
    db.transaction(() =>
      db.orm.insert(pushKeyTable).values({ id: 1, key: sealed, createdAt: now }).onConflictDoNothing().run(),
    );
  }
}

export const PUSH_KEY_ROW = "push key";

/** What the secrets of a channel are bound to. */
export function rowOf(channelId: string): string {
  return `channel ${channelId} secrets`;
}

function stateOf({ problem, lastSentAt }: Pick<StoredChannel, "problem" | "lastSentAt">) {
  return {
    lastSentAt: lastSentAt ?? null,
    problemAt: problem?.at ?? null,
    problemFailure: problem?.failure ?? null,
    problemMessage: problem?.message ?? null,
    problemSince: problem?.since ?? null,
    isTroubleTold: problem?.isTold ?? false,
  };
}

function channelOf(row: typeof channelTable.$inferSelect): StoredChannel {
  const { secrets: _, lastSentAt, problemAt, problemFailure, problemMessage, ...others } = row;
  const { problemSince, isTroubleTold, ...rest } = others;
  return {
    ...rest,
    id: ChannelId.parse(row.id),
    type: ChannelTypeForm.parse(row.type),
    leastLevel: row.leastLevel === "critical" ? "critical" : "warning",
    lastSentAt: lastSentAt ?? undefined,
    problem:
      problemAt === null
        ? undefined
        : {
            at: problemAt,
            since: problemSince ?? problemAt,
            failure: failureNamed(problemFailure),
            message: problemMessage ?? "",
            isTold: isTroubleTold,
          },
  };
}

export function failureNamed(name: string | null): DeliveryFailure {
  return name !== null && Object.hasOwn(DELIVERY_FAILURES, name) ? (name as DeliveryFailure) : "unknown";
}
