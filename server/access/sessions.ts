/**
 * Browser sessions. lucia makes and validates them, through an adapter that reads the directory and
 * writes through the instance; nothing outside this file knows of lucia (its upstream ended in 2025,
 * see docs/adr).
 *
 * - What a browser holds is 200 random bits; only its SHA-256 is kept anywhere.
 * - A session ends after 14 days without use, and after 90 days whatever happens.
 * - The cookie is `__Host-` and `Secure` where the connection is TLS; on plain HTTP no browser would
 *   take such a cookie, so there it has a plain name. A cookie of one kind is not accepted for the other.
 */
import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from "lucia";
import type { PersonEntry, SessionEntry } from "../contract/directory.ts";
import { type UserId as PersonId, SessionId } from "../contract/ids.ts";
import type { Clock } from "../lib/clock.ts";
import { mintId, sha256Hex } from "../lib/random-id.ts";
import type { Proven } from "../people/accounts.ts";
import type { Calls } from "../runtime/calls.ts";
import type { InstanceVerbs } from "../runtime/instance-verbs.ts";
import type { Directory } from "./directory.ts";

declare module "lucia" {
  interface Register {
    Lucia: Lucia;
    UserId: PersonId;
    DatabaseSessionAttributes: NewSessionFacts;
  }
}

interface NewSessionFacts {
  authEpoch: number;
  address: string;
  userAgent: string;
}

const IDLE_END = new TimeSpan(14, "d");
const ABSOLUTE_END_MS = 90 * 86_400_000;
/** "Last seen" is written at most this often. */
const NOTE_USE_EVERY_MS = 3_600_000;
const RAW_ID = /^[a-z2-7]{40}$/;
const MAX_USER_AGENT_LENGTH = 300;

export const SESSION_COOKIE = "pulse_session";
export const SECURE_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;

export interface ValidSession {
  session: SessionEntry;
  person: PersonEntry;
  /** To be sent when the session was prolonged. */
  setCookie?: string;
}

export interface SessionsOptions {
  directory: Directory;
  instance: Calls<InstanceVerbs>;
  clock: Clock;
  onFailure: (error: unknown) => void;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #plain: Lucia;
  readonly #secure: Lucia;
  readonly #noting = new Set<string>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    const adapter = this.#adapter();
    this.#plain = new Lucia(adapter, {
      sessionExpiresIn: IDLE_END,
      sessionCookie: { name: SESSION_COOKIE, attributes: { secure: false, sameSite: "lax" } },
    });
    this.#secure = new Lucia(adapter, {
      sessionExpiresIn: IDLE_END,
      sessionCookie: { name: SECURE_SESSION_COOKIE, attributes: { secure: true, sameSite: "lax" } },
    });
  }

  /**
   * What the browser sent as its session, valid or not. Not read by lucia, which decodes every name
   * and value: a stray `%` in another program's cookie would be an error of ours, and an encoded name
   * would count as the real one.
   */
  rawIn(cookieHeader: string, secure: boolean): string | undefined {
    const start = `${this.#lucia(secure).sessionCookieName}=`;
    const pairs = cookieHeader.split(";").map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
  }

  async validate(rawId: string, secure: boolean): Promise<ValidSession | undefined> {
    const lucia = this.#lucia(secure);
    const valid = await lucia.validateSession(rawId);
    const session = valid.session && this.#options.directory.session(sha256Hex(rawId));
    const person = session && this.#options.directory.person(session.userId);
    if (!session || !person) return undefined;
    if (this.#options.clock() - session.lastSeenAt > NOTE_USE_EVERY_MS)
      this.#noteUse(session, session.idleEndsAt);
    return {
      session,
      person,
      ...(valid.session?.fresh && { setCookie: lucia.createSessionCookie(rawId).serialize() }),
    };
  }

  /** Always a new session: an id that was there before sign-in is never taken over. */
  async create(
    proven: Proven,
    from: { address: string; userAgent: string; secure: boolean },
  ): Promise<{ setCookie: string }> {
    const lucia = this.#lucia(from.secure);
    const { id } = await lucia.createSession(proven.userId, {
      authEpoch: proven.authEpoch,
      address: from.address,
      userAgent: from.userAgent.slice(0, MAX_USER_AGENT_LENGTH),
    });
    return { setCookie: lucia.createSessionCookie(id).serialize() };
  }

  /** What tells a browser to forget its session. */
  blankCookie(secure: boolean): string {
    return this.#lucia(secure).createBlankSessionCookie().serialize();
  }

  /** Whether the session still stands. For open streams: memory only, no side effect. */
  stands(idHash: string): boolean {
    const session = this.#options.directory.session(idHash);
    const person = session && this.#options.directory.person(session.userId);
    if (!session || !person || person.disabled) return false;
    const now = this.#options.clock();
    return now < session.idleEndsAt && now < session.endsAt;
  }

  #lucia(secure: boolean): Lucia {
    return secure ? this.#secure : this.#plain;
  }

  #noteUse(session: SessionEntry, idleEndsAt: number): void {
    const { idHash } = session;
    if (this.#noting.has(idHash)) return;
    this.#noting.add(idHash);
    this.#options.instance.sessions
      .extend({ idHash, lastSeenAt: this.#options.clock(), idleEndsAt: Math.min(idleEndsAt, session.endsAt) })
      .catch(this.#options.onFailure)
      .finally(() => this.#noting.delete(idHash));
  }

  #adapter(): Adapter {
    const { directory, instance, clock } = this.#options;
    return {
      getSessionAndUser: async (rawId): Promise<[DatabaseSession | null, DatabaseUser | null]> => {
        if (!RAW_ID.test(rawId)) return [null, null];
        const idHash = sha256Hex(rawId);
        const session = directory.session(idHash);
        if (!session || !this.stands(idHash)) return [null, null];
        const { userId, idleEndsAt } = session;
        return [
          { id: rawId, userId, expiresAt: new Date(idleEndsAt), attributes: { authEpoch: 0, ...session } },
          { id: userId, attributes: {} },
        ];
      },
      setSession: async ({ id, userId, expiresAt, attributes }) => {
        const now = clock();
        const session: SessionEntry = {
          idHash: sha256Hex(id),
          id: SessionId.parse(mintId("s")),
          userId,
          createdAt: now,
          lastSeenAt: now,
          idleEndsAt: expiresAt.getTime(),
          endsAt: now + ABSOLUTE_END_MS,
          address: attributes.address,
          userAgent: attributes.userAgent,
        };
        await instance.sessions.store({ session, authEpoch: attributes.authEpoch });
      },
      /* Not waited for: a request is not held up by the disk to prolong its session. */
      updateSessionExpiration: async (rawId, expiresAt) => {
        const session = directory.session(sha256Hex(rawId));
        if (session) this.#noteUse(session, expiresAt.getTime());
      },
      deleteSession: async (rawId) => {
        const session = directory.session(sha256Hex(rawId));
        if (session) await instance.sessions.end({ userId: session.userId, id: session.id });
      },
      /* Kept by the instance itself; lucia is never asked to do these. */
      getUserSessions: async () => [],
      deleteUserSessions: async () => {},
      deleteExpiredSessions: async () => {},
    };
  }
}
