/** What an org's file goes through when the org is taken away, and what of its neighbours' it never touches. */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OrgId } from "../../server/contract/ids.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { call } from "../support/calls.ts";
import { machine } from "../support/in-process.ts";
import { startServer } from "../support/server.ts";
import { digests } from "./digest.ts";
import { Scanner } from "./scan.ts";
import { headersFor, layOut, startWorld, type World } from "./world.ts";

const PATIENCE_MS = 30_000;

const switchTo = ({ server }: World, on: boolean) =>
  server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on });

function folderOf({ server, orgs }: World, org: "acme" | "beta"): string {
  return join(server.dataDir, "orgs", orgs[org].id);
}

/** Every byte of an org's folder. */
function bytesOf(world: World, org: "acme" | "beta"): string {
  const folder = folderOf(world, org);
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}

const refusal = (given: Promise<unknown>) =>
  given.then(
    () => "taken",
    (error: { reason?: string }) => error.reason ?? "failed",
  );

test(
  "K01, K03, K04: switched off, no report is taken and no byte of an org changes; on again, all is there",
  async () => {
    await using world = await startWorld();
    const list = async () => {
      const { data } = await world.call<{ resources: { id: string }[] }>("viewer", "resources.list");
      return data.resources.map(({ id }) => id);
    };
    await world.report("acme", 5);
    const before = { acme: await list() };
    await switchTo(world, false);
    /* What was acknowledged is in each org's own file by now. */
    const written = digests(world);
    const bytes = [bytesOf(world, "acme"), bytesOf(world, "beta")];
    for (let turn = 0; turn < 20; turn++) {
      expect(await refusal(world.report("acme", turn))).toBe("org_unavailable");
      expect(await refusal(world.report("beta", turn))).toBe("org_unavailable");
    }
    await world.server.ingest([machine("home", 3)]);
    const home = await world.call<{ resources: { name: string }[] }>("operator", "resources.list", {
      carrier: "none",
    });
    expect(home.data.resources.map(({ name }) => name)).toContain("home");
    expect([bytesOf(world, "acme"), bytesOf(world, "beta")]).toEqual(bytes);
    await switchTo(world, true);
    expect(await list()).toEqual(before.acme);
    expect([digests(world).acme, digests(world).beta]).toEqual([written.acme, written.beta]);
    expect(await refusal(world.report("acme", 6))).toBe("taken");
  },
  PATIENCE_MS,
);

test(
  "O10: suspended, an org takes nothing and the others go on; resumed, it is as before",
  async () => {
    await using world = await startWorld();
    const org = OrgId.parse(world.orgs.acme.id);
    await world.call("operator", "orgs.suspend", { carrier: "none", input: { org } });
    const before = bytesOf(world, "acme");
    expect(await refusal(world.report("acme", 1))).toBe("org_unavailable");
    expect(await refusal(world.report("beta", 1))).toBe("taken");
    expect(bytesOf(world, "acme")).toBe(before);
    await world.call("operator", "orgs.resume", { carrier: "none", input: { org } });
    expect(await refusal(world.report("acme", 1))).toBe("taken");
  },
  PATIENCE_MS,
);

test(
  "O09: deleted, nothing brings it back but its owner: not a hundred late reports, not its admin",
  async () => {
    await using world = await startWorld();
    const before = digests(world).acme;
    expect((await world.call("owner", "orgs.delete")).status).toBe(200);
    const late = await Promise.all(Array.from({ length: 100 }, (_, at) => refusal(world.report("acme", at))));
    expect(new Set(late)).toEqual(new Set(["org_unavailable"]));
    expect(existsSync(folderOf(world, "acme"))).toBe(false);
    for (const who of ["admin", "editor", "foreignOwner", "operator"] as const)
      expect([who, (await world.call(who, "orgs.restore")).error?.reason]).toEqual([who, "access_denied"]);
    expect(existsSync(folderOf(world, "acme"))).toBe(false);
    expect((await world.call("owner", "orgs.restore")).status).toBe(200);
    expect(digests(world).acme).toBe(before);
  },
  PATIENCE_MS,
);

test(
  "O09: purged, no byte of it is left in any folder, and nothing of the others is missing",
  async () => {
    await using world = await startWorld();
    const { beta, gamma } = digests(world);
    await world.call("owner", "orgs.delete");
    const input = { org: world.orgs.acme.id };
    expect((await world.call("operator", "orgs.purge", { carrier: "none", input })).status).toBe(200);
    const watched = world.canaries.filter(
      ({ org, place }) => org === "acme" && /^(resource|report_cursor|sample|attribute)/.test(place),
    );
    const scanner = new Scanner(watched.filter(({ place }) => place !== "sample.packed"));
    const found = readdirSync(world.server.dataDir, { recursive: true, encoding: "utf8" })
      .filter((path) => /(?:^|\/)org\.db/.test(path))
      .filter((path) => scanner.in(readFileSync(join(world.server.dataDir, path), "latin1")).size > 0);
    expect(found).toEqual([]);
    expect(existsSync(folderOf(world, "acme"))).toBe(false);
    expect([digests(world).beta, digests(world).gamma]).toEqual([beta, gamma]);
  },
  PATIENCE_MS,
);

