/**
 * L03: whatever takes a right away ends the streams that rest on it, at once: fifty streams each time, an event
 * before, the cause through the API, an event after. What came after was seen by nobody whose right was gone, and
 * by everybody else.
 */
import { afterAll, describe, expect, test } from "bun:test";
import type { EndReason } from "../../server/contract/live.ts";
import { sha256Hex } from "../../server/lib/random-id.ts";
import { call, PASSWORD, signIn } from "../support/calls.ts";
import { until } from "../support/until.ts";
import type { OrgTag, PrincipalName } from "./principals.ts";
import { openStreams, Stream } from "./sse.ts";
import { headersFor, ORG_HEADER, startWorld } from "./world.ts";

const STREAMS = 50;
const OTHERS = 3;
const PATIENCE_MS = 60_000;
const world = await startWorld();
afterAll(() => world.stop());

let figure = 1_000;

interface Cause {
  /** Whose streams end. */
  who(): Promise<PrincipalName | Record<string, string>> | PrincipalName;
  /** One person has fifty streams at most; where others of theirs go on, fewer end. */
  streams?: number;
  org?: OrgTag;
  /** Who sees everything before and after. */
  undisturbed?: [PrincipalName, OrgTag];
  happen: () => Promise<unknown>;
  reason: EndReason;
  /** How a new stream is answered; undefined: it is, without what is no longer shown. */
  afterwards?: string;
  undo?: () => Promise<unknown>;
  /** By the clock alone: looked at twice a second. */
  withinMs?: number;
}

const session = (headers: Record<string, string>, org: OrgTag = "acme") => ({
  ...headers,
  [ORG_HEADER]: world.orgs[org].slug,
});
const input = (value: unknown) => ({ input: value });
const userId = (who: PrincipalName) => world.people[who]?.id;
const role = (by: PrincipalName, org: OrgTag, who: PrincipalName, given: string) =>
  done(world.call(by, "members.setRole", { org, input: { userId: userId(who), role: given } }));

async function done<T extends { status: number; body: string }>(answer: Promise<T>): Promise<T> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`${status} ${body}`);
  return answer;
}

const switchTo = (on: boolean) =>
  world.server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on });
const operator = (path: string, given?: unknown) =>
  done(world.call("operator", path, { carrier: "none", ...input(given) }));

async function newToken(more: object = {}): Promise<{ id: string; headers: Record<string, string> }> {
  const { data } = await done(
    world.call<{ id: string; token: string }>("admin", "tokens.create", {
      input: { name: "streams", scopes: ["read"], ...more },
    }),
  );
  return { id: data.id, headers: { authorization: `Bearer ${data.token}` } };
}

let token: Awaited<ReturnType<typeof newToken>>;
let second: Awaited<ReturnType<typeof signIn>>;

