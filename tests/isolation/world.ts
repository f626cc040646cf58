/**
 * A house with four orgs and every kind of caller, built through the public API and then planted with canaries. It is
 * built once per run; each world is a copy of its files with a server of its own, so that tests may wreck it.
 *
 * - acme: what everybody wants into. It shows one machine to gamma (accepted, viewer) and another (accepted, editor).
 * - beta: the other tenant. It offers a machine to gamma, which has not accepted.
 * - gamma: what acme shares with.
 * - delta: suspended.
 */
import { Database } from "bun:sqlite";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrgId } from "../../server/contract/ids.ts";
import type { NewInvitation } from "../../server/contract/members.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { Resource } from "../../server/contract/resource.ts";
import type { SessionInfo, User } from "../../server/contract/session.ts";
import type { Share } from "../../server/contract/shares.ts";
import type { NewToken } from "../../server/contract/tokens.ts";
import type { Clock } from "../../server/lib/clock.ts";
import { mintId, randomBase32, sha256Hex } from "../../server/lib/random-id.ts";
import { type Answer, type CallOptions, call, PASSWORD, signIn, signUp, Visitor } from "../support/calls.ts";
import { type InProcess, startInProcess } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { asEmail, asName, Canaries, type Canary, plant, requireInstancePlanted } from "./canaries.ts";
import {
  isEnrolment,
  isMachine,
  isToken,
  MACHINE_NAMES,
  MACHINES,
  type MachineName,
  ORGS,
  type OrgTag,
  PRINCIPALS,
  type PrincipalName,
  TOKENS,
  type TokenName,
} from "./principals.ts";
import { addMachine, type Machine, SELDOM_MS, type Watched, watch } from "./watched.ts";

/** `off`: the flag. `killed`: the flag is on and the switch was thrown while it ran. */
export const MODES = ["off", "on", "unlicensed", "killed"] as const;
export type Mode = (typeof MODES)[number];

export interface OrgFacts {
  id: string;
  slug: string;
  domain: string;
  /** A machine, a part of it, and another machine. */
  host: string;
  part: string;
  other: string;
}

/** Ids of one org, or of what is gone from it. */
export interface Ids {
  resource: string;
  member: string;
  invitation: string;
  token: string;
  share: string;
  session: string;
  agent: string;
  enrolment: string;
  source: string;
  channel: string;
  merge: string;
  alert: string;
  silence: string;
}

export interface Facts {
  orgs: Record<OrgTag, OrgFacts>;
  /** What each sends. */
  headers: Record<PrincipalName, Record<string, string>>;
  /** `pulse_org` for acme, of those who could get one. */
  orgCookies: { [Name in PrincipalName]?: string };
  /** The person behind it: of a token whoever made it. */
  people: { [Name in PrincipalName]?: { id: string; email: string } };
  ids: { acme: Ids; beta: Ids; gone: Ids };
  machines: Record<MachineName, Machine>;
  /** What each org's heartbeat is sent to. */
  heartbeats: Record<OrgTag, string>;
  expiring: { session: string; token: string; agent: string; enrolment: string };
  longAgo: string;
  canaries: Canary[];
}