test(
  "I04, I09: with beta's file in ruins beta answers 503, acme everything, and nobody makes beta a new one",
  async () => {
    const ruins = Buffer.alloc(8_192, "not a database ");
    await using world = await startWorld("on", undefined, (dataDir, { orgs }) => {
      const folder = join(dataDir, "orgs", orgs.beta.id);
      for (const name of readdirSync(folder)) writeFileSync(join(folder, name), ruins);
    });
    const beta = await world.call("foreignOwner", "resources.list", { org: "beta" });
    expect([beta.status, beta.error?.reason]).toEqual([503, "org_unavailable"]);
    expect(await refusal(world.report("beta", 1))).toBe("org_unavailable");
    expect(await refusal(world.report("acme", 1))).toBe("taken");
    for (const path of ["resources.list", "members.list", "orgs.get", "shares.list", "orgs.plan"])
      expect([path, (await world.call("viewer", path)).status]).toEqual([path, 200]);
    expect((await world.call("shareViewer", "resources.list", { org: "gamma" })).body).toContain(
      world.orgs.acme.host,
    );
    expect(readFileSync(join(folderOf(world, "beta"), "org.db")).equals(ruins)).toBe(true);
  },
  PATIENCE_MS,
);

test(
  "I01: the same machine reporting into acme and beta is two resources, each invisible to the other",
  async () => {
    await using world = await startWorld();
    for (const org of ["acme", "beta"] as const)
      await world.server.ingest([machine("the-same", 1)], OrgId.parse(world.orgs[org].id), {
        boot: "the-same-boot",
      });
    const ids = async (who: "viewer" | "foreignOwner", org: "acme" | "beta") => {
      const { data } = await world.call<{ resources: { id: string; name: string }[] }>(
        who,
        "resources.list",
        { org },
      );
      return data.resources.filter(({ name }) => name === "the-same").map(({ id }) => id);
    };
    const [acme, beta] = [await ids("viewer", "acme"), await ids("foreignOwner", "beta")];
    expect([acme.length, beta.length, new Set([...acme, ...beta]).size]).toEqual([1, 1, 2]);
    expect((await world.call("viewer", "resources.get", { input: { id: beta[0] } })).status).toBe(404);
  },
  PATIENCE_MS,
);

test(
  "I01: what was acknowledged before a crash is given back to the org it was for, and to no other",
  async () => {
    const { parent, dataDir, facts } = await layOut();
    const options = { dataDir, env: { PULSE_MULTI_TENANT_ENABLED: "true", PULSE_LOCAL_AGENT: "false" } };
    const first = await startServer(options);
    const told = { agent: 41, agentForeign: 43, agentOfGamma: 47 } as const;
    /* Nothing in them is new but a figure, so the orgs' own files do not have them yet. */
    for (const [who, cpuPercent] of Object.entries(told) as [keyof typeof told, number][]) {
      const report = reporterOf()([machine("host", cpuPercent)], { intervalMs: 3_600_000 });
      const { status, data } = await postReport(first, facts.machines[who].token, report);
      expect([who, status, data.stored]).toEqual([who, 200, 1]);
    }
    await first.kill();
    const again = await startServer(options);
    for (const [who, org, machineName] of [
      ["viewer", "acme", "agent"],
      ["foreignOwner", "beta", "agentForeign"],
      ["dualMember", "gamma", "agentOfGamma"],
    ] as const) {
      const { data } = await call<{ resources: { kind: string; sources: string[]; metrics: object }[] }>(
        again,
        "resources.list",
        { headers: headersFor(facts, who, { org }) },
      );
      const ofAgents = data.resources.filter(
        ({ kind, sources }) => kind === "host" && sources.some((source) => source.startsWith("agent:")),
      );
      expect([
        org,
        ofAgents.map(({ sources }) => sources.includes(`agent:${facts.machines[machineName].id}`)),
      ]).toEqual([org, [true]]);
      expect([org, ofAgents[0]?.metrics]).toMatchObject([org, { cpu_percent: told[machineName] }]);
    }
    await again.stop();
    rmSync(parent, { recursive: true, force: true });
  },
  PATIENCE_MS,
);