const CAUSES: Record<string, Cause> = {
  "the share is withdrawn": {
    who: () => "shareViewer",
    org: "gamma",
    happen: () => done(world.call("admin", "shares.remove", input({ id: world.ids.acme.share }))),
    reason: "access_changed",
    undo: () => shareAgain(world.orgs.acme.host, "viewer"),
  },
  "the target gives the share back": {
    who: () => "shareViewer",
    org: "gamma",
    happen: () =>
      done(world.call("dualMember", "shares.decline", { org: "gamma", input: { id: world.ids.acme.share } })),
    reason: "access_changed",
    undo: () => shareAgain(world.orgs.acme.host, "viewer"),
  },
  "a share to editors, the editor is a viewer now": {
    async who(): Promise<PrincipalName> {
      await role("dualMember", "gamma", "shareViewer", "editor");
      return "shareViewer";
    },
    org: "gamma",
    undisturbed: ["dualMember", "gamma"],
    happen: () => role("dualMember", "gamma", "shareViewer", "viewer"),
    reason: "access_changed",
  },
  "the share runs out": {
    async who(): Promise<PrincipalName> {
      await shareAgain(world.orgs.acme.host, "viewer", Date.now() + 1_500);
      return "shareViewer";
    },
    org: "gamma",
    undisturbed: ["editor", "acme"],
    happen: () => Bun.sleep(1_500),
    withinMs: 1_500,
    reason: "access_changed",
    undo: () => shareAgain(world.orgs.acme.host, "viewer"),
  },
  "the source of the share is suspended": {
    who: () => "shareViewer",
    org: "gamma",
    undisturbed: ["foreignOwner", "beta"],
    happen: () => operator("orgs.suspend", { org: world.orgs.acme.id }),
    reason: "access_changed",
    undo: () => operator("orgs.resume", { org: world.orgs.acme.id }),
  },
  "they are no member any more": {
    who: () => "viewer",
    undisturbed: ["editor", "acme"],
    happen: () => done(world.call("admin", "members.remove", input({ userId: userId("viewer") }))),
    reason: "access_changed",
    afterwards: "access_denied",
    undo: () => rejoin("viewer"),
  },
  "they left": {
    who: () => "dualMember",
    undisturbed: ["editor", "acme"],
    happen: () => done(world.call("dualMember", "members.leave")),
    reason: "access_changed",
    afterwards: "access_denied",
    undo: () => rejoin("dualMember"),
  },
  "a token's maker is no member any more": {
    who: () => "tokOwnerDemoted",
    undisturbed: ["editor", "acme"],
    happen: () => done(world.call("admin", "members.remove", input({ userId: userId("tokOwnerDemoted") }))),
    reason: "access_changed",
    afterwards: "access_denied",
  },
  "the token is revoked": {
    who: async () => {
      token = await newToken();
      return session(token.headers);
    },
    undisturbed: ["editor", "acme"],
    happen: () => done(world.call("admin", "tokens.revoke", input({ id: token.id }))),
    reason: "signed_out",
    afterwards: "token_invalid",
  },
  "the token runs out": {
    who: async () => {
      token = await newToken({ expiresAt: Date.now() + 1_500 });
      return session(token.headers);
    },
    undisturbed: ["editor", "acme"],
    happen: () => Bun.sleep(1_500),
    withinMs: 1_500,
    reason: "signed_out",
    afterwards: "token_invalid",
  },
  "they signed out": {
    who: async () => {
      second = await signIn(world.server, { email: world.people.viewer?.email ?? "" });
      return session({ cookie: second.cookie ?? "" });
    },
    streams: STREAMS - OTHERS,
    undisturbed: ["viewer", "acme"],
    happen: () => done(second.call("session.signOut")),
    reason: "signed_out",
    afterwards: "session_expired",
  },
  "the session was ended from another": {
    who: async () => {
      second = await signIn(world.server, { email: world.people.viewer?.email ?? "" });
      return session({ cookie: second.cookie ?? "" });
    },
    streams: STREAMS - OTHERS,
    undisturbed: ["viewer", "acme"],
    async happen() {
      const { data } = await second.call<{ sessions: { id: string; current: boolean }[] }>("session.list");
      const id = data.sessions.find(({ current }) => current)?.id;
      await done(world.call("viewer", "session.revoke", input({ id })));
    },
    reason: "signed_out",
    afterwards: "session_expired",
  },
  "the password was changed from another session": {
    who: async () => {
      second = await signIn(world.server, { email: world.people.viewer?.email ?? "" });
      return session({ cookie: second.cookie ?? "" });
    },
    streams: STREAMS - OTHERS,
    undisturbed: ["viewer", "acme"],
    happen: () =>
      done(
        world.call(
          "viewer",
          "session.changePassword",
          input({ currentPassword: PASSWORD, newPassword: PASSWORD }),
        ),
      ),
    reason: "signed_out",
    afterwards: "session_expired",
  },
  "the password was reset by an operator": {
    who: async () => {
      second = await signIn(world.server, { email: world.people.shareViewer?.email ?? "" });
      return session({ cookie: second.cookie ?? "" }, "gamma");
    },
    org: "gamma",
    undisturbed: ["dualMember", "gamma"],
    happen: () => operator("system.resetPassword", { email: world.people.shareViewer?.email }),
    reason: "signed_out",
    afterwards: "session_expired",
  },
  "the session runs out": {
    async who() {
      second = await signIn(world.server, { email: world.people.viewer?.email ?? "" });
      return session({ cookie: second.cookie ?? "" });
    },
    streams: STREAMS - OTHERS,
    undisturbed: ["viewer", "acme"],
    /* Opening a stream is a use of the session: what runs out is set afterwards. */
    async happen() {
      const now = Date.now();
      await world.server.edge.shards.instance.sessions.extend({
        idHash: sha256Hex(second.cookies.get("pulse_session") ?? ""),
        lastSeenAt: now,
        idleEndsAt: now + 200,
      });
      await Bun.sleep(200);
    },
    reason: "signed_out",
    afterwards: "session_expired",
  },
  "they were disabled": {
    who: () => "editor",
    undisturbed: ["viewer", "acme"],
    happen: () => operator("system.disablePerson", { email: world.people.editor?.email }),
    reason: "signed_out",
    afterwards: "session_expired",
  },
  "the org is suspended": {
    who: () => "viewer",
    undisturbed: ["foreignOwner", "beta"],
    happen: () => operator("orgs.suspend", { org: world.orgs.acme.id }),
    reason: "org_suspended",
    afterwards: "org_suspended",
    undo: () => operator("orgs.resume", { org: world.orgs.acme.id }),
  },
  "the licence is gone": {
    who: () => "viewer",
    happen: () => operator("system.licenseRemove"),
    reason: "feature_disabled",
    afterwards: "license_required",
    undo: () => operator("system.licenseInit"),
  },
  "the kill switch is thrown": {
    who: () => "viewer",
    happen: () => switchTo(false),
    reason: "feature_disabled",
    afterwards: "feature_disabled",
    undo: () => switchTo(true),
  },
  "an operator switches it off": {
    who: () => "tokRead",
    happen: () => operator("system.switchOffMultiTenant"),
    reason: "feature_disabled",
    afterwards: "feature_disabled",
    undo: () => switchTo(true),
  },
  "the org is deleted": {
    who: () => "viewer",
    undisturbed: ["foreignOwner", "beta"],
    happen: () => done(world.call("owner", "orgs.delete")),
    reason: "access_changed",
    afterwards: "access_denied",
  },
};

