/**
 * "Who may import whom" of docs/architecture.md, as data. `imports.test.ts` executes it.
 *
 * A layer is a set of files: a path ending in `/` is a folder, the longest match decides. A layer may always import
 * itself. `may` lists what it imports as it likes, `types` what it may only name in `import type`, because the code
 * behind it runs somewhere else: in another thread, or in another process.
 */
export interface Layer {
  readonly files: readonly string[];
  readonly may: readonly string[];
  readonly types?: readonly string[];
  /** Whose code it starts in another thread: `new URL("./x.ts", import.meta.url)`. */
  readonly starts?: readonly string[];
}

/** Each is a layer of its own: domains meet in `runtime`, not in each other. */
const domains = [
  "instance",
  "orgs",
  "people",
  "tokens",
  "licensing",
  "agents",
  "sources",
  "inventory",
  "history",
  "alerts",
  "notifications",
  "assistant",
  "audit",
];

const ground = ["contract", "lib"];
const edgeRuntime = ["runtime: edge side", "runtime: calls"];
const server = [
  "start",
  "start: agent",
  "config",
  "edge",
  "router",
  "access",
  ...edgeRuntime,
  "runtime: worker side",
  ...domains,
  "audit/record",
  "collectors",
  "tenancy",
  ...ground,
];

export const layers: Readonly<Record<string, Layer>> = {
  // start
  start: { files: ["server/main.ts", "server/app.ts", "server/cli/"], may: server },
  "start: agent": { files: ["server/cli/agent.ts"], may: [...server, "agent"] },
  config: { files: ["server/config.ts", "server/agent-config.ts", "server/surroundings.ts"], may: ground },

  // edge
  edge: {
    files: ["server/http/", "server/api/"],
    may: ["router", "access", ...edgeRuntime, "agent: install", ...ground],
    types: ["config", "runtime: worker side", ...domains],
  },
  // Part of the edge, named apart because the page and clients may know its type.
  router: { files: ["server/api/router.ts"], may: ["edge", "access", ...edgeRuntime, ...ground] },
  access: {
    files: ["server/access/"],
    may: ground,
    types: [...edgeRuntime, "runtime: worker side", ...domains],
  },
  "runtime: edge side": {
    files: ["server/runtime/shards.ts", "server/runtime/bus.ts", "server/runtime/waking.ts"],
    may: ["runtime: calls", ...ground],
    types: ["runtime: worker side", ...domains],
    starts: ["runtime: worker side"],
  },
  "runtime: calls": { files: ["server/runtime/calls.ts"], may: ground, types: domains },

  // actors
  "runtime: worker side": {
    files: ["server/runtime/"],
    may: ["runtime: calls", ...domains, "audit/record", "collectors", "tenancy", ...ground],
    types: ["db/driver"],
  },

  // domains
  ...Object.fromEntries(
    domains.map((domain): [string, Layer] => {
      /* `instance` is what the verbs about people, orgs and tokens have in common. */
      const common = ["audit/record", "instance"];
      const sideways = domain === "assistant" ? [...domains, ...common] : common;
      return [
        domain,
        { files: [`server/${domain}/`], may: [...sideways, "db", ...ground], types: ["db/driver"] },
      ];
    }),
  ),
  "audit/record": {
    files: ["server/audit/record.ts"],
    may: ["audit", "db", ...ground],
    types: ["db/driver"],
  },

  // sources, files, tables, ground
  collectors: { files: ["server/collectors/"], may: ground },
  tenancy: { files: ["server/tenancy/"], may: ["db", "db/driver", ...ground], types: ["instance"] },
  db: { files: ["db/"], may: ["contract"], types: ["db/driver"] },
  "db/driver": { files: ["db/driver.ts"], may: [] },
  lib: { files: ["server/lib/"], may: ["contract"] },
  contract: { files: ["server/contract/"], may: [] },

  // outside
  web: { files: ["web/"], may: ["contract"], types: ["router"] },
  client: { files: ["client/"], may: ["contract"], types: ["router"] },
  // Texts the server hands to a machine that is to become an agent.
  "agent: install": { files: ["agent/install/"], may: [] },
  agent: { files: ["agent/"], may: ["client", "collectors", ...ground] },

  // what never ships may look at everything
  tools: {
    files: ["scripts/", "drizzle.config.ts"],
    may: [...server, "db", "db/driver", "web", "client", "agent"],
  },
};

/** Where a package may be imported. One that is missing here may not be imported at all. */
export const libraries: Readonly<Record<string, readonly string[]>> = {
  hono: ["server/http/"],
  "@trpc/server": ["server/api/", "server/http/server.ts", "server/http/live-lane.ts", "web/api/client.ts"],
  "@trpc/client": ["web/", "client/"],
  lucia: ["server/access/sessions.ts"],
  "better-sqlite3": ["db/driver.ts"],
  "drizzle-orm": ["db/", "server/tenancy/", ...domains.map((domain) => `server/${domain}/`)],
  "drizzle-kit": ["drizzle.config.ts"],
  zod: [
    "server/contract/",
    "server/config.ts",
    "server/api/",
    "server/cli/",
    "server/collectors/",
    "server/notifications/channels/",
  ],
  "solid-js": ["web/"],
  "@solidjs/router": ["web/"],
  "@kobalte/core": ["web/"],
  uplot: ["web/"],
  eventsource: ["web/state/"],
  vite: ["web/vite.config.ts"],
  "vite-plugin-solid": ["web/vite.config.ts"],
  "@tailwindcss/vite": ["web/vite.config.ts"],
  "playwright-core": ["scripts/"],
  // Calls into the C library: where the runtime has no other way.
  "bun:ffi": ["scripts/embedded-addon.ts", "server/collectors/checks/echo-socket.ts"],
  // The system: everywhere but in what also runs in a browser.
  bun: ["server/", "db/", "agent/", "scripts/", "!server/contract/"],
  node: ["server/", "db/", "agent/", "scripts/", "web/vite.config.ts", "!server/contract/"],
};
