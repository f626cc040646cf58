import * as fleet from "../agents/fleet.ts";
import * as watching from "../agents/watching.ts";
import * as incidents from "../alerts/incidents.ts";
import * as alertRules from "../alerts/rules.ts";
import { proxmoxSetupScript } from "../collectors/proxmox/setup-script.ts";
import type { ExportInput, ExportPageInput } from "../contract/export.ts";
import type { HistoryRangeInput, HistoryTopInput } from "../contract/history.ts";
import type { AgentId, SourceId } from "../contract/ids.ts";
import type { ListSeriesInput, SelectInput } from "../contract/prometheus.ts";
import type { DiagnoseInput, Diagnosis, SetRoutesInput } from "../contract/routes.ts";
import type { SetupScriptInput, SourceTest, TestSourceInput } from "../contract/sources.ts";
import { exportPage } from "../history/export/page.ts";
import { exportPlan } from "../history/export/plan.ts";
import * as keep from "../history/keep.ts";
import * as range from "../history/range.ts";
import { listSeries } from "../history/select/matching.ts";
import { select } from "../history/select/values.ts";
import { top } from "../history/top.ts";
import * as ownWords from "../inventory/own-words.ts";
import * as resources from "../inventory/resources.ts";
import { DomainError } from "../lib/domain-error.ts";
import * as diagnosis from "../notifications/diagnose.ts";
import * as notifications from "../notifications/manage.ts";
import * as routes from "../notifications/routes.ts";
import * as sources from "../sources/sources.ts";
import { deliver, ingestFromOutside } from "./delivery.ts";
import * as door from "./door.ts";
import { imagined } from "./news.ts";
import type { OrgRuntime } from "./org-runtime.ts";

/** Everything that can be asked of an org. The edge's calls are typed from this. */
export const orgVerbs = {
  resources: {
    list: resources.list,
    get: resources.get,
    update: ownWords.update,
    forget: ownWords.forget,
    merges: ownWords.merges,
    merge: ownWords.merge,
    separate: ownWords.separate,
  },
  history: {
    range: (org: OrgRuntime, input: HistoryRangeInput, signal?: AbortSignal) =>
      range.range(org, input, { signal }),
    latest: range.latest,
    retention: keep.retention,
    setRetention: keep.setRetention,
    exportPlan: (org: OrgRuntime, input: ExportInput) => exportPlan(org, input),
    exportPage: (org: OrgRuntime, input: ExportPageInput) => exportPage(org, input),
    select: (org: OrgRuntime, input: SelectInput) => select(org, input),
    listSeries: (org: OrgRuntime, input: ListSeriesInput) => listSeries(org, input),
    top: (org: OrgRuntime, input: HistoryTopInput, signal?: AbortSignal) => top(org, input, { signal }),
  },
  reports: { deliver, ingest: ingestFromOutside },
  agents: { states: fleet.states, config: fleet.config, forget: forgetAgent },
  sources: {
    list: sources.list,
    create: sources.create,
    update: sources.update,
    remove: sources.remove,
    test: testSource,
    setupScript,
    beat,
  },
  notifications: {
    list: notifications.list,
    create: notifications.create,
    update: notifications.update,
    remove: notifications.remove,
    test: notifications.test,
    pushKey: notifications.pushKey,
    deliveries: notifications.deliveries,
    routes: routes.list,
    setRoutes: (org: OrgRuntime, input: SetRoutesInput) => routes.set(org, input),
    diagnose,
    trouble: notifications.trouble,
  },
  alerts: {
    active: incidents.active,
    list: incidents.list,
    get: incidents.get,
    acknowledge: incidents.acknowledge,
    acknowledgeAll: incidents.acknowledgeAll,
    unacknowledge: incidents.unacknowledge,
    snooze: incidents.snooze,
    note: incidents.note,
    close: incidents.close,
    rules: alertRules.list,
    setRules: alertRules.set,
    tryRule: alertRules.tryOut,
    explain: alertRules.explain,
    silences: alertRules.silences,
    silence: alertRules.silence,
    changeSilence: alertRules.changeSilence,
    unsilence: alertRules.unsilence,
  },
  live: { snapshot },
  watching: { watch: watching.watch, unwatch: watching.unwatch },
  /** What another org may see of this one, and say about it. */
  door: {
    list: door.list,
    get: door.get,
    historyRange: door.historyRange,
    historyLatest: door.historyLatest,
    exportPlan: door.exportPlanThrough,
    exportPage: door.exportPageThrough,
    select: door.selectThrough,
    listSeries: door.listSeriesThrough,
    historyTop: door.historyTop,
    alerts: door.alerts,
    acknowledge: door.acknowledge,
    unacknowledge: door.unacknowledge,
  },
  health: { check, size, wake },
};