async function shareAgain(resourceId: string, given: string, expiresAt?: number): Promise<void> {
  const asked = {
    targetOrg: world.orgs.gamma.slug,
    resourceId,
    role: given,
    ...(expiresAt && { expiresAt }),
  };
  const { data } = await done(world.call<{ share: { id: string } }>("admin", "shares.create", input(asked)));
  world.ids.acme.share = data.share.id;
  await done(world.call("dualMember", "shares.accept", { org: "gamma", input: { id: data.share.id } }));
}

async function rejoin(who: PrincipalName): Promise<void> {
  const asked = { email: world.people[who]?.email, role: "viewer" };
  const { data } = await done(
    world.call<{ invitation: { id: string } }>("owner", "members.invite", input(asked)),
  );
  await done(world.call(who, "members.accept", { carrier: "none", ...input({ code: data.invitation.id }) }));
}

/** Everything that is watched changes: what acme shows to gamma comes from acme. */
async function emit(orgs: OrgTag[]): Promise<number> {
  figure++;
  await Promise.all(orgs.map((org) => world.report(org, figure).catch(() => undefined)));
  return figure;
}

const sees = (value: number) => (stream: Stream) => stream.text.includes(`"cpu_percent":${value}`);

describe(`L03, S06, M13: ${STREAMS} streams end within a second, and see nothing more, when`, () => {
  for (const [name, cause] of Object.entries(CAUSES)) {
    test(
      name,
      async () => {
        const { org = "acme", undisturbed, withinMs = 1_000 } = cause;
        const before = world.server.edge.bus.streamCount;
        const countIsBack = () =>
          until(() => world.server.edge.bus.streamCount === before, { what: "the count is back" });
        const who = await cause.who();
        const others = undisturbed
          ? await openStreams(world, undisturbed[0], OTHERS, { org: undisturbed[1] })
          : await openStreams(world, world.headers.operator, OTHERS);
        const streams = await openStreams(world, who, cause.streams ?? STREAMS, { org });
        try {
          const first = await emit(["acme", "beta"]);
          await until(() => streams.every(sees(first)), { what: "the event before" });

          await cause.happen();
          const happenedAt = performance.now();
          const after = await emit(["acme", "beta"]);
          await until(() => streams.every(({ closedAt }) => closedAt), { what: "all closed" });

          expect(streams.filter(({ closedAt = 0 }) => closedAt - happenedAt > withinMs).length).toBe(0);
          expect(streams.filter(sees(after)).length).toBe(0);
          expect(new Set(streams.map(({ ends }) => ends.join()))).toEqual(new Set([cause.reason]));
          expect(new Set(streams.map(({ events }) => events.at(-1)?.type))).toEqual(new Set(["end"]));
          if (undisturbed) await until(() => others.every(sees(after)), { what: "others go on" });
          expect(others.flatMap(({ ends }) => ends)).toEqual([]);
        } finally {
          for (const stream of [...streams, ...others]) stream.close();
        }
        await countIsBack();

        const headers = typeof who === "string" ? headersFor(world, who, { org }) : who;
        const again = await Stream.open(world.server.url, headers);
        if (again instanceof Stream) {
          await until(() => again.text.includes("snapshot"));
          again.close();
          expect(cause.afterwards).toBeUndefined();
          expect(again.text).not.toContain(sharedThing(name));
        } else expect(again.body).toContain(cause.afterwards ?? "a stream");
        await cause.undo?.();
        await countIsBack();
      },
      PATIENCE_MS,
    );
  }
});

