/**
 * A Pulse with organizations and the people in them, made once per file by calls anybody could make. Each flow has
 * a server of its own on a copy of it, and whoever it needs is signed in there already.
 *
 * - ada operates the server and owns `default`, which watches this machine. She belongs to nothing else.
 * - acme: alice owns it; adam is an admin, edith an editor, vera a viewer. gina is an admin of it as well.
 * - beta: gina owns it, vera is an editor.
 * - noah has an account and belongs to nothing; acme has invited him as an editor.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContextOptions } from "playwright-core";
import type { Org } from "../../server/contract/orgs.ts";
import type { Me } from "../../server/contract/session.ts";
import type { Tab, Visit } from "../support/browser.ts";
import { type Answer, PASSWORD, Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import type { Furniture } from "./furnish.ts";
import { OWNER, Pulse } from "./pulse.ts";
import type { Stage } from "./stage.ts";

export const PEOPLE = {
  ada: { email: OWNER.email, name: OWNER.name, password: OWNER.password },
  alice: { email: "alice@example.org", name: "Alice Owner", password: PASSWORD },
  adam: { email: "adam@example.org", name: "Adam Admin", password: PASSWORD },
  edith: { email: "edith@example.org", name: "Edith Editor", password: PASSWORD },
  vera: { email: "vera@example.org", name: "Vera Viewer", password: PASSWORD },
  gina: { email: "gina@example.org", name: "Gina Both", password: PASSWORD },
  noah: { email: "noah@example.org", name: "Noah Nowhere", password: "" },
} as const;
export type PersonName = keyof typeof PEOPLE;
export type Slug = "acme" | "beta";

/** Whatever of an organization can be recognized wherever it turns up. */
export const CANARY: Record<Slug, string> = { acme: "CNRY-acme-", beta: "CNRY-beta-" };
export const MACHINES: Record<Slug, string[]> = {
  acme: [`${CANARY.acme}web`, `${CANARY.acme}db`, `${CANARY.acme}mail`],
  beta: [`${CANARY.beta}shop`, `${CANARY.beta}cache`],
};
export const MULTI_TENANT = { PULSE_MULTI_TENANT_ENABLED: "true" };

const SET_UP_WITHIN_MS = 120_000;

export interface HouseOptions {
  /** In `default`. */
  furniture?: Furniture;
  /** Besides those acme has. */
  machinesOfAcme?: string[];
  /** Further organizations, all owned by alice, in the order of their making. */
  more?: { slug: string; name: string }[];
}

export class House {
  readonly #folder = temporaryDataDir();
  readonly #cookies = new Map<PersonName, string>();
  readonly orgs = {} as Record<Slug, Org>;

  static async build(options: HouseOptions = {}): Promise<House> {
    const house = new House();
    const pulse = await Pulse.start(undefined, { env: MULTI_TENANT });
    try {
      await pulse.settle();
      await pulse.command("license", "init");
      await house.#people(pulse, options);
      await pulse.stop();
      const orgs = Object.fromEntries(
        Object.entries(house.orgs).map(([slug, { id }]) => [
          id,
          {
            machines: [
              ...MACHINES[slug as Slug],
              ...(slug === "acme" ? (options.machinesOfAcme ?? []) : []),
            ].map((name) => ({ name })),
          },
        ]),
      );
      await pulse.furnish({ ...options.furniture, orgs });
      cpSync(pulse.dataDir, house.#folder.path, { recursive: true });
      return house;
    } finally {
      await pulse.end();
    }
  }

  get dataDir(): string {
    return this.#folder.path;
  }

  remove(): void {
    this.#folder.remove();
  }

  /** A server of a test alone. */
  start(stage: Stage, env: Record<string, string> = {}): Promise<Pulse> {
    return stage.pulse(undefined, { env: { ...MULTI_TENANT, ...env }, copyOf: this.dataDir });
  }

  /** A new browser profile in which somebody is signed in. */
  async visit(stage: Stage, who: PersonName, pulse: Pulse, options?: BrowserContextOptions): Promise<Visit> {
    const visit = await stage.visit(undefined, options);
    const [name = "", value = ""] = this.cookie(who).split("=");
    await visit.context.addCookies([{ name, value, url: pulse.url }]);
    return visit;
  }

  /** The same, with one page open. */
  async open(
    stage: Stage,
    who: PersonName,
    pulse: Pulse,
    path: string,
    options?: BrowserContextOptions,
  ): Promise<Tab> {
    return (await this.visit(stage, who, pulse, options)).tab(pulse.url + path);
  }

  /** The same person calling the server without a page. */
  caller(who: PersonName, pulse: { url: string }): Visitor {
    const visitor = new Visitor(pulse);
    const [name = "", value = ""] = this.cookie(who).split("=");
    visitor.cookies.set(name, value);
    return visitor;
  }

  cookie(who: PersonName): string {
    const cookie = this.#cookies.get(who);
    if (cookie === undefined) throw new Error(`${who} is not signed in anywhere`);
    return cookie;
  }

  async #people(pulse: Pulse, { more = [] }: HouseOptions): Promise<void> {
    const ada = new Visitor(pulse);
    const { email, password } = PEOPLE.ada;
    await must(ada.call("session.signIn", { input: { email, password } }));
    this.#keep("ada", ada);
    const alice = await this.#foundOrg(ada, { slug: "acme", name: "Acme" }, "alice");
    const gina = await this.#foundOrg(ada, { slug: "beta", name: "Beta" }, "gina");
    await this.#join(alice, this.orgs.acme, "adam", "admin");
    await this.#join(alice, this.orgs.acme, "edith", "editor");
    const vera = await this.#join(alice, this.orgs.acme, "vera", "viewer");
    await bringIn(alice, this.orgs.acme, gina, "admin");
    await bringIn(gina, this.orgs.beta, vera, "editor");
    const noah = await must<{ password: string }>(
      ada.call("system.createPerson", { input: { email: PEOPLE.noah.email, name: PEOPLE.noah.name } }),
    );
    const nowhere = new Visitor(pulse);
    await must(
      nowhere.call("session.signIn", { input: { email: PEOPLE.noah.email, password: noah.password } }),
    );
    this.#keep("noah", nowhere);
    await invite(alice, this.orgs.acme, PEOPLE.noah.email, "editor");
    for (const { slug, name } of more) {
      const { org } = await must<{ org: Org }>(ada.call("orgs.create", { input: { slug, name } }));
      await bringIn(ada, org, alice, "admin");
      await handOver(ada, org, alice);
    }
  }

