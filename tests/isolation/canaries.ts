/**
 * Values that stand for somebody's data: `CNRY~<org>~<table>~<column>~<random>`, so that wherever one turns up it
 * says whose it is and from where. In names that have a form of their own they are written in that form.
 */
import { Database } from "bun:sqlite";
import { randomBase32 } from "../../server/lib/random-id.ts";
import type { OrgTag } from "./principals.ts";

export interface Canary {
  /** `instance`: of whoever operates it, and of nobody's org. */
  org: OrgTag | "instance";
  /** `resource.name`. */
  place: string;
  text: string;
  /** Shown once, to nobody ever again. */
  secret?: true;
  /** Not shown to anybody at all: inside the files only. */
  inside?: true;
}

export class Canaries {
  readonly all: Canary[] = [];

  /** `form` makes of a plain canary what fits its place. */
  make(
    org: Canary["org"],
    place: string,
    form: (plain: string) => string = (plain) => plain,
    facts: Pick<Canary, "secret" | "inside"> = {},
  ): string {
    const text = form(`CNRY~${org}~${place.replace(".", "~")}~${randomBase32(8)}`);
    return this.take(org, place, text, facts);
  }

  /** Something that is there already and is as good as a canary. */
  take(
    org: Canary["org"],
    place: string,
    text: string,
    facts: Pick<Canary, "secret" | "inside"> = {},
  ): string {
    this.all.push({ org, place, text, ...facts });
    return text;
  }
}

/** Of the form of a metric's or an attribute's name. */
export function asName(plain: string): string {
  return plain.toLowerCase().replaceAll(/[^a-z0-9]/g, "_");
}

export function asEmail(plain: string): string {
  return `${plain.toLowerCase()}@example.org`;
}

/**
 * Columns of an org's file. `report`: what was reported carries a canary into it, `call`: what was said by a call.
 * Anything else is why there can be none. A column that does not stand here gets one, whatever it is.
 */
export const ORG_COLUMNS: Record<string, "report" | "call" | (string & {})> = {
  "resource.id": "an id of ours: foreign ids are what bola.test.ts is about",
  "resource.kind": "one of a few words",
  "resource.status": "one of a few words",
  "resource.source": "report",
  "resource.key": "report",
  "resource.parent_key": "report",
  "resource.name": "report",
  "resource.attributes": "report",
  "report_cursor.source": "report",
  "report_cursor.boot": "report",
  "sample.source": "report",
  "sample.packed": "numbers: each org reports one of its own, searched for as text",
  "sample_layout.columns": "report",
  "history_source.source": "as in sample.source, once an hour is over",
  "chunk.head": "numbers, sealed once an hour is over",
  "chunk_part.bytes": "numbers, sealed once an hour is over",
  "report_cursor.missing": "pairs of numbers",
  "own_facts.resource_id": "an id of ours",
  "own_facts.name": "call",
  "own_facts.notes": "call",
  "own_facts.tags": "call",
  "own_facts.link": "call",
  "merge.id": "an id of ours",
  "merge.absorbed": "an id of ours",
  "merge.into": "an id of ours",
  "merge.how": "one of a few words",
  "separation.first": "an id of ours",
  "separation.second": "an id of ours",
  "source.id": "an id of ours",
  "source.type": "one of a few words",
  "source.name": "call",
  "source.config": "call",
  "source.secrets_set": "words of ours",
  "source.secrets": "sealed: what it is of is searched for",
  "source.agent_id": "an id of ours",
  "channel.id": "an id of ours",
  "channel.type": "one of a few words",
  "channel.name": "call",
  "channel.config": "call",
  "channel.secrets_set": "words of ours",
  "channel.secrets": "sealed: what it is of is searched for",
  "channel.least_level": "one of a few words",
  "channel.problem_failure": "one of a few words",
  "channel.problem_message": "a sentence of ours",
  "delivery.id": "an id of ours",
  "delivery.channel_id": "an id of ours",
  "delivery.state": "one of a few words",
  "delivery.message": "call",
  "delivery.failure": "one of a few words",
  "delivery.problem": "a sentence of ours",
  "told.channel_id": "an id of ours",
  "told.alert_id": "ids of ours; no alert is open",
  "told.level": "one of a few words",
  "push_key.key": "sealed",
  "route_settings.settings": "call",
  "held.channel_id": "an id of ours",
  "held.alert_id": "an id of ours",
  "follow_up.alert_id": "an id of ours",
  "follow_up.kind": "one of a few words",
  "follow_up.route": "as in route_settings.settings; compared, and never told",
  "decision.alert_id": "an id of ours",
  "decision.event": "one of a few words",
  "decision.level": "one of a few words",
  "decision.why": "call",
  "decision.tellings": "call",
  "alert.id": "an id of ours",
  "alert.rule": "words of ours",
  "alert.resource_id": "an id of ours",
  "alert.place_id": "an id of ours",
  "alert.level": "one of a few words",
  "alert.facts": "report",
  "alert_entry.alert_id": "an id of ours",
  "alert_entry.type": "one of a few words",
  "alert_entry.facts": "report",
  "alert_stand.resource_id": "an id of ours",
  "alert_stand.rule": "words of ours",
  "alert_stand.stand": "numbers and ids of ours",
  "alert_settings.settings": "call",
  "silence.id": "an id of ours",
  "silence.facts": "call",
};

