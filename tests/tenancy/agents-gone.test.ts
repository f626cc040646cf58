/** All machines of an org went away together with the server: when it is back, it finds that out unasked. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { openDatabase } from "../../db/driver.ts";
import { alert } from "../../db/org/alerts.ts";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { OrgId } from "../../server/contract/ids.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { ask, buildHouse, ENV_ON, marked, must } from "./house.ts";

setDefaultTimeout(120_000);

const directory = temporaryDataDir();
afterAll(() => directory.remove());

/** As it stands in the file: asking the server would wake the org. */
function alertsOf(orgId: OrgId): string[] {
  const db = openDatabase(orgFile(directory.path, orgId), "readonly");
  try {
    return db.orm
      .select({ rule: alert.rule })
      .from(alert)
      .all()
      .map(({ rule }) => rule);
  } finally {
    db.close();
  }
}

test("an org nobody asks for finds after a start that its machines are silent", async () => {
  const options = { dataDir: directory.path, env: ENV_ON };
  const { server, alice, acme } = await buildHouse(options);
  const rules = { silence: { warning: { delayMs: 0 } } };
  await must(
    ask(alice, acme, "alerts.setRules", { revision: 0, settings: { rules, overrides: [], own: [] } }),
  );
  const { token } = await must<Enrolled>(ask(alice, acme, "agents.enroll", { name: "cellar" }));
  const report = { ...reporterOf()([marked("cellar", "x")]), intervalMs: 1_000 };
  expect((await postReport(server, token, report)).status).toBe(200);
  await server.stop();
  expect(alertsOf(acme.id)).toEqual([]);

  await using again = await startServer(options);
  expect(again.url).toStartWith("http");
  await until(() => alertsOf(acme.id).length > 0, { withinMs: 90_000, what: "an alert" });
  expect(alertsOf(acme.id)).toEqual(["silence"]);
});