export interface World extends Facts {
  mode: Mode;
  server: InProcess;
  /** One call as somebody, by default for the org they ask for. */
  call<Data = unknown>(
    who: PrincipalName,
    path: string,
    options?: CallOptions & AsOptions,
  ): Promise<Answer<Data>>;
  /** Has an org's machine report this figure: the first that was reported, its part, or the other machine. */
  report(org: OrgTag, cpuPercent: number, which?: 0 | 1 | 2): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface AsOptions {
  /** How the org is asked for; `none`: not at all. */
  carrier?: Carrier;
  org?: OrgTag;
}
export const CARRIERS = ["slug", "id", "domain", "cookie", "none"] as const;
export type Carrier = (typeof CARRIERS)[number];

export const ORG_HEADER = "x-pulse-org-id";

export function headersFor(
  facts: Facts,
  who: PrincipalName,
  { carrier = "slug", org = who === "suspendedMember" ? "delta" : "acme" }: AsOptions = {},
): Record<string, string> {
  const own = facts.headers[who];
  const { id, slug, domain } = facts.orgs[org];
  if (carrier === "slug") return { ...own, [ORG_HEADER]: slug };
  if (carrier === "id") return { ...own, [ORG_HEADER]: id };
  if (carrier === "none") return own;
  /* A browser's cookie for another org would speak before the domain. */
  const bare = { ...own, ...(own.cookie && { cookie: own.cookie.replace(/; pulse_org=\S+/, "") }) };
  if (carrier === "domain") return { ...bare, host: domain };
  return { ...bare, cookie: `${bare.cookie}; pulse_org=${facts.orgCookies[who]}` };
}

/** The files of a world that no server has yet, and when those that are to end soon have ended. */
export async function layOut(): Promise<{
  parent: string;
  dataDir: string;
  facts: Facts;
  expiresAt: number;
}> {
  const { dir, facts } = await template();
  const parent = mkdtempSync(join(tmpdir(), "pulse-world-"));
  const dataDir = join(parent, "data");
  copyFolder(join(dir, "data"), dataDir);
  return { parent, dataDir, facts, expiresAt: renewTimes(dataDir, facts) };
}

/** `clock` is what the edge goes by; `before` sees the files when no server has them yet. */
export async function startWorld(
  mode: Mode = "on",
  clock?: Clock,
  before?: (dataDir: string, facts: Facts) => void,
): Promise<World> {
  const { parent, dataDir, facts, expiresAt } = await layOut();
  before?.(dataDir, facts);
  const server = await startInProcess({
    dataDir,
    multiTenant: mode !== "off",
    /* Where what the tests listen with is. */
    outboundAllow: ["127.0.0.0/8"],
    ...(clock && { clock }),
  });
  const boot = `world-${randomBase32(8)}`;
  const world: World = {
    ...facts,
    mode,
    server,
    call: (who, path, { carrier, org, headers, ...options } = {}) =>
      call(server, path, {
        ...options,
        headers: {
          ...headersFor(facts, who, { ...(carrier && { carrier }), ...(org && { org }) }),
          ...headers,
        },
      }),
    async report(org, cpuPercent, which = 0) {
      const { id } = facts.orgs[org];
      const one = machinesOf(facts.canaries, org)[which];
      const report = { ...one, metrics: { ...one.metrics, cpu_percent: cpuPercent } };
      await server.ingest([report], OrgId.parse(id), {
        source: textOf(facts.canaries, org, "report_cursor.source"),
        boot,
        intervalMs: SELDOM_MS,
      });
    },
    async stop() {
      await server.stop();
      rmSync(parent, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => world.stop(),
  };
  if (mode === "unlicensed") await must(world.call("operator", "system.licenseRemove", { carrier: "none" }));
  if (mode === "killed")
    await server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: false });
  await until(() => Date.now() > expiresAt);
  return world;
}

export function textOf(canaries: readonly Canary[], org: OrgTag, place: string): string {
  const found = canaries.find((canary) => canary.org === org && canary.place === place);
  if (!found) throw new Error(`no canary of ${org} in ${place}`);
  return found.text;
}

/** A number that only this org reports, exact in 32 bits. */
export function numberOf(org: OrgTag): number {
  return 12_582_917 + 1_009 * ORGS.indexOf(org);
}

/** What an org's first source reports: a machine, a part of it, another machine. */
function machinesOf(
  canaries: readonly Canary[],
  org: OrgTag,
): [ReportedResource, ReportedResource, ReportedResource] {
  const at = (place: string, nth = 0) =>
    canaries.filter((canary) => canary.org === org && canary.place === place)[nth]?.text ?? "";
  const one = (nth: number, kind: ReportedResource["kind"]): ReportedResource => ({
    kind,
    key: at("resource.key", nth),
    name: at("resource.name", nth),
    status: "up",
    attributes: { os: at("resource.attributes", nth), [asName(at("attribute.name", nth))]: "there" },
    metrics: { cpu_percent: 1, [at("sample_layout.columns", nth)]: numberOf(org) },
  });
  return [one(0, "host"), { ...one(1, "disk"), parent: at("resource.key", 0) }, one(2, "host")];
}

// The template -------------------------------------------------------------------------------------------------

interface Template {
  dir: string;
  facts: Facts;
}

const TEMPLATE_PREFIX = "pulse-template-";
const SHARED = Symbol.for("pulse.isolation.template");
/** Where another process has built one already: `npm test` does for all files, and mutants are tried on a house that was built without them. */
const GIVEN = process.env.PULSE_TEST_TEMPLATE;

export function template(): Promise<Template> {
  const shared = globalThis as { [SHARED]?: Promise<Template> };
  shared[SHARED] ??= GIVEN ? Promise.resolve(readTemplate(GIVEN)) : buildOwnTemplate();
  return shared[SHARED];
}

function readTemplate(dir: string): Template {
  return { dir, facts: JSON.parse(readFileSync(join(dir, "facts.json"), "utf8")) as Facts };
}

async function buildOwnTemplate(): Promise<Template> {
  removeLeftBehind();
  return buildTemplate(mkdtempSync(join(tmpdir(), `${TEMPLATE_PREFIX}${process.pid}-`)));
}

/** In a folder that is empty. */
export async function buildTemplate(dir: string): Promise<Template> {
  const facts = await new Builder(join(dir, "data")).build();
  writeFileSync(join(dir, "facts.json"), JSON.stringify(facts));
  return { dir, facts };
}

/** A test runner says nothing when it is done: what one that has ended left behind, the next one removes. */
function removeLeftBehind(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(TEMPLATE_PREFIX) && name.slice(TEMPLATE_PREFIX.length).split("-")[0];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function copyFolder(from: string, to: string): void {
  const { exitCode } = Bun.spawnSync(["cp", "-a", from, to]);
  if (exitCode !== 0 || !existsSync(to)) throw new Error(`could not copy ${from}`);
}

/** Sessions begin anew with each world; those that are to have expired do so in a moment. */
function renewTimes(dataDir: string, { expiring, longAgo }: Facts): number {
  const now = Date.now();
  const soon = now + 500;
  using db = new Database(join(dataDir, "instance.db"), { readwrite: true });
  const day = 86_400_000;
  db.run("update session set created_at = ?, last_seen_at = ?, idle_ends_at = ?, ends_at = ?", [
    now,
    now,
    now + 14 * day,
    now + 90 * day,
  ]);
  db.run("update session set idle_ends_at = ? where id_hash = ?", [soon, sha256Hex(expiring.session)]);
  db.run("update session set created_at = ? where id_hash = ?", [now - 3_600_000, sha256Hex(longAgo)]);
  db.run("update token set expires_at = ? where id = ?", [now - 1, expiring.token]);
  /* Whoever starts drops what is over: to a server these two never were. */
  db.run("update agent set begin_before = ? where id = ?", [now - 1, expiring.agent]);
  db.run("update enrolment set expires_at = ? where id = ?", [now - 1, expiring.enrolment]);
  return soon;
}

const OWNERS = {
  acme: "owner",
  beta: "foreignOwner",
  gamma: "dualMember",
  delta: "suspendedMember",
} as const satisfies Record<OrgTag, PrincipalName>;

async function must<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  const { status, data, body } = await answer;
  if (status !== 200) throw new Error(`a world cannot be built: ${status} ${body}`);
  return data;
}

class Builder {
  readonly #dataDir: string;
  readonly #canaries = new Canaries();
  readonly #visitors = new Map<string, Visitor>();
  readonly #people = new Map<string, User>();
  readonly #orgs = {} as Record<OrgTag, OrgFacts>;
  #server!: InProcess;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async build(): Promise<Facts> {
    this.#server = await startInProcess({ dataDir: this.#dataDir, multiTenant: true });
    try {
      const operator = await signUp(this.#server, { "user-agent": "an operator's browser" });
      this.#visitors.set("operator", operator);
      await must(operator.call("system.licenseInit"));
      this.#people.set("operator", (await must(operator.call<{ user: User }>("session.me"))).user);
      for (const org of ORGS) await this.#foundOrg(org, OWNERS[org]);
      await this.#fill();
      const watched = await this.#watch();
      const machines = await this.#addMachines(watched);
      const ids = await this.#makeObjects(watched, machines);
      const tokens = await this.#makeTokens();
      const sessions = await this.#endSome();
      const facts = await this.#facts({ ids, tokens, sessions, machines, watched });
      await this.#server.stop();
      for (const org of ORGS)
        plant(join(this.#dataDir, "orgs", this.#orgs[org].id, "org.db"), org, this.#canaries);
      requireInstancePlanted(join(this.#dataDir, "instance.db"));
      return { ...facts, canaries: this.#canaries.all };
    } catch (error) {
      await this.#server.stop();
      throw error;
    }
  }

  /** The operator makes it, invites somebody, hands it over and leaves. */
  async #foundOrg(org: OrgTag, owner: PrincipalName): Promise<void> {
    const operator = this.#visitor("operator");
    const slug = this.#canaries.take(org, "org.slug", `${org}-cnry-${randomBase32(8)}`);
    const name = this.#canaries.make(org, "org.name");
    const domain = this.#canaries.take(
      org,
      "org.primary_domain",
      `${org}-cnry-${randomBase32(8)}.example.org`,
    );
    const { org: made } = await must(operator.call<{ org: Org }>("orgs.create", { input: { slug, name } }));
    this.#orgs[org] = { id: made.id, slug, domain, host: "", part: "", other: "" };
    await must(this.#call("operator", org, "orgs.update", { primaryDomain: domain }));
    await this.#join(org, owner, "admin", "operator");
    await must(this.#call("operator", org, "orgs.transferOwnership", { userId: this.#personId(owner) }));
    await must(this.#call("operator", org, "members.leave"));
    await this.#report(org);
  }

  async #fill(): Promise<void> {
    await this.#join("acme", "admin", "admin", "owner");
    await this.#join("acme", "editor", "editor", "admin");
    await this.#join("acme", "viewer", "viewer", "admin");
    await this.#join("acme", "formerMember", "editor", "admin");
    await this.#join("acme", "disabledUser", "admin", "admin");
    await this.#join("acme", "demoted", "admin", "admin");
    await this.#join("beta", "pendingInvite", "viewer", "foreignOwner");
    await this.#join("beta", "betaAdmin", "admin", "foreignOwner");
    await this.#join("gamma", "shareViewer", "viewer", "dualMember");
    await this.#invite("acme", "admin", this.#email("dualMember"), "viewer");
    const { invitations } = await must(
      this.#visitor("dualMember").call<{ invitations: { id: string }[] }>("members.inbox"),
    );
    await must(this.#visitor("dualMember").call("members.accept", { input: { code: invitations[0]?.id } }));
    await this.#invite("acme", "admin", this.#email("pendingInvite"), "editor");
    await must(this.#call("admin", "acme", "members.remove", { userId: this.#personId("formerMember") }));
  }

  async #watch(): Promise<Record<OrgTag, Watched>> {
    const watched = {} as Record<OrgTag, Watched>;
    for (const org of ORGS) watched[org] = await watch(this.#watching(org));
    return watched;
  }

  #watching(org: OrgTag): Parameters<typeof watch>[0] {
    const { id: orgId, host } = this.#orgs[org];
    return {
      server: this.#server,
      canaries: this.#canaries,
      org,
      orgId,
      host,
      ask: <Data>(path: string, input?: unknown) => must(this.#call<Data>(OWNERS[org], org, path, input)),
    };
  }

  async #addMachines(watched: Record<OrgTag, Watched>): Promise<Facts["machines"]> {
    const machines = {} as Facts["machines"];
    const reporting = ["agent", "agentForeign", "agentOfGamma", "agentSuspended"];
    const open = ["enrolment", "enrolmentForeign", "enrolmentOfGamma", "enrolmentSuspended"];
    for (const name of MACHINE_NAMES) {
      const org = MACHINES[name];
      if (reporting.includes(name)) machines[name] = watched[org].agent;
      else if (open.includes(name)) machines[name] = watched[org].enrolment;
      else
        machines[name] = await addMachine(this.#watching(org), {
          ...(isEnrolment(name) && { universal: true }),
          ...(name.endsWith("Over") && { expiresAt: Date.now() + 3_600_000 }),
        });
    }
    for (const { id } of [machines.agentRevoked, machines.enrolmentRevoked])
      await must(this.#call("admin", "acme", "agents.revoke", { id }));
    return machines;
  }

  async #makeObjects(watched: Record<OrgTag, Watched>, machines: Facts["machines"]): Promise<Facts["ids"]> {
    const watchedIds = ({ agent, enrolment, source, channel, merge, alert, silence }: Watched) => ({
      agent: agent.id,
      enrolment: enrolment.id,
      source,
      channel,
      merge,
      alert,
      silence,
    });
    const invite = async (org: OrgTag, who: string) => {
      const email = this.#canaries.make(org, "invitation.email", asEmail);
      return this.#invite(org, who, email, "viewer");
    };
    const share = async (org: OrgTag, who: string, resourceId: string, role = "viewer") => {
      const input = { targetOrg: this.#orgs.gamma.slug, resourceId, role };
      return (await must(this.#call<{ share: Share }>(who, org, "shares.create", input))).share.id;
    };
    const { acme, beta } = this.#orgs;
    const shown = await share("acme", "admin", acme.host);
    const forEditors = await share("acme", "admin", acme.other, "editor");
    for (const id of [shown, forEditors])
      await must(this.#call("dualMember", "gamma", "shares.accept", { id }));
    const gone = {
      invitation: (await invite("acme", "admin")).id,
      share: await share("acme", "admin", acme.part),
    };
    await must(this.#call("admin", "acme", "members.revokeInvitation", { id: gone.invitation }));
    await must(this.#call("admin", "acme", "shares.remove", { id: gone.share }));
    return {
      acme: {
        resource: acme.host,
        member: this.#personId("editor"),
        invitation: (await invite("acme", "admin")).id,
        token: "",
        share: shown,
        session: await this.#sessionId("viewer"),
        ...watchedIds(watched.acme),
      },
      beta: {
        resource: beta.host,
        member: this.#personId("betaAdmin"),
        invitation: (await invite("beta", "foreignOwner")).id,
        token: "",
        share: await share("beta", "foreignOwner", beta.host),
        session: await this.#sessionId("betaAdmin"),
        ...watchedIds(watched.beta),
      },
      gone: {
        ...gone,
        /* Nothing deletes a resource by call, or an alert at all: ones that never were. */
        resource: mintId("r"),
        alert: mintId("l"),
        member: this.#personId("formerMember"),
        token: "",
        session: "",
        agent: machines.agentRevoked.id,
        enrolment: machines.enrolmentRevoked.id,
        ...watched.acme.gone,
      },
    };
  }

  async #makeTokens(): Promise<Record<TokenName, NewToken>> {
    const tokens = {} as Record<TokenName, NewToken>;
    for (const [token, { maker, scopes }] of Object.entries(TOKENS) as [
      TokenName,
      (typeof TOKENS)[TokenName],
    ][]) {
      const org = maker === "foreignOwner" ? "beta" : "acme";
      const input = {
        name: this.#canaries.make(org, "token.name"),
        scopes,
        ...(token === "tokExpired" && { expiresAt: Date.now() + 3_600_000 }),
      };
      tokens[token] = await must(this.#call<NewToken>(maker, org, "tokens.create", input));
      this.#canaries.take(org, "token", tokens[token].token, { secret: true });
    }
    await must(this.#call("admin", "acme", "tokens.revoke", { id: tokens.tokRevoked.id }));
    await must(
      this.#call("admin", "acme", "members.setRole", { userId: this.#personId("demoted"), role: "viewer" }),
    );
    return tokens;
  }

  /** Sessions that end in one way or another; what the browser held, and the id of the one that is revoked. */
  async #endSome(): Promise<{ revoked: Visitor; revokedId: string; expired: Visitor; long: Visitor }> {
    const email = this.#email("viewer");
    const [revoked, expired] = [await signIn(this.#server, { email }), await signIn(this.#server, { email })];
    const long = await signIn(this.#server, { email: this.#email("owner") });
    const revokedId = await this.#currentSession(revoked);
    await must(this.#visitor("viewer").call("session.revoke", { input: { id: revokedId } }));
    const operator = this.#visitor("operator");
    await must(operator.call("system.disablePerson", { input: { email: this.#email("disabledUser") } }));
    await must(operator.call("orgs.suspend", { input: { org: this.#orgs.delta.id } }));
    return { revoked, revokedId, expired, long };
  }

  async #facts({
    ids,
    tokens,
    sessions,
    machines,
    watched,
  }: {
    ids: Facts["ids"];
    machines: Facts["machines"];
    watched: Record<OrgTag, Watched>;
    tokens: Record<TokenName, NewToken>;
    sessions: { revoked: Visitor; revokedId: string; expired: Visitor; long: Visitor };
  }): Promise<Omit<Facts, "canaries">> {
    ids.acme.token = tokens.tokRead.id;
    ids.beta.token = tokens.tokForeign.id;
    ids.gone.token = tokens.tokRevoked.id;
    ids.gone.session = sessions.revokedId;
    const others: { [Name in PrincipalName]?: Visitor } = {
      revokedSession: sessions.revoked,
      expiredSession: sessions.expired,
      ownerLong: sessions.long,
    };
    const headers = {} as Facts["headers"];
    const orgCookies: Facts["orgCookies"] = {};
    const people: Facts["people"] = {};
    for (const who of PRINCIPALS) {
      if (who === "anon") headers[who] = {};
      else if (who === "garbageCookie") headers[who] = { cookie: `pulse_session=${"a".repeat(40)}` };
      else if (isMachine(who)) headers[who] = { authorization: `Bearer ${machines[who].token}` };
      else if (isToken(who)) {
        headers[who] = { authorization: `Bearer ${tokens[who].token}` };
        const { maker } = TOKENS[who];
        people[who] = { id: this.#personId(maker), email: this.#email(maker) };
      } else {
        const visitor = others[who] ?? this.#visitor(who);
        const session = visitor.cookies.get("pulse_session") ?? "";
        headers[who] = { cookie: `pulse_session=${session}` };
        this.#canaries.take("instance", "session", session, { secret: true });
        const asked = { headers: { [ORG_HEADER]: this.#orgs.acme.id } };
        if ((await visitor.call("orgs.get", asked)).status === 200)
          orgCookies[who] = visitor.cookies.get("pulse_org") ?? "";
        const person = this.#people.get(who);
        if (person) people[who] = { id: person.id, email: person.email };
      }
    }
    people.ownerLong = people.owner as { id: string; email: string };
    const dual = this.#visitor("dualMember");
    await must(dual.call("orgs.get", { headers: { [ORG_HEADER]: this.#orgs.gamma.id } }));
    headers.dualMember = { cookie: dual.cookie ?? "" };
    return {
      orgs: this.#orgs,
      headers,
      orgCookies,
      people,
      ids,
      machines,
      heartbeats: Object.fromEntries(ORGS.map((org) => [org, watched[org].heartbeat])) as Facts["heartbeats"],
      expiring: {
        session: sessions.expired.cookies.get("pulse_session") ?? "",
        token: tokens.tokExpired.id,
        agent: machines.agentOver.id,
        enrolment: machines.enrolmentOver.id,
      },
      longAgo: sessions.long.cookies.get("pulse_session") ?? "",
    };
  }

  /** Invites a new person and has them make an account. */
  async #join(org: OrgTag, who: string, role: string, by: string): Promise<void> {
    const email = this.#canaries.make(org, "user.email", asEmail);
    const { link } = await this.#invite(org, by, email, role);
    const visitor = new Visitor(this.#server, {
      "user-agent": this.#canaries.make(org, "session.user_agent"),
    });
    const name = this.#canaries.make(org, "user.name");
    const input = { code: codeOf(link), password: PASSWORD, name };
    const { user } = await must(visitor.call<{ user: User }>("members.join", { input }));
    this.#visitors.set(who, visitor);
    this.#people.set(who, user);
  }

  async #invite(org: OrgTag, by: string, email: string, role: string): Promise<NewInvitation> {
    const answer = this.#call<{ invitation: NewInvitation }>(by, org, "members.invite", { email, role });
    const { invitation } = await must(answer);
    this.#canaries.take(org, "invitation", codeOf(invitation.link), { secret: true });
    return invitation;
  }

  async #report(org: OrgTag): Promise<void> {
    for (let nth = 0; nth < 3; nth++) {
      for (const place of ["resource.key", "resource.name", "resource.attributes"])
        this.#canaries.make(org, place, undefined, place === "resource.key" ? { inside: true } : {});
      this.#canaries.make(org, "attribute.name", asName);
      this.#canaries.make(org, "sample_layout.columns", asName);
    }
    const source = this.#canaries.make(org, "report_cursor.source");
    const boot = this.#canaries.make(org, "report_cursor.boot", undefined, { inside: true });
    this.#canaries.take(org, "sample.packed", String(numberOf(org)));
    await this.#server.ingest(machinesOf(this.#canaries.all, org), OrgId.parse(this.#orgs[org].id), {
      source,
      boot,
      intervalMs: SELDOM_MS,
    });
    const answer = this.#call<{ resources: Resource[] }>(OWNERS[org], org, "resources.list");
    const { resources } = await must(answer);
    const hosts = resources.filter(({ kind }) => kind === "host");
    const part = resources.find(({ kind }) => kind === "disk");
    const host = hosts.find(({ id }) => id === part?.parentId);
    const other = hosts.find(({ id }) => id !== host?.id);
    Object.assign(this.#orgs[org], { host: host?.id, part: part?.id, other: other?.id });
  }

  #call<Data = unknown>(who: string, org: OrgTag, path: string, input?: unknown): Promise<Answer<Data>> {
    const headers = { [ORG_HEADER]: this.#orgs[org].id };
    return this.#visitor(who).call<Data>(path, { input, headers });
  }

  async #currentSession(visitor: Visitor): Promise<string> {
    const { sessions } = await must(visitor.call<{ sessions: SessionInfo[] }>("session.list"));
    return sessions.find(({ current }) => current)?.id ?? "";
  }

  #sessionId(who: string): Promise<string> {
    return this.#currentSession(this.#visitor(who));
  }

  #visitor(who: string): Visitor {
    const visitor = this.#visitors.get(who);
    if (!visitor) throw new Error(`there is no ${who}`);
    return visitor;
  }

  #personId(who: string): string {
    return this.#people.get(who)?.id ?? "";
  }

  #email(who: string): string {
    return this.#people.get(who)?.email ?? "";
  }
}

function codeOf(link: string): string {
  return new URL(link).hash.replace("#code=", "");
}