/** The same for `instance.db`, where nothing is planted afterwards: `call` is by the API. A new column needs a line. */
export const INSTANCE_COLUMNS: Record<string, "call" | (string & {})> = {
  "user.id": "an id of ours",
  "user.email": "call",
  "user.name": "call",
  "user.password_hash": "a secret with a form: searched for as it is",
  "session.id_hash": "a hash: what it is of is searched for",
  "session.id": "an id of ours",
  "session.user_id": "an id of ours",
  "session.address": "everybody in these tests comes from 127.0.0.1",
  "session.user_agent": "call",
  "org.id": "an id of ours",
  "org.slug": "call",
  "org.name": "call",
  "org.primary_domain": "call",
  "org.state": "one of a few words",
  "org.limits": "numbers under names of ours",
  "membership.org_id": "an id of ours",
  "membership.user_id": "an id of ours",
  "membership.role": "one of a few words",
  "invitation.id": "an id of ours",
  "invitation.secret_hash": "a hash: what it is of is searched for",
  "invitation.org_id": "an id of ours",
  "invitation.email": "call",
  "invitation.role": "one of a few words",
  "invitation.invited_by": "an id of ours",
  "share.id": "an id of ours",
  "share.source_org_id": "an id of ours",
  "share.target_org_id": "an id of ours",
  "share.resource_id": "an id of ours",
  "share.resource_name": "call",
  "share.resource_kind": "one of a few words",
  "share.role": "one of a few words",
  "share.state": "one of a few words",
  "token.id": "an id of ours",
  "token.secret_hash": "a hash: what it is of is searched for",
  "token.name": "call",
  "token.made_by": "an id of ours",
  "token.scopes": "a list of a few words",
  "token_org.token_id": "an id of ours",
  "token_org.org_id": "an id of ours",
  "agent.id": "an id of ours",
  "agent.org_id": "an id of ours",
  "agent.name": "call",
  "agent.secret_hash": "a hash: what it is of is searched for",
  "agent.enrolment_id": "an id of ours",
  "enrolment.id": "an id of ours",
  "enrolment.org_id": "an id of ours",
  "enrolment.name": "call",
  "enrolment.secret_hash": "a hash: what it is of is searched for",
  "audit.org_id": "an id of ours",
  "audit.actor_kind": "one of a few words",
  "audit.actor_id": "an id of ours",
  "audit.action": "words of ours",
  "audit.subject": "an id of ours",
  "audit.details": "call",
  "audit.hash": "a hash",
  "setting.key": "words of ours",
  "setting.value": "of the instance: its id, its licence",
  "idempotency.org_id": "an id of ours",
  "idempotency.caller": "an id of ours",
  "idempotency.key_hash": "a hash",
  "idempotency.request_hash": "a hash",
  "idempotency.answer": "sealed with a key that only its caller has",
};

