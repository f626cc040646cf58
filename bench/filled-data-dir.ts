/** A data directory with many orgs and agents, made by the server's own code; files of orgs are copies of one. */
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { membership, org } from "../db/instance/orgs.ts";
import * as agents from "../server/agents/agents.ts";
import { AgentId, DEFAULT_ORG, OrgId } from "../server/contract/ids.ts";
import type { SetLimits } from "../server/contract/limits.ts";
import { systemClock } from "../server/lib/clock.ts";
import { mintId } from "../server/lib/random-id.ts";
import * as license from "../server/licensing/license.ts";
import * as accounts from "../server/people/accounts.ts";
import { InstanceRuntime } from "../server/runtime/instance-runtime.ts";
import { OrgConnections } from "../server/tenancy/connections.ts";
import { takeDataDir } from "../server/tenancy/data-dir.ts";
import { DataDirKeys } from "../server/tenancy/keys.ts";
import { OrgFolders } from "../server/tenancy/org-folders.ts";
import { orgFile } from "../server/tenancy/paths.ts";

export const EMAIL = "alice@example.org";

export interface Filled {
  /** Of the one person, who owns every org. */
  password: string;
  /** Besides `default`. */
  ids: OrgId[];
  /** Of agents, org by org; in `default` where there are no others. */
  tokens: string[];
  agents: AgentId[];
}

export async function fillDataDir(
  dataDir: string,
  { orgs, agentsPerOrg = 0, limits }: { orgs: number; agentsPerOrg?: number; limits?: SetLimits },
): Promise<Filled> {
  const lock = takeDataDir(dataDir);
  const files = new OrgConnections(dataDir);
  const instance = new InstanceRuntime({
    dataDir,
    clock: systemClock,
    announce: () => {},
    orgFiles: new OrgFolders(dataDir, files),
    actors: { halt: async () => {}, admit: async () => {} },
    keys: new DataDirKeys(dataDir),
    pinnedLicenseKey: undefined,
    multiTenantAllowed: true,
    onUnsettled: ({ error }) => {
      throw error;
    },
  });
  const { person, password } = await accounts.create(instance, { email: EMAIL });
  license.init(instance, { by: { kind: "command" } });
  const ids = Array.from({ length: orgs }, () => OrgId.parse(mintId("o")));
  const [first] = ids;
  if (first) files.create(first);
  const tokens: string[] = [];
  const agentIds: AgentId[] = [];
  instance.write(() => {
    const createdAt = Date.now();
    for (const [index, id] of ids.entries()) {
      const slug = `org-${index}`;
      instance.db.orm.insert(org).values({ id, slug, name: slug, state: "active", createdAt }).run();
      instance.db.orm
        .insert(membership)
        .values({ orgId: id, userId: person.id, role: "owner", createdAt })
        .run();
      if (index > 0) copyOrg(dataDir, first as OrgId, id);
    }
    if (limits)
      instance.db.orm
        .update(org)
        .set({ limits: limits as Record<string, number> })
        .run();
    for (const orgId of ids.length > 0 ? ids : [DEFAULT_ORG])
      for (let index = 0; index < agentsPerOrg; index++) {
        const { id, token } = agents.enroll(instance, { by: { kind: "command" }, orgId });
        tokens.push(token);
        agentIds.push(AgentId.parse(id));
      }
  });
  instance.close();
  files.closeAll();
  lock.release();
  return { password, ids, tokens, agents: agentIds };
}

function copyOrg(dataDir: string, from: OrgId, to: OrgId): void {
  mkdirSync(dirname(orgFile(dataDir, to)), { mode: 0o700 });
  copyFileSync(orgFile(dataDir, from), orgFile(dataDir, to));
}