/** What is no longer shown. */
function sharedThing(name: string): string {
  return name.includes("editors") ? world.orgs.acme.other : world.orgs.acme.host;
}

test("L03, G08: a licence that has run out, grace and all, ends every stream of an org, and no other", async () => {
  let ahead = 0;
  await using house = await startWorld("on", () => Date.now() + ahead);
  const { instance } = house.server.edge.shards;
  const by = { kind: "command" } as const;
  const day = 86_400_000;
  const { license } = await instance.license.issue({ by, holder: "us", expiresAt: Date.now() + day });
  await instance.license.install({ by, license });
  const streams = await openStreams(house, "viewer", 20);
  const [home] = await openStreams(house, house.headers.operator, 1);
  ahead = 7 * day;
  await Bun.sleep(700);
  expect(streams.flatMap(({ ends }) => ends)).toEqual([]);
  ahead = 8 * day + 1_000;
  await until(() => streams.every(({ closedAt }) => closedAt), { withinMs: 1_500 });
  expect(new Set(streams.map(({ ends }) => ends.join()))).toEqual(new Set(["feature_disabled"]));
  expect(home?.ends).toEqual([]);
  home?.close();
});

describe("no event of another org", () => {
  test("L01: 1,000 reports of acme: no stream of beta or delta's and no other org's receives a byte", async () => {
    await using house = await startWorld();
    const theirs = await openStreams(house, "viewer", 3);
    const others = await openStreams(house, "foreignOwner", 5, { org: "beta" });
    others.push(...(await openStreams(house, house.headers.operator, 5)));
    const sizes = () => others.map(({ text }) => text.replaceAll("event: ping\ndata: \n\n", "").length);
    const before = sizes();
    for (let turn = 0; turn < 1_000; turn += 50)
      await Promise.all(Array.from({ length: 50 }, (_, one) => house.report("acme", 5_000 + turn + one)));
    await until(() => theirs.every(sees(5_999)));
    await Bun.sleep(200);
    expect(sizes()).toEqual(before);
    for (const stream of [...theirs, ...others]) stream.close();
  });

  test("S02: what is not shared is not sent: gamma hears of the shared machine and of nothing else of acme", async () => {
    await using house = await startWorld();
    const [stream] = await openStreams(house, "shareViewer", 1, { org: "gamma" });
    const hidden = house.canaries.filter(
      ({ org, place }) => org === "acme" && /^(resource|attribute)/.test(place),
    );
    /* The machine and its part were reported first. */
    const shown = new Set(
      ["resource.name", "resource.attributes", "attribute.name"].flatMap((place) =>
        hidden
          .filter((canary) => canary.place === place)
          .slice(0, 2)
          .map(({ text }) => text),
      ),
    );
    const [owner] = await openStreams(house, "dualMember", 1, { org: "gamma" });
    await house.report("acme", 78, 2);
    await until(() => owner !== undefined && sees(78)(owner));
    await house.report("acme", 77);
    await until(() => stream !== undefined && sees(77)(stream));
    expect(stream?.text).not.toContain('"cpu_percent":78');
    owner?.close();
    expect(stream?.text).toContain(house.orgs.acme.host);
    expect(stream?.text).not.toContain(house.orgs.acme.other);
    const seen = hidden.filter(({ text }) => stream?.text.includes(text) && !shown.has(text));
    expect(seen.map(({ place }) => place)).toEqual([]);
    stream?.close();
  });

  test("L04: an id of beta's streams offered to acme begins with a snapshot and brings nothing of beta", async () => {
    await using house = await startWorld();
    const [beta] = await openStreams(house, "foreignOwner", 1, { org: "beta" });
    await house.report("beta", 91);
    await until(() => beta !== undefined && sees(91)(beta));
    const lastEventId = beta?.events.at(-1)?.id ?? "";
    const secrets = house.canaries.filter(({ org }) => org === "beta");
    for (const by of ["header", "input"] as const) {
      const query = by === "input" ? `?input=${encodeURIComponent(JSON.stringify({ lastEventId }))}` : "";
      const stop = new AbortController();
      const response = await fetch(`${house.server.url}/api/trpc/live.events${query}`, {
        headers: { ...headersFor(house, "viewer"), ...(by === "header" && { "last-event-id": lastEventId }) },
        signal: stop.signal,
      });
      let text = "";
      for await (const chunk of response.body ?? []) {
        text += new TextDecoder().decode(chunk);
        if (text.includes('"type":')) break;
      }
      stop.abort();
      expect(text).toContain('"type":"snapshot"');
      expect(secrets.filter((canary) => text.includes(canary.text))).toEqual([]);
    }
    beta?.close();
  });

  test("ids of streams say nothing about how much happens elsewhere: each org counts for itself", async () => {
    await using house = await startWorld();
    const [acme] = await openStreams(house, "viewer", 1);
    for (let turn = 0; turn < 5; turn++) {
      await house.report("beta", 300 + turn);
      await Bun.sleep(260);
    }
    await house.report("acme", 400);
    await until(() => acme !== undefined && sees(400)(acme));
    const [epoch, number] = acme?.events.at(-1)?.id.split(".") ?? [];
    expect(Number(number)).toBeLessThanOrEqual(2);
    const [beta] = await openStreams(house, "foreignOwner", 1, { org: "beta" });
    expect(beta?.events[0]?.id.split(".")[0]).not.toBe(epoch);
    acme?.close();
    beta?.close();
  });
});

test("what a stream asks with is checked as for any call: nothing of acme for anybody from outside", async () => {
  for (const who of [
    "anon",
    "foreignOwner",
    "formerMember",
    "operator",
    "tokForeign",
    "tokReport",
  ] as const) {
    const answer = await call(world.server, "live.events", { headers: headersFor(world, who) });
    expect([who, answer.status >= 400]).toEqual([who, true]);
  }
});