interface Column {
  place: string;
  table: string;
  column: string;
}

export function textColumns(db: Database): Column[] {
  const tables = db
    .query<{ name: string }, []>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    )
    .all();
  return tables.flatMap(({ name: table }) =>
    db
      .query<{ name: string; type: string }, []>(`pragma table_info("${table}")`)
      .all()
      .filter(({ type }) => /TEXT|BLOB|CHAR|CLOB|^$/i.test(type))
      .map(({ name: column }) => ({ place: `${table}.${column}`, table, column })),
  );
}

/** A message that was given up: nothing makes one by a call. */
function plantDelivery(db: Database, org: OrgTag, canaries: Canaries): void {
  const channel = db.query<{ id: string }, []>("select id from channel limit 1").get();
  if (!channel) return;
  const title = canaries.make(org, "delivery.message");
  const alert = { id: "alert", event: "fired", level: "warning", title, lines: [], since: 1 };
  const message = JSON.stringify({ id: "message", at: 1, alerts: [alert], more: 0 });
  db.run(
    `insert into delivery (id, channel_id, state, message, attempts, is_uncertain, created_at, due_at, done_at, failure)
     values ('message', ?, 'dead', ?, 1, 0, ?, 1, ?, 'unknown')`,
    [channel.id, message, Date.now(), Date.now()],
  );
}

/** Why somebody was not told of the disk that fails, and by which route: what its people ask for by its id. */
function plantDecision(db: Database, org: OrgTag, canaries: Canaries): void {
  const channel = db.query<{ id: string }, []>("select id from channel limit 1").get();
  const alert = db.query<{ id: string }, []>("select id from alert where rule = 'disk'").get();
  if (!channel || !alert) return;
  /* Of the others nobody here knows the id. */
  const facts = org === "acme" || org === "beta" ? {} : { inside: true as const };
  const route = canaries.make(org, "decision.tellings", undefined, facts);
  db.run(
    "insert into decision (alert_id, at, event, level, why, tellings) values (?, ?, 'fired', 'warning', ?, ?)",
    [
      alert.id,
      Date.now(),
      canaries.make(org, "decision.why", undefined, facts),
      JSON.stringify([{ channelId: channel.id, route, not: "off" }]),
    ],
  );
}

/** Into every column of one org's file that has none yet. */
export function plant(file: string, org: OrgTag, canaries: Canaries): void {
  using db = new Database(file, { readwrite: true });
  plantDelivery(db, org, canaries);
  plantDecision(db, org, canaries);
  for (const { place, table, column } of textColumns(db)) {
    const how = ORG_COLUMNS[place];
    if (how !== undefined && how !== "report" && how !== "call") continue;
    if (how === undefined) {
      const rows = db.query<{ rowid: number }, []>(`select rowid from "${table}"`).all();
      for (const { rowid } of rows)
        db.run(`update "${table}" set "${column}" = ? where rowid = ?`, [canaries.make(org, place), rowid]);
      if (rows.length > 0) continue;
    }
    requirePlanted(db, place, table, column);
  }
}

export function requireInstancePlanted(file: string): void {
  using db = new Database(file, { readonly: true });
  const found = textColumns(db);
  for (const { place, table, column } of found) {
    const how = INSTANCE_COLUMNS[place];
    if (how === undefined)
      throw new Error(`${place} is new: say in INSTANCE_COLUMNS how a canary gets into it`);
    if (how === "call") requirePlanted(db, place, table, column);
  }
  const known = new Set(found.map(({ place }) => place));
  const stale = Object.keys(INSTANCE_COLUMNS).filter((place) => !known.has(place));
  if (stale.length > 0) throw new Error(`INSTANCE_COLUMNS has columns that are gone: ${stale}`);
}

function requirePlanted(db: Database, place: string, table: string, column: string): void {
  const found = db
    .query<{ total: number }, []>(
      `select count(*) as total from "${table}" where lower(cast("${column}" as text)) like '%cnry%'`,
    )
    .get();
  if (!found?.total)
    throw new Error(`no canary in ${place}: plant one, or say in canaries.ts why there is none`);
}