  async #foundOrg(ada: Visitor, org: { slug: Slug; name: string }, owner: PersonName): Promise<Visitor> {
    const made = await must<{ org: Org }>(ada.call("orgs.create", { input: org }));
    this.orgs[org.slug] = made.org;
    const visitor = await this.#join(ada, made.org, owner, "admin");
    await handOver(ada, made.org, visitor);
    return visitor;
  }

  /** Somebody without an account comes by the link. */
  async #join(by: Visitor, org: Org, who: PersonName, role: string): Promise<Visitor> {
    const code = await invite(by, org, PEOPLE[who].email, role);
    const visitor = new Visitor(by.target);
    const { name, password } = PEOPLE[who];
    await must(visitor.call("members.join", { input: { code, name, password } }));
    this.#keep(who, visitor);
    return visitor;
  }

  #keep(who: PersonName, { cookies }: Visitor): void {
    this.#cookies.set(who, `pulse_session=${cookies.get("pulse_session")}`);
  }
}

/** One house for all flows of a file. */
export function sharedHouse(options?: HouseOptions): () => House {
  let house: House | undefined;
  beforeAll(async () => {
    house = await House.build(options);
  }, SET_UP_WITHIN_MS);
  afterAll(() => house?.remove());
  return () => {
    if (!house) throw new Error("the house is not there");
    return house;
  };
}

/** Everybody signed in so long ago that what is dangerous asks for the password. With the server stopped. */
export function ageSessions(dataDir: string): void {
  using db = new Database(join(dataDir, "instance.db"), { readwrite: true });
  db.run("update session set created_at = created_at - 3600000");
}

/** The secret of a new invitation's link. */
export async function invite(by: Visitor, org: Org, email: string, role: string): Promise<string> {
  const { invitation } = await must<{ invitation: { link: string } }>(
    inOrg(by, org, "members.invite", { email, role }),
  );
  return invitation.link.slice(invitation.link.indexOf("#code=") + "#code=".length);
}

/** Makes somebody with an account a member. */
export async function bringIn(by: Visitor, org: Org, who: Visitor, role: string): Promise<void> {
  const { user } = await must<Me>(who.call("session.me"));
  const code = await invite(by, org, user.email, role);
  await must(who.call("members.accept", { input: { code } }));
}

async function handOver(from: Visitor, org: Org, to: Visitor): Promise<void> {
  const { user } = await must<Me>(to.call("session.me"));
  await must(inOrg(from, org, "orgs.transferOwnership", { userId: user.id }));
  await must(inOrg(from, org, "members.leave"));
}

/** A call about one organization. */
export function inOrg<Data = unknown>(
  who: Visitor,
  org: Pick<Org, "id">,
  path: string,
  input?: unknown,
): Promise<Answer<Data>> {
  return who.call<Data>(path, {
    ...(input !== undefined && { input }),
    headers: { "x-pulse-org-id": org.id },
  });
}

/** What a call gave; fails the test when it gave none. */
export async function must<Data>(answer: Promise<Answer<Data>> | Promise<Answer>): Promise<Data> {
  const { status, data, body } = (await answer) as Answer<Data>;
  if (status !== 200) throw new Error(`${status} ${body}`);
  return data;
}

/** What a token gets, perhaps for a named organization. */
export async function byToken(
  url: string,
  token: string,
  { org, path = "resources.list" }: { org?: string; path?: string } = {},
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/api/trpc/${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(org && { "x-pulse-org-id": org }) },
  });
  return { status: answer.status, text: await answer.text() };
}
