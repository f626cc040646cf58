/**
 * The world the tenancy tests live in: olga operates the instance and owns `default`; alice owns acme and bob owns
 * beta, and neither belongs to anything else. Everything is made by calls anybody could make, so that no test rests
 * on a state the product cannot reach.
 */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/driver.ts";
import { setting } from "../../db/instance/system.ts";
import type { ResourceId, UserId } from "../../server/contract/ids.ts";
import type { LicensePayload } from "../../server/contract/license.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { Resource, ResourceList } from "../../server/contract/resource.ts";
import type { Me } from "../../server/contract/session.ts";
import type { Share, ShareRole } from "../../server/contract/shares.ts";
import type { NewToken, Scope } from "../../server/contract/tokens.ts";
import { signLicense } from "../../server/licensing/license-token.ts";
import { instanceFile } from "../../server/tenancy/paths.ts";
import { type Answer, call, PASSWORD, type Target, Visitor } from "../support/calls.ts";
import { type InProcess, type InProcessOptions, machine, startInProcess } from "../support/in-process.ts";
import { type ServerOptions, startServer, type TestServer } from "../support/server.ts";

export type Role = "viewer" | "editor" | "admin";

export interface House<Server extends Target = Target> {
  server: Server;
  olga: Visitor;
  alice: Visitor;
  bob: Visitor;
  acme: Org;
  beta: Org;
}

/** Guessing is limited per address: everybody comes from one of their own, through a proxy the server trusts. */
const PROXIED = { PULSE_TRUSTED_PROXIES: "127.0.0.1" };
export const ENV_OFF = { ...PROXIED, PULSE_MULTI_TENANT_ENABLED: "false" };
export const ENV_ON = { ...PROXIED, PULSE_MULTI_TENANT_ENABLED: "true" };
export const DAY_MS = 86_400_000;
/** A house serves this many requests at a time in a test; a slow machine is given time for it. */
export const PATIENCE = { withinMs: 20_000 };

let addresses = 0;
function ownAddress(): Record<string, string> {
  addresses++;
  return { "x-forwarded-for": `198.18.${addresses >> 8}.${addresses & 255}` };
}

export const newVisitor = (server: Target): Visitor => new Visitor(server, ownAddress());

/** A child process: where restarts, files, commands or the environment matter. */
export async function buildHouse(options: ServerOptions = {}): Promise<House<TestServer>> {
  const server = await startServer({ ...options, env: { ...ENV_ON, ...options.env } });
  return furnish(server);
}

/** The same people and orgs, at another server on the same data. */
export function moved<Server extends Target>(house: House, server: Server): House<Server> {
  const to = (visitor: Visitor) => {
    const again = newVisitor(server);
    for (const [name, value] of visitor.cookies) again.cookies.set(name, value);
    return again;
  };
  const { acme, beta } = house;
  return { server, olga: to(house.olga), alice: to(house.alice), bob: to(house.bob), acme, beta };
}

/** A single-tenant Pulse and its only person. */
export async function buildHome(options: ServerOptions = {}): Promise<{ server: TestServer; olga: Visitor }> {
  const server = await startServer({ ...options, env: { ...ENV_OFF, ...options.env } });
  return { server, olga: await setUp(server) };
}

/** In the test's own process: where reports have to come in, or time has to pass. */
export async function buildHouseInProcess(options: InProcessOptions = {}): Promise<House<InProcess>> {
  const server = await startInProcess({ multiTenant: true, trustedProxies: ["127.0.0.1"], ...options });
  return furnish(server);
}

async function furnish<Server extends Target & { setupToken: string | undefined }>(
  server: Server,
): Promise<House<Server>> {
  const olga = await setUp(server);
  await must(olga.call("system.licenseInit"));
  const [alice, acme] = await newOwnedOrg(server, olga, { slug: "acme", email: "alice@acme.example" });
  const [bob, beta] = await newOwnedOrg(server, olga, { slug: "beta", email: "bob@beta.example" });
  return { server, olga, alice, bob, acme, beta };
}

/** The first person, who owns what everybody has. */
export async function setUp(server: Target & { setupToken: string | undefined }): Promise<Visitor> {
  const olga = newVisitor(server);
  const input = { token: server.setupToken, email: "olga@example.org", password: PASSWORD };
  await must(olga.call("session.setup", { input }));
  return olga;
}

/** Somebody new who owns a new org and belongs to nothing else. */
export async function newOwnedOrg(
  server: Target,
  olga: Visitor,
  { slug, email }: { slug: string; email: string },
): Promise<[Visitor, Org]> {
  const { org } = await must<{ org: Org }>(
    olga.call("orgs.create", { input: { slug, name: `${slug} Ltd` } }),
  );
  const owner = await join(server, { by: olga, org, email, role: "admin" });
  await must(ask(olga, org, "orgs.transferOwnership", { userId: await idOf(owner) }));
  await must(ask(olga, org, "members.leave"));
  return [owner, { ...org, role: "owner" }];
}

/** The same for somebody who is there already: making an account costs a password's work. */
export async function newOrgFor(owner: Visitor, olga: Visitor, slug: string): Promise<Org> {
  const { org } = await must<{ org: Org }>(
    olga.call("orgs.create", { input: { slug, name: `${slug} Ltd` } }),
  );
  await bringIn(olga, org, owner, "admin");
  await must(ask(olga, org, "orgs.transferOwnership", { userId: await idOf(owner) }));
  await must(ask(olga, org, "members.leave"));
  return { ...org, role: "owner" };
}

