/** P01: what could carry something from one org to another stands in `registries-matrix.ts`, or fails here. */
import { afterAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATOR_VERBS } from "../../server/http/control-socket.ts";
import { mounts } from "../../server/http/server.ts";
import { orgVerbs } from "../../server/runtime/org-verbs.ts";
import { root } from "../support/checkout.ts";
import { runPulse } from "../support/server.ts";
import {
  cacheFolders,
  caches,
  commands,
  jobs,
  jobsElsewhere,
  operatorVerbs,
  orgVerbRows,
  routes,
  topics,
} from "./registries-matrix.ts";
import { Scanner } from "./scan.ts";
import { headersFor, startWorld } from "./world.ts";

const world = await startWorld();
afterAll(() => world.stop());

const sources = readdirSync(join(root, "server"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.endsWith("test-instance.ts"))
  .map((path) => ({ path: `server/${path}`, text: readFileSync(join(root, "server", path), "utf8") }));

test("every mounted route is judged, and those that are no procedure say nothing of any org", async () => {
  const found = mounts(world.server.http).routes.map(({ method, path }) => `${method} ${path}`);
  expect(found.sort()).toEqual(Object.keys(routes).sort());
  const scanner = new Scanner(world.canaries);
  for (const route of Object.keys(routes).filter((one) => routes[one] === "nothing of any org")) {
    const [method = "GET", path = "/"] = route.split(" ");
    for (const who of ["anon", "owner", "operator", "tokAdmin"] as const) {
      const response = await fetch(world.server.url + path.replace("*", world.orgs.acme.id), {
        method: method === "ALL" ? "GET" : method,
        headers: headersFor(world, who),
      });
      const found = [...scanner.in(await response.text())].map(({ place }) => place);
      expect([route, who, found]).toEqual([route, who, []]);
    }
  }
});

test("every type of event that is published is judged", () => {
  const published = sources.flatMap(({ text }) =>
    [...text.matchAll(/(?:\bpublish|\bpublishTo|#message)\([^;]*?"([a-z_.]+)"/g)].map(
      ([, type]) => type ?? "",
    ),
  );
  const wrong = published.filter((type) => !Object.hasOwn(topics, type));
  expect(wrong).toEqual([]);
  expect(published.length).toBeGreaterThan(2);
});

test("every timer is judged: whose it is, and that what is an org's stops with it", () => {
  const found = new Map<string, number>();
  for (const { path, text } of sources) {
    if (jobsElsewhere.some((folder) => path.startsWith(folder))) continue;
    for (const [, call] of text.matchAll(/\b(setInterval|setTimeout)\(/g))
      found.set(`${path} ${call}`, (found.get(`${path} ${call}`) ?? 0) + 1);
  }
  const judged = Object.entries(jobs).map(([job, { times }]) => [job, times]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(judged));
});

test("everything that is kept between calls is judged: by what it is kept apart, what clears it", () => {
  const found = new Set<string>();
  for (const { path, text } of sources) {
    if (!cacheFolders.some((folder) => path.startsWith(folder))) continue;
    for (const [, field] of text.matchAll(
      /^(?: {2}(?:private |readonly |static )*|const |let |export const )(#?\w+)(?:: [^=\n]+)? = new (?:Weak)?(?:Map|Set|MapOfSets)\b/gm,
    ))
      found.add(`${path} ${field}`);
    for (const [, field] of text.matchAll(/^ {2}(?:readonly )?(#\w+)(?:: [^=\n]+)? = \[\];/gm))
      found.add(`${path} ${field}`);
  }
  /* What stands at the top of a file is everybody's in its thread, wherever the file is. */
  for (const { path, text } of sources)
    for (const [, field] of text.matchAll(
      /^(?:export )?const (\w+)(?:: [^=\n]+)? = new (?:Weak)?(?:Map|Set|MapOfSets)\b/gm,
    ))
      found.add(`${path} ${field}`);
  /* Made in a function that runs once, not in a class. */
  for (const one of [
    "server/app.ts health",
    "server/runtime/calls.ts domains",
    "server/http/agent-ingest.ts underWay",
  ])
    found.add(one);
  const constants = [...found].filter((field) => / [A-Z][A-Z_]+$/.test(field));
  for (const constant of constants) found.delete(constant);
  const local = [...found].filter((field) => !field.includes("#") && !Object.hasOwn(caches, field));
  for (const one of local.filter((field) => isLocal(field))) found.delete(one);
  expect([...found].sort()).toEqual(Object.keys(caches).sort());
});

/** A constant inside a function lives as long as the call. */
function isLocal(field: string): boolean {
  const [path = "", name = ""] = field.split(" ");
  const text = sources.find((source) => source.path === path)?.text ?? "";
  return new RegExp(`^ {2}(?:const|let) ${name}\\b`, "m").test(text);
}

test("every verb of an org, and every verb of the control socket, is judged", () => {
  const found = Object.fromEntries(
    Object.entries(orgVerbs).map(([domain, verbs]) => [domain, Object.keys(verbs)]),
  );
  const judged = Object.fromEntries(
    Object.entries(orgVerbRows).map(([domain, verbs]) => [domain, Object.keys(verbs)]),
  );
  expect(found).toEqual(judged);
  expect([...OPERATOR_VERBS].sort()).toEqual(
    Object.keys(operatorVerbs).sort() as (typeof OPERATOR_VERBS)[number][],
  );
});

test("every command is judged, and `pulse help` shows none that is about orgs while multi-tenancy is off", async () => {
  const text = sources.find(({ path }) => path === "server/cli/commands.ts")?.text ?? "";
  const table = /const COMMANDS[^{]*\{([\s\S]*?)\n\};/.exec(text)?.[1] ?? "";
  const found = [...table.matchAll(/^ {2}"?([a-z-]+)"?: async/gm)].map(([, name]) => name ?? "");
  expect(found.sort()).toEqual(Object.keys(commands).sort());
  const { stdout } = await runPulse(world.server.dataDir, ["help"]);
  for (const [name, scope] of Object.entries(commands))
    if (scope !== "server") expect(stdout).not.toMatch(new RegExp(`pulse ${name}\\b`));
  expect(stdout).not.toMatch(/organi[sz]ation|tenant (?!status)/i);
});
