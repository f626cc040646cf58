/**
 * Prometheus's API, asked by every kind of caller in every mode: answered like `history.range`, about that org alone and
 * what is shared with it.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { PROMETHEUS_CALLS } from "../../server/api/prometheus/answers.ts";
import { digests } from "./digest.ts";
import { expected, matrix } from "./matrix.ts";
import { type OrgTag, PRINCIPALS, type PrincipalName } from "./principals.ts";
import { Scanner } from "./scan.ts";
import { type AsOptions, type Carrier, headersFor, MODES, startWorld, type World } from "./world.ts";

const PATIENCE_MS = 120_000;
const world = await startWorld();
afterAll(() => world.stop());

const now = () => Math.ceil(Date.now() / 1_000);
/** Everything there is, asked for in each way there is. */
const EVERYTHING = '{__name__=~".+"}';
const QUERIES: Record<string, () => [path: string, given: Record<string, string>][]> = {
  query: () => [["query", { query: EVERYTHING, time: String(now()) }]],
  query_range: () => [
    ["query_range", { query: EVERYTHING, start: String(now() - 3_600), end: String(now()), step: "60" }],
    [
      "query_range",
      {
        query: `count(${EVERYTHING}) by (name, machine, resource, shared_from)`,
        start: String(now() - 3_600),
        end: String(now()),
        step: "600",
      },
    ],
  ],
  series: () => [["series", { "match[]": EVERYTHING }]],
  labels: () => [
    ["labels", {}],
    ["labels", { "match[]": EVERYTHING }],
  ],
  "label/*/values": () =>
    ["__name__", "name", "machine", "resource", "kind", "shared_from"].map((label) => [
      `label/${label}/values`,
      {},
    ]),
  metadata: () => [["metadata", {}]],
  "status/buildinfo": () => [["status/buildinfo", {}]],
};

async function ask(
  of: World,
  who: PrincipalName,
  [path, given]: [string, Record<string, string>],
  as: AsOptions = {},
) {
  const response = await fetch(
    `${of.server.url}/api/prometheus/api/v1/${path}?${new URLSearchParams(given)}`,
    {
      headers: headersFor(of, who, as),
    },
  );
  const text = await response.text();
  return { status: response.status, text, reason: (JSON.parse(text) as { reason?: string }).reason };
}

test("every call of it is asked here", () => {
  expect(Object.keys(QUERIES)).toEqual(Object.keys(PROMETHEUS_CALLS));
});

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
            const row = { ...matrix["history.range"], givesInDefault: "ok" } as const;
            const wanted = expected(row, who, mode, carrier === "none");
            for (const query of Object.values(QUERIES).flatMap((make) => make())) {
              const { status, reason } = await ask(here, who, query, { carrier });
              const got = status === 200 ? "ok" : reason;
              if (got !== wanted) wrong.push(`${query[0]} ${who} by ${carrier}: ${got}, not ${wanted}`);
            }
          }
        }
        expect(wrong).toEqual([]);
      },
      PATIENCE_MS,
    );
  }
});

async function everything(who: PrincipalName, org: OrgTag): Promise<string> {
  const answers = await Promise.all(
    Object.values(QUERIES)
      .flatMap((make) => make())
      .map((query) => ask(world, who, query, { org })),
  );
  return answers.map(({ text }) => text).join("\n");
}

test("what is in it is of that org alone, and no file has changed by asking", async () => {
  const scanner = new Scanner(world.canaries);
  const before = digests(world);
  for (const [who, org] of [
    ["viewer", "acme"],
    ["tokRead", "acme"],
    ["foreignOwner", "beta"],
  ] as const) {
    const text = await everything(who, org);
    const found = [...scanner.in(text)];
    expect([who, found.filter((canary) => canary.org === org).length > 2]).toEqual([who, true]);
    expect([who, found.filter((canary) => canary.org !== org).map(({ place }) => place)]).toEqual([who, []]);
    expect(text).not.toContain(world.orgs[org === "acme" ? "beta" : "acme"].host);
  }
  expect(digests(world)).toEqual(before);
});

test("gamma sees what is shared with it, with whom it comes from, and nothing else of acme", async () => {
  const { host, part, other } = world.orgs.acme;
  const seen = await everything("shareViewer", "gamma");
  for (const id of [host, part]) expect(seen).toContain(id);
  expect(seen).toContain("shared_from");
  expect(seen).not.toContain(other);
  expect(await everything("dualMember", "gamma")).toContain(other);
  await world.call("admin", "shares.remove", { input: { id: world.ids.acme.share } });
  expect(await everything("shareViewer", "gamma")).not.toContain(host);
});