/** Invites somebody who has no account yet; they come by the link. */
export async function join(
  server: Target,
  { by, org, email, role }: { by: Visitor; org: Org; email: string; role: Role },
): Promise<Visitor> {
  const code = await invite(by, org, email, role);
  const visitor = newVisitor(server);
  await must(visitor.call("members.join", { input: { code, password: PASSWORD } }));
  return visitor;
}

/** The secret of the link. */
export async function invite(by: Visitor, org: Org, email: string, role: Role): Promise<string> {
  const { invitation } = await must<{ invitation: { link: string } }>(
    ask(by, org, "members.invite", { email, role }),
  );
  return codeIn(invitation.link);
}

export function codeIn(link: string): string {
  return link.slice(link.indexOf("#code=") + "#code=".length);
}

/** Makes somebody with an account a member too. */
export async function bringIn(by: Visitor, org: Org, who: Visitor, role: Role): Promise<void> {
  const { user } = await must<Me>(who.call("session.me"));
  const code = await invite(by, org, user.email, role);
  await must(who.call("members.accept", { input: { code } }));
}

export async function signInAs(server: Target, email: string, password = PASSWORD): Promise<Visitor> {
  const visitor = newVisitor(server);
  await must(visitor.call("session.signIn", { input: { email, password } }));
  return visitor;
}

export async function emailOf(who: Visitor): Promise<string> {
  return (await must<Me>(who.call("session.me"))).user.email;
}

export async function idOf(who: Visitor): Promise<UserId> {
  return (await must<Me>(who.call("session.me"))).user.id;
}

export function orgHeader(org: Pick<Org, "id"> | string): Record<string, string> {
  return { "x-pulse-org-id": typeof org === "string" ? org : org.id };
}

/** A call with the header of an org. */
export function ask<Data = unknown>(
  who: Visitor,
  org: Pick<Org, "id"> | string,
  path: string,
  input?: unknown,
): Promise<Answer<Data>> {
  return who.call<Data>(path, { ...(input !== undefined && { input }), headers: orgHeader(org) });
}

/** A token made in that org. */
export async function newToken(
  by: Visitor,
  org: Pick<Org, "id"> | string,
  { scopes = ["read"], ...more }: { scopes?: Scope[]; orgs?: string[]; expiresAt?: number } = {},
): Promise<NewToken> {
  return must<NewToken>(ask(by, org, "tokens.create", { name: "a script", scopes, ...more }));
}

/** A call by a token, in no org in particular unless one is named. */
export function byToken<Data = unknown>(
  server: Target,
  { token }: Pick<NewToken, "token">,
  path: string,
  {
    org,
    input,
    cookie,
  }: { org?: Pick<Org, "id"> | string; input?: unknown; cookie?: string | undefined } = {},
): Promise<Answer<Data>> {
  return call<Data>(server, path, {
    ...(input !== undefined && { input }),
    cookie,
    headers: { authorization: `Bearer ${token}`, ...(org !== undefined && orgHeader(org)) },
  });
}

/** What a call gave; fails the test when it gave none. */
export async function must<Data>(answer: Promise<Answer<Data>> | Promise<Answer>): Promise<Data> {
  const { status, data, body } = (await answer) as Answer<Data>;
  if (status !== 200) throw new Error(`${status} ${body}`);
  return data;
}

/** Status and reason: what a refusal is for whoever reads it. */
export function said({ status, error }: Answer): [number, string | undefined] {
  return [status, error?.reason];
}

export async function refused(answer: Promise<Answer>, status: number, reason: string): Promise<Answer> {
  const got = await answer;
  expect([got.status, got.error?.reason, got.status === status ? "" : got.body]).toEqual([
    status,
    reason,
    "",
  ]);
  return got;
}

/** A machine with a mark that is found again wherever it goes. */
export function marked(name: string, canary: string, cpu = 1): ReportedResource {
  return { ...machine(name, cpu), attributes: { canary } };
}

/** Has an org report these, and gives them as their own members see them. */
export async function reported(
  { server }: House<InProcess>,
  owner: Visitor,
  org: Org,
  resources: ReportedResource[],
): Promise<Resource[]> {
  await server.ingest(resources, org.id);
  return (await must<ResourceList>(ask(owner, org, "resources.list"))).resources;
}

export interface Offer {
  from: Org;
  by: Visitor;
  to: Org;
  resourceId: ResourceId;
  role?: ShareRole;
  expiresAt?: number;
}

export async function offer({ from, by, to, resourceId, role = "viewer", expiresAt }: Offer): Promise<Share> {
  const input = { targetOrg: to.slug, resourceId, role, ...(expiresAt !== undefined && { expiresAt }) };
  return (await must<{ share: Share }>(ask(by, from, "shares.create", input))).share;
}

/** Offered and accepted. */
export async function shareWith(given: Offer & { acceptedBy: Visitor }): Promise<Share> {
  const { id } = await offer(given);
  return (await must<{ share: Share }>(ask(given.acceptedBy, given.to, "shares.accept", { id }))).share;
}

/** As the instance's own authority would have signed it, so long ago that it ended then. */
export function licenceThatEnded(dataDir: string, endedAt: number): string {
  const payload: LicensePayload = {
    id: "l-of-long-ago",
    holder: "olga",
    features: ["multi_tenant"],
    limits: {},
    issuedAt: endedAt - 300 * DAY_MS,
    expiresAt: endedAt,
  };
  return signLicense(payload, readFileSync(joinPath(dataDir, "keys/license.key"), "utf8"));
}

/** What cannot be installed any more was installed while it counted. With the server stopped. */
export function putLicence(dataDir: string, license: string): void {
  const db = openDatabase(instanceFile(dataDir), "existing");
  db.orm.update(setting).set({ value: license }).where(eq(setting.key, "license")).run();
  db.close();
}
