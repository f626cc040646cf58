import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findViolations, readImports } from "./imports.ts";

const root = join(import.meta.dir, "../..");

test("every import follows the table in layers.ts", async () => {
  expect(await findViolations(root)).toEqual([]);
});

describe("the table has power:", () => {
  const bad: [promise: string, file: string, source: string][] = [
    [
      "the edge opens no database",
      "server/api/a.ts",
      `import { openDatabase } from "../../db/driver.ts";\nopenDatabase();`,
    ],
    [
      "the edge does not even name its types",
      "server/http/a.ts",
      `import type { Database } from "../../db/driver.ts";`,
    ],
    [
      "the edge loads no verb",
      "server/api/a.ts",
      `import { acknowledge } from "../alerts/incidents.ts";\nacknowledge();`,
    ],
    [
      "nor late",
      "server/api/a.ts",
      `const { acknowledge } = await import("../alerts/incidents.ts");\nacknowledge();`,
    ],
    ["nor passes it on", "server/api/a.ts", `export * from "../alerts/incidents.ts";`],
    [
      "domains do not know each other",
      "server/alerts/a.ts",
      `import { find } from "../inventory/find.ts";\nfind();`,
    ],
    ["nor each other's types", "server/alerts/a.ts", `import type { Found } from "../inventory/find.ts";`],
    ["nor in passing", "server/alerts/a.ts", `let found: import("../inventory/find.ts").Found;`],
    ["a domain opens no file", "server/orgs/a.ts", `import { open } from "../tenancy/open.ts";\nopen();`],
    [
      "a collector knows no org",
      "server/collectors/a.ts",
      `import { orgs } from "../orgs/list.ts";\norgs();`,
    ],
    [
      "the edge starts no worker code of its own",
      "server/http/a.ts",
      `new Worker(new URL("../runtime/shard.ts", import.meta.url).href);`,
    ],
    [
      "the page loads no server code",
      "web/a.tsx",
      `import { router } from "../server/api/router.ts";\nrouter();`,
    ],
    [
      "the page reads no system file",
      "web/a.ts",
      `import { readFile } from "node:fs/promises";\nreadFile("x");`,
    ],
    [
      "the contract is zod only",
      "server/contract/a.ts",
      `import { clock } from "../lib/clock.ts";\nclock();`,
    ],
    [
      "one file knows better-sqlite3",
      "server/tenancy/a.ts",
      `import Database from "better-sqlite3";\nnew Database("x");`,
    ],
    ["hono stays in http", "server/api/a.ts", `import { Hono } from "hono/tiny";\nnew Hono();`],
    ["a new package needs a line", "server/lib/a.ts", `import pad from "left-pad";\npad();`],
    ["a new folder needs a line", "server/somewhere/a.ts", `import { join } from "node:path";\njoin("x");`],
  ];
  const good: [promise: string, file: string, source: string][] = [
    [
      "a router names the types of verbs",
      "server/api/a.ts",
      `import type { Incident } from "../alerts/incidents.ts";`,
    ],
    [
      "the page names the router",
      "web/api/a.ts",
      `import type { Router } from "../../server/api/router.ts";`,
    ],
    [
      "a domain records what it did",
      "server/alerts/a.ts",
      `import { record } from "../audit/record.ts";\nrecord();`,
    ],
    [
      "the edge starts shards",
      "server/runtime/shards.ts",
      `new Worker(new URL("./shard.ts", import.meta.url).href);`,
    ],
    ["prose is not an import", "server/api/a.ts", `/**\n * import { x } from "../../db/driver.ts"\n */`],
  ];

  for (const [promise, file, source] of bad) {
    test(promise, async () => {
      const violations = await findViolationsOf(file, source);
      expect(violations).toHaveLength(1);
      expect(violations[0]).toStartWith(file);
    });
  }
  for (const [promise, file, source] of good) {
    test(promise, async () => expect(await findViolationsOf(file, source)).toEqual([]));
  }
});

test("an import that only names types is told from one that runs", () => {
  const source = `import type { A } from "./a.ts";\nimport { b, type C } from "./b.ts";\nimport {\n  type D,\n} from "./d.ts";\nb();`;
  expect(readImports("x.ts", source)).toEqual([
    { specifier: "./b.ts", kind: "code" },
    { specifier: "./a.ts", kind: "types" },
    { specifier: "./d.ts", kind: "types" },
  ]);
});

async function findViolationsOf(file: string, source: string): Promise<string[]> {
  const tree = await mkdtemp(join(tmpdir(), "pulse-imports-"));
  try {
    await Bun.write(join(tree, file), source);
    return await findViolations(tree);
  } finally {
    await rm(tree, { recursive: true });
  }
}
