/**
 * Exports under way, for whichever transport: how many at once, and the right to each before every page. An
 * export holds nothing in the actor: a page is asked for when the reader has room for it, and whoever leaves just does
 * not ask again.
 */
import { type Admitted, endReasonFor, roleOf } from "../access/admission.ts";
import type { ExportInput, ExportPlan, ExportTicket } from "../contract/export.ts";
import type { OrgId } from "../contract/ids.ts";
import type { Clock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import { randomBase32 } from "../lib/random-id.ts";
import type { Edge } from "./edge.ts";
import { exportSource } from "./org-view.ts";

export const EXPORT_PATH = "/api/history/export";

/** At once; each of them costs about half a core where the reader is fast. */
const MAX_PER_ORG = 4;
const MAX_IN_ALL = 32;
/** Bytes handed over at a time: a slow line shows that it is alive every few seconds. */
const PIECE_BYTES = 64 * 1024;
const TICKET_FOR_MS = 60_000;
/** Not used yet, of one session and of all; beyond that the session's oldest is void, or none is given. */
const TICKETS_PER_SESSION = 8;
const MAX_TICKETS = 10_000;

interface Ticket {
  admitted: Admitted;
  input: ExportInput;
  expiresAt: number;
}

export class Exports {
  readonly #clock: Clock;
  readonly #running = new Map<OrgId, number>();
  readonly #tickets = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a place; what is returned gives it back, however often it is called. */
  begin(orgId: OrgId): () => void {
    const ofOrg = this.#running.get(orgId) ?? 0;
    let all = 0;
    for (const count of this.#running.values()) all += count;
    if (ofOrg >= MAX_PER_ORG || all >= MAX_IN_ALL)
      throw new DomainError("rate_limited", "Too many exports at once. Try again when one is done.", {
        retryAfterMs: 10_000,
      });
    this.#running.set(orgId, ofOrg + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#running.get(orgId) ?? 1) - 1;
      if (left > 0) this.#running.set(orgId, left);
      else this.#running.delete(orgId);
    };
  }

  /**
   * A browser cannot say in a download which org it means, so it says so in a call, and is told where to fetch what it
   * asked for. The address is good once, for a minute, and only together with the session that asked.
   */
  issue(admitted: Admitted, input: ExportInput): ExportTicket {
    const now = this.#clock();
    const session = sessionOf(admitted);
    const own: string[] = [];
    for (const [secret, ticket] of this.#tickets) {
      if (ticket.expiresAt <= now) this.#tickets.delete(secret);
      else if (sessionOf(ticket.admitted) === session) own.push(secret);
    }
    const [oldest] = own;
    if (own.length >= TICKETS_PER_SESSION && oldest) this.#tickets.delete(oldest);
    if (this.#tickets.size >= MAX_TICKETS)
      throw new DomainError("rate_limited", "Too many exports at once. Try again in a minute.", {
        retryAfterMs: TICKET_FOR_MS,
      });
    const secret = randomBase32(32);
    const expiresAt = now + TICKET_FOR_MS;
    this.#tickets.set(secret, { admitted, input, expiresAt });
    return { path: `${EXPORT_PATH}/${secret}`, expiresAt };
  }

  /** What that session asked for. The ticket is used up by its own session and by nobody else. */
  redeem(secret: string, sessionHash: string): Pick<Ticket, "admitted" | "input"> {
    const ticket = this.#tickets.get(secret);
    if (!ticket || ticket.expiresAt <= this.#clock() || sessionOf(ticket.admitted) !== sessionHash)
      throw new DomainError("not_found", "This download has been fetched, or its minute is over.");
    this.#tickets.delete(secret);
    return ticket;
  }
}

function sessionOf({ caller }: Admitted): string | undefined {
  return caller?.session?.idHash;
}

export interface OpenExport {
  plan: ExportPlan;
  /** In their order; ends with a refusal when the right to it is gone. */
  pieces: AsyncGenerator<Uint8Array<ArrayBufferLike>>;
}

export async function openExport(edge: Edge, admitted: Admitted, input: ExportInput): Promise<OpenExport> {
  const { orgId, caller } = admitted;
  const roleNow = () => caller && roleOf(edge, orgId, caller);
  requireRight(edge, admitted);
  const view = { edge, orgId, role: roleNow() ?? "viewer", org: edge.shards.org(orgId) };
  const source = await exportSource(view, input, roleNow);
  requireRight(edge, admitted);
  return { plan: source.plan, pieces: pieces() };

  async function* pieces(): AsyncGenerator<Uint8Array> {
    const { parts, step, tail } = source.plan;
    for (const { head, series, prefix } of parts) {
      if (head) yield Buffer.from(head);
      for (let from = input.from; from < input.to && series.length > 0; ) {
        const asked = { series, step, from, to: input.to, ...(prefix !== undefined && { prefix }) };
        const { bytes, next } = await source.page(asked);
        from = next;
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          requireRight(edge, admitted);
          yield bytes.subarray(at, at + PIECE_BYTES);
        }
      }
    }
    requireRight(edge, admitted);
    if (tail) yield Buffer.from(tail);
  }
}

function requireRight(edge: Edge, admitted: Admitted): void {
  if (endReasonFor(edge, admitted, "viewer"))
    throw new DomainError("access_denied", "You have no access here.");
}