export type OrgVerbs = typeof orgVerbs;

/**
 * The picture as the JSON of a `snapshot` event's data. It holds every change published before this
 * answer; changes still on their way repeat what it says.
 */
function snapshot(org: OrgRuntime): { at: number; json: string } {
  const at = org.clock();
  const picture = { resources: [...org.inventory.all()], alerts: org.alerts.open(), serverTime: at };
  return { at, json: JSON.stringify(picture) };
}

/** Its token is gone, so it does not check anything any more; those checks wait for somebody else. */
function forgetAgent(org: OrgRuntime, { id }: { id: AgentId }): { checks: number } {
  const checks = [...org.sources.all()].filter(({ agentId }) => agentId === id);
  for (const source of checks) org.sources.put({ ...source, enabled: false }, undefined);
  org.reporters.delete(`agent:${id}`);
  return { checks: checks.length };
}

/** Tries it now and keeps nothing. With an id, what is left out is what is kept. */
async function testSource(org: OrgRuntime, { input }: { input: TestSourceInput }): Promise<SourceTest> {
  const { id, type, config, secrets = {} } = input;
  const known = id && sources.getSource(org, id);
  if (known && known.type !== type) throw new DomainError("not_found", "There is no such source.");
  const judged = known
    ? sources.joined(org, known, { config, secrets })
    : sources.judged(type, config, secrets);
  if (!org.ask) throw new Error("nothing is asked from here");
  return org.ask.tryOut({ type, ...judged });
}

/** Why somebody was told of an alert, or was not; or what would become of one. */
async function diagnose(org: OrgRuntime, { input }: { input: DiagnoseInput }): Promise<Diagnosis> {
  if (!("alertId" in input)) {
    const at = input.at ?? org.clock();
    return diagnosis.ofImagined(org, imagined(org, input, at), at);
  }
  if (org.alerts.hasUnwritten) await org.commit.durable(5);
  return diagnosis.ofAlert(org, input.alertId);
}

/** To be run where the source is. */
function setupScript(_org: OrgRuntime, { type }: SetupScriptInput): { script: string } {
  const script = proxmoxSetupScript(type === "proxmox-ve" ? "ve" : "backup", { tokenName: "monitor" });
  return { script };
}

function beat(org: OrgRuntime, { id }: { id: SourceId }): { heard: true } {
  const source = org.sources.get(id);
  if (source?.type !== "heartbeat") throw new DomainError("not_found", "There is no such heartbeat.");
  org.beat(id);
  return { heard: true };
}

/** Answers while the org can store what it accepts; refuses with the reason when it cannot. */
function check(org: OrgRuntime): { ok: true } {
  if (org.commit.failing) throw org.commit.failing;
  /* Looked at for what it throws. */
  void org.sizeBytes;
  return { ok: true };
}

function size(org: OrgRuntime): { resources: number; sources: number; channels: number } {
  return { resources: org.inventory.size, sources: org.sources.size, channels: org.channels.size };
}

/** Being asked is what wakes it: its sources are asked from then on. */
function wake(org: OrgRuntime): { sources: number } {
  return { sources: org.sources.size };
}
