/**
 * History that leaves outside of procedures: asked for by every kind of caller, in every mode, it is answered like
 * `history.range`; what is in it is of that org alone, or shared with it; and whatever takes the right away ends it.
 */
import { afterAll, describe, expect, test } from "bun:test";
import type { Admitted, Caller } from "../../server/access/admission.ts";
import { openExport } from "../../server/api/exports.ts";
import { ExportInput, type ExportTicket } from "../../server/contract/export.ts";
import { OrgId } from "../../server/contract/ids.ts";
import { mintId, sha256Hex } from "../../server/lib/random-id.ts";
import { readAnswer } from "../support/calls.ts";
import { digests } from "./digest.ts";
import { expected, matrix } from "./matrix.ts";
import { type OrgTag, PRINCIPALS, type PrincipalName } from "./principals.ts";
import { Scanner } from "./scan.ts";
import { type AsOptions, type Carrier, headersFor, MODES, startWorld, type World } from "./world.ts";

const PATIENCE_MS = 120_000;
const world = await startWorld();
afterAll(() => world.stop());

function ask(of: World, who: PrincipalName, resource: string, as: AsOptions = {}, more = "") {
  return fetch(`${of.server.url}/api/history/export?resource=${resource}${more}`, {
    headers: { ...headersFor(of, who, as), "x-request-id": "the-same-for-all" },
  });
}

describe("each caller gets what `history.range` would give them", () => {
  for (const mode of MODES) {
    const carriers: Carrier[] = mode === "on" ? ["slug", "id", "domain", "cookie"] : ["slug", "none"];
    test(
      `mode ${mode}, asked by ${carriers.join(", ")}`,
      async () => {
        await using house = mode === "on" ? undefined : await startWorld(mode);
        const here = house ?? world;
        const wrong: string[] = [];
        for (const carrier of carriers) {
          for (const who of PRINCIPALS) {
            if (carrier === "cookie" && !here.orgCookies[who]) continue;
            const wanted = expected(matrix["history.range"], who, mode, carrier === "none");
            const answer = await readAnswer(await ask(here, who, here.orgs.acme.host, { carrier }));
            const got = answer.status === 200 ? "ok" : answer.error?.reason;
            if (got !== wanted) wrong.push(`${who} by ${carrier}: ${got}, not ${wanted}`);
          }
        }
        expect(wrong).toEqual([]);
      },
      PATIENCE_MS,
    );
  }
});

test("a foreign resource is not found like one that never was, whoever asks; no file has changed by asking", async () => {
  const before = digests(world);
  for (const who of ["viewer", "admin", "owner", "tokAdmin", "dualMember"] as const) {
    const answers: [number, string][] = [];
    for (const id of [world.orgs.beta.host, world.orgs.beta.part, mintId("r")]) {
      const response = await ask(world, who, id);
      answers.push([response.status, await response.text()]);
    }
    expect(answers[0]?.[0]).toBe(404);
    expect(new Set(answers.map(([, text]) => text)).size).toBe(1);
  }
  await (await ask(world, "viewer", world.orgs.acme.host, {}, "&parts=true")).text();
  expect(digests(world)).toEqual(before);
});

/** All that can be had of a resource, in both formats. */
async function everything(who: PrincipalName, resource: string, org: OrgTag): Promise<string> {
  let text = "";
  for (const format of ["csv", "openmetrics"])
    for (const step of ["raw", "auto"]) {
      const response = await ask(world, who, resource, { org }, `&parts=true&format=${format}&step=${step}`);
      if (response.status === 200)
        text += `${response.headers.get("content-disposition")}${await response.text()}`;
    }
  return text;
}

test("what is in it is of that org alone", async () => {
  const scanner = new Scanner(world.canaries);
  for (const [who, org] of [
    ["viewer", "acme"],
    ["foreignOwner", "beta"],
  ] as const) {
    const text = await everything(who, world.orgs[org].host, org);
    expect(text.length).toBeGreaterThan(500);
    const others = [...scanner.in(text)].filter((canary) => canary.org !== org);
    expect([who, others.map(({ place }) => place)]).toEqual([who, []]);
  }
});

describe("behind a share", () => {
  test("is what is shared with its parts, and for nobody but whom it is shared with", async () => {
    const { host, part, other } = world.orgs.acme;
    const status = async (who: PrincipalName, id: string) =>
      (await ask(world, who, id, { org: "gamma" })).status;
    expect([await status("shareViewer", host), await status("shareViewer", part)]).toEqual([200, 200]);
    expect([await status("shareViewer", other), await status("dualMember", other)]).toEqual([404, 200]);
    const shown = await everything("shareViewer", host, "gamma");
    const hidden = world.canaries.filter(
      ({ org, place }) => org === "beta" || place === "tag" || place === "note",
    );
    expect(hidden.filter(({ text }) => shown.includes(text))).toEqual([]);
    expect(shown).not.toContain(other);
  });
});

