/** A Proxmox VE for tests: captured answers, the schema they belong to, and what is left out of its lists. */

import schema from "../../server/collectors/proxmox-ve/captured/api-schema.json";
import ve8 from "../../server/collectors/proxmox-ve/captured/ve-8-cluster.json";
import ve9 from "../../server/collectors/proxmox-ve/captured/ve-9-single.json";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { ProxmoxVeConfig } from "../../server/contract/sources/proxmox.ts";
import { Egress } from "../../server/lib/egress.ts";
import { type FakeProxmoxOptions, fakeProxmox, type Grants, TOKEN_SECRET } from "./fake-proxmox.ts";

export { ve8, ve9 };

/** When the captured answers were given. */
export const NOW = 1_795_462_000_000;

/** Until VE 8 the guest agents were part of VM.Monitor. */
export const AUDITOR: Grants = { "/": ["Sys.Audit", "VM.Audit", "Datastore.Audit", "VM.Monitor"] };
export const AUDITOR_9: Grants = { "/": ["Sys.Audit", "VM.Audit", "Datastore.Audit", "VM.GuestAgent.Audit"] };

/** What Proxmox leaves out of its lists. */
const filter: FakeProxmoxOptions["filter"] = ({ path, may }, data) => {
  if (path === "/cluster/resources") {
    return (data as ({ vmid?: number; storage?: string } | null)[]).filter((row) => {
      if (typeof row?.vmid === "number") return may(`/vms/${row.vmid}`, "VM.Audit");
      return row?.storage === undefined || may(`/storage/${row.storage}`, "Datastore.Audit");
    });
  }
  const [, storage] = /^\/nodes\/[^/]+\/storage\/([^/]+)\/content$/.exec(path) ?? [];
  if (!storage) return data;
  return (data as { vmid: number }[]).filter(
    ({ vmid }) =>
      may(`/storage/${storage}`, "Datastore.Allocate") ||
      (may(`/storage/${storage}`, "Datastore.AllocateSpace") && may(`/vms/${vmid}`, "VM.Backup")),
  );
};

export function fakeVe(answers: Record<string, unknown>, grants: Grants = AUDITOR) {
  return fakeProxmox({
    product: "ve",
    schema: schema as FakeProxmoxOptions["schema"],
    answers,
    grants,
    filter,
  });
}

export type FakeVe = ReturnType<typeof fakeVe>;

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });

export function optionsFor(fake: FakeVe, clock = { now: NOW }, config: Partial<ProxmoxVeConfig> = {}) {
  return {
    config: { url: fake.url, tokenId: fake.tokenId, fingerprint: fake.fingerprint256, ...config },
    secrets: { tokenSecret: TOKEN_SECRET },
    egress,
    now: () => clock.now,
  };
}

export const byKey = (resources: ReportedResource[]) =>
  Object.fromEntries(resources.map((resource) => [resource.key, resource])) as Record<
    string,
    ReportedResource
  >;