function callerOf(who: PrincipalName): Caller {
  const { directory, sessions } = world.server.edge;
  const bearer = world.headers[who].authorization?.replace("Bearer ", "");
  const token = bearer === undefined ? undefined : directory.tokenOfSecret(sha256Hex(bearer));
  const session = directory
    .sessionsOf(world.people[who]?.id as never)
    .find(({ idHash }) => sessions.stands(idHash));
  const person = directory.person((token?.madeBy ?? world.people[who]?.id) as never);
  if (!person || !(token ?? session)) throw new Error(`${who} is nobody`);
  return (token ? { person, token } : { person, session }) as Caller;
}

/** Reads what is left of it: what it ended with, and whether any sample was among what still came. */
async function endOf(pieces: AsyncIterable<Uint8Array>): Promise<{ end: string; samples: boolean }> {
  let text = "";
  try {
    for await (const piece of pieces) text += Buffer.from(piece).toString();
    return { end: "whole", samples: true };
  } catch (error) {
    return { end: (error as Error).name, samples: /^pulse_/m.test(text) };
  }
}

describe("an export under way ends", () => {
  const causes: Record<
    string,
    { who: PrincipalName; org: OrgTag; happen: () => Promise<unknown>; undo?: () => Promise<unknown> }
  > = {
    "when its token is revoked": {
      who: "tokWrite",
      org: "acme",
      happen: () => world.call("admin", "tokens.revoke", { input: { id: callerOf("tokWrite").token?.id } }),
    },
    "when the share is withdrawn": {
      who: "shareViewer",
      org: "gamma",
      happen: () => world.call("admin", "shares.remove", { input: { id: world.ids.acme.share } }),
    },
    "when they are no member any more": {
      who: "viewer",
      org: "acme",
      happen: () => world.call("admin", "members.remove", { input: { userId: world.people.viewer?.id } }),
    },
    "when the org is suspended": {
      who: "editor",
      org: "acme",
      happen: () =>
        world.call("operator", "orgs.suspend", { carrier: "none", input: { org: world.orgs.acme.id } }),
      undo: () =>
        world.call("operator", "orgs.resume", { carrier: "none", input: { org: world.orgs.acme.id } }),
    },
    "when they sign out": {
      who: "editor",
      org: "acme",
      happen: () => world.call("editor", "session.signOut", { carrier: "none" }),
    },
    "when the switch is thrown": {
      who: "owner",
      org: "acme",
      happen: () =>
        world.server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: false }),
      undo: () => world.server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: true }),
    },
  };
  for (const [name, { who, org, happen, undo }] of Object.entries(causes)) {
    test(name, async () => {
      const { edge } = world.server;
      const orgId = OrgId.parse(world.orgs[org].id);
      const admitted: Admitted = { orgId, caller: callerOf(who), role: "viewer" };
      const now = Date.now();
      const input = ExportInput.parse({
        resourceId: world.orgs.acme.host,
        parts: true,
        metrics: [],
        from: now - 86_400_000,
        to: now + 60_000,
        format: "openmetrics",
        step: "raw",
      });
      const { pieces } = await openExport(edge, admitted, input);
      const seen = [await pieces.next(), await pieces.next()].map(({ value }) =>
        Buffer.from(value ?? []).toString(),
      );
      expect(seen.join("").length).toBeGreaterThan(0);
      const done = await happen();
      expect((done as { status?: number }).status ?? 200).toBe(200);
      expect(await endOf(pieces)).toEqual({ end: "DomainError", samples: false });
      await undo?.();
    });
  }
});

test("a ticket is its session's alone, and worth nothing when the right is gone before it is used", async () => {
  await using house = await startWorld();
  const input = matrix["history.exportTicket"].input(house);
  const ticket = async () =>
    (await house.call<ExportTicket>("dualMember", "history.exportTicket", { input })).data.path;
  const fetched = async (who: PrincipalName, path: string) =>
    (await fetch(house.server.url + path, { headers: headersFor(house, who, { carrier: "none" }) })).status;
  const path = await ticket();
  for (const who of ["owner", "viewer", "operator", "foreignOwner"] as const)
    expect([who, await fetched(who, path)]).toEqual([who, 404]);
  /* Their browser remembers gamma: the ticket is about the org that was asked for. */
  expect(await fetched("dualMember", path)).toBe(200);
  const late = await ticket();
  await house.call("admin", "members.remove", { input: { userId: house.people.dualMember?.id } });
  expect(await fetched("dualMember", late)).toBe(403);
});

test("exports of one org take no places of another's", async () => {
  const { exports } = world.server.edge;
  const ends = Array.from({ length: 4 }, () => exports.begin(OrgId.parse(world.orgs.acme.id)));
  expect(() => exports.begin(OrgId.parse(world.orgs.acme.id))).toThrow("Too many exports");
  expect((await ask(world, "foreignOwner", world.orgs.beta.host, { org: "beta" })).status).toBe(200);
  for (const end of ends) end();
  exports.begin(OrgId.parse(world.orgs.acme.id))();
});
