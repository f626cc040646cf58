/**
 * Everything besides procedures that could carry something from one org to another: routes, event types, jobs, what
 * is kept in memory, verbs, commands. Each list is found in the code and compared: what is new has to be judged here
 * before it passes.
 */
import type { LiveEvent } from "../../server/contract/live.ts";
import type { OperatorVerb } from "../../server/http/control-socket.ts";
import type { OrgVerbs } from "../../server/runtime/org-verbs.ts";

/** Mounted routes. `as the procedure says`: the sweep is about them; the others say nothing of any org. */
export const routes: Record<
  string,
  | "as the procedure says"
  | "nothing of any org"
  | "the org of the token"
  | "the org in the sealed address"
  /* `export.test.ts` */
  | "as a procedure for viewers"
  | "the org of a call that was admitted, to the session that made it"
> = {
  "GET /healthz": "nothing of any org",
  "GET /readyz": "nothing of any org",
  "GET /metrics": "nothing of any org",
  "ALL /api/trpc/live.events": "as the procedure says",
  "ALL /api/trpc/*": "as the procedure says",
  "POST /api/agent/report": "the org of the token",
  "POST /api/agent/enroll": "the org of the token",
  "GET /api/agent/config": "the org of the token",
  "GET /api/heartbeat/:key": "the org in the sealed address",
  "POST /api/heartbeat/:key": "the org in the sealed address",
  "GET /api/history/export": "as a procedure for viewers",
  "GET /api/history/export/:ticket": "the org of a call that was admitted, to the session that made it",
  "ALL /api/prometheus/*": "as a procedure for viewers",
  "GET /install.sh": "nothing of any org",
  "GET /download/pulse": "nothing of any org",
  "GET /download/pulse.sha256": "nothing of any org",
  "ALL /api/*": "nothing of any org",
  "GET /*": "nothing of any org",
  "ALL /*": "nothing of any org",
};

/** Types of live events, and how each comes to streams of another org: not at all, or by a share. */
export const topics = {
  snapshot: { least: "viewer", elsewhere: "what is shared, for the roles it is shared with" },
  resources: { least: "viewer", elsewhere: "what is shared, for the roles it is shared with" },
  "alert.fired": { least: "viewer", elsewhere: "of what is shared, for the roles it is shared with" },
  "alert.updated": { least: "viewer", elsewhere: "of what is shared, for the roles it is shared with" },
  "alert.resolved": { least: "viewer", elsewhere: "of what is shared, for the roles it is shared with" },
  "incident.updated": { least: "viewer", elsewhere: "never: who did what stays among the org's people" },
  "agent.enrolled": { least: "viewer", elsewhere: "never" },
  "delivery.failed": { least: "viewer", elsewhere: "never" },
  end: { least: "viewer", elsewhere: "never: it is about the stream itself" },
} satisfies Record<LiveEvent["type"], { least: "viewer"; elsewhere: string }>;

/**
 * Timers, by file and call, as often as they stand there. `org`: stops with its actor, so a suspended org and the
 * kill switch stop it; `instance`: acts on more than one.
 */
export const jobs: Record<
  string,
  { times: number; scope: "org" | "instance" | "request" | "none"; why: string }
> = {
  "server/runtime/org-runtime.ts setInterval": {
    times: 1,
    scope: "org",
    why: "judges silence and has the rules look at what waits; cleared on close",
  },
  "server/runtime/group-commit.ts setTimeout": { times: 1, scope: "org", why: "its own commit" },
  "server/runtime/outbox.ts setTimeout": { times: 1, scope: "org", why: "its own events" },
  "server/runtime/self-watch.ts setTimeout": {
    times: 1,
    scope: "org",
    why: "this machine, in `default` alone",
  },
  "server/runtime/org-shelf.ts setInterval": { times: 1, scope: "instance", why: "closes orgs at rest" },
  "server/runtime/instance-runtime.ts setInterval": {
    times: 1,
    scope: "instance",
    why: "drops what has run out; leaves orgs alone while switched off",
  },
  "server/runtime/bus.ts setInterval": {
    times: 1,
    scope: "instance",
    why: "asks each stream for its own right",
  },
  "server/runtime/shards.ts setInterval": { times: 1, scope: "none", why: "calls that were not answered" },
  "server/history/upkeep.ts setTimeout": {
    times: 3,
    scope: "org",
    why: "seals and thins its own history; stopped on close",
  },
  "server/runtime/polling.ts setTimeout": {
    times: 2,
    scope: "org",
    why: "asks its own sources, and gives up on one of them; stopped on close",
  },
  "server/notifications/queue.ts setTimeout": {
    times: 1,
    scope: "org",
    why: "sends what waits in its own file; stopped on close",
  },
  "server/notifications/smtp.ts setTimeout": {
    times: 1,
    scope: "request",
    why: "gives up one attempt to hand over a mail",
  },
  "server/runtime/waking.ts setTimeout": {
    times: 1,
    scope: "instance",
    why: "asks for orgs that have sources; for none that is suspended, deleted or switched off",
  },
  "server/tenancy/journal/journal.ts setTimeout": {
    times: 1,
    scope: "instance",
    why: "makes durable what several orgs were sent, each under its own name",
  },
};

/** Where timers are about one request, one connection or the process, and hold nothing of an org. */
export const jobsElsewhere = [
  "server/http/",
  "server/lib/",
  "server/cli/",
  "server/collectors/",
  "server/app.ts",
  "server/main.ts",
] as const;

/**
 * What is kept in memory between calls where more than one org can be: by what it is kept apart, and what clears it.
 * Inside an actor (`inventory`, `history`, `outbox`, `group-commit`, `org-runtime`) there is one org only.
 */
export const caches: Record<string, { by: "org" | "person" | "caller" | "thing"; cleared: string }> = {
  "server/access/directory.ts #people": { by: "person", cleared: "replaced by every change" },
  "server/access/directory.ts #sessions": { by: "person", cleared: "when the session ends" },
  "server/access/directory.ts #sessionsOf": { by: "person", cleared: "when the session ends" },
  "server/access/directory.ts #orgs": { by: "org", cleared: "when it is purged" },
  "server/access/directory.ts #orgBySlug": { by: "org", cleared: "when it is renamed or purged" },
  "server/access/directory.ts #orgByDomain": { by: "org", cleared: "when it is renamed or purged" },
  "server/access/directory.ts #members": { by: "org", cleared: "when the membership ends" },
  "server/access/directory.ts #orgsOf": { by: "person", cleared: "when the membership ends" },
  "server/access/directory.ts #tokens": { by: "thing", cleared: "when it is revoked" },
  "server/access/directory.ts #tokenBySecret": { by: "thing", cleared: "when it is revoked" },
  "server/access/directory.ts #tokensOf": { by: "org", cleared: "when it is revoked" },
  "server/access/directory.ts #agents": { by: "thing", cleared: "when it is revoked, or its org is purged" },
  "server/access/directory.ts #agentBySecret": { by: "thing", cleared: "with the agent" },
  "server/access/directory.ts #agentsOf": { by: "org", cleared: "with the agent" },
  "server/access/directory.ts #enrolments": {
    by: "thing",
    cleared: "when it is revoked or over, or its org is purged",
  },
  "server/access/directory.ts #enrolmentBySecret": { by: "thing", cleared: "with the enrolment" },
  "server/access/directory.ts #shares": { by: "thing", cleared: "when it ends" },
  "server/access/directory.ts #sharesInto": { by: "org", cleared: "when it ends" },
  "server/access/directory.ts #sharesFrom": { by: "org", cleared: "when it ends" },
  "server/access/directory.ts #listeners": { by: "thing", cleared: "never: the process's own" },
  "server/access/sessions.ts #noting": { by: "person", cleared: "when it is written" },
  "server/access/throttle.ts #buckets": { by: "caller", cleared: "the one used longest ago" },
  "server/access/tokens.ts #noted": { by: "thing", cleared: "when it is revoked" },
  "server/agents/watching.ts #leases": {
    by: "person",
    cleared:
      "half a minute after it was said last; with the session, token, membership or account; with the actor of its org",
  },
  "server/api/ready-answers.ts #answers": { by: "caller", cleared: "with the request it answers" },
  "server/api/exports.ts #running": { by: "org", cleared: "when nothing of the org is being exported" },
  "server/api/exports.ts #tickets": {
    by: "person",
    cleared: "when it is used, or when another is given after its minute",
  },
  "server/app.ts health": { by: "org", cleared: "when it is purged" },
  "server/history/chunk-table.ts known": { by: "thing", cleared: "with the connection of one org's file" },
  "server/history/store.ts known": { by: "thing", cleared: "with the connection of one org's file" },
  "server/lib/wall-clock.ts clocks": {
    by: "thing",
    cleared: "when there are many: one for each name of a time zone, whoever used it",
  },
  "server/lib/wall-clock.ts stretchesKnown": {
    by: "thing",
    cleared: "when there are many: of a time zone in some weeks, the same for everybody",
  },
  "server/runtime/plain-report.ts names": {
    by: "thing",
    cleared: "when there are many: names that are of the right form, whoever sent them",
  },
  "server/http/agent-ingest.ts underWay": { by: "org", cleared: "when nothing of the org is on its way" },
  "server/http/spa.ts #files": { by: "thing", cleared: "never: the page, the same for everybody" },
  "server/runtime/bus.ts #topics": { by: "org", cleared: "when it is purged" },
  "server/runtime/bus.ts #remembered": { by: "org", cleared: "with its topic" },
  "server/runtime/bus.ts #streams": { by: "org", cleared: "when it is closed" },
  "server/runtime/bus.ts #snapshots": { by: "org", cleared: "when it has come" },
  "server/runtime/calls.ts domains": { by: "thing", cleared: "never: names of verbs, of one org's calls" },
  "server/runtime/waking.ts #awake": { by: "org", cleared: "when it may not run" },
  "server/runtime/org-shelf.ts #open": { by: "org", cleared: "when it is halted or at rest" },
  "server/runtime/org-shelf.ts #doors": { by: "org", cleared: "when it shares nothing any more" },
  "server/runtime/org-shelf.ts #outside": { by: "org", cleared: "when it is purged" },
  "server/runtime/org-shelf.ts #halted": { by: "org", cleared: "when it is admitted" },
  "server/runtime/shard.ts asked": { by: "thing", cleared: "when it is done" },
  "server/runtime/shard.ts underWay": { by: "thing", cleared: "when it is answered" },
  "server/runtime/shards.ts #orgs": { by: "org", cleared: "never: a way to call, nothing of the org" },
  "server/runtime/shards.ts #doors": { by: "org", cleared: "when it shares nothing any more" },
  "server/runtime/shards.ts #outside": { by: "org", cleared: "when it is purged" },
  "server/runtime/shards.ts #halted": { by: "org", cleared: "when it is admitted" },
  "server/runtime/shards.ts #asked": { by: "thing", cleared: "when it is done" },
  "server/runtime/shards.ts #waiting": { by: "thing", cleared: "when it is answered" },
  "server/tenancy/connections.ts #files": { by: "org", cleared: "when it is closed" },
  "server/tenancy/connections.ts #inodes": { by: "org", cleared: "when the org's file is closed for good" },
  "server/tenancy/journal/journal.ts #segments": {
    by: "thing",
    cleared: "when every org in it has its own; what a halted org had in it is removed, not used again",
  },
  "server/tenancy/journal/journal.ts #free": { by: "thing", cleared: "when an org in it is halted" },
  "server/tenancy/journal/journal.ts #queue": { by: "org", cleared: "when it is written, or released" },
  "server/tenancy/journal/journal.ts #group": { by: "org", cleared: "when it is written" },
};

/** Where something is kept that is not inside one org's actor. */
export const cacheFolders = [
  "server/access/",
  "server/agents/watching.ts",
  "server/api/",
  "server/http/",
  "server/instance/",
  "server/orgs/",
  "server/people/",
  "server/tokens/",
  "server/licensing/",
  "server/audit/",
  "server/tenancy/",
  "server/app.ts",
  "server/runtime/bus.ts",
  "server/runtime/calls.ts",
  "server/runtime/org-shelf.ts",
  "server/runtime/shard.ts",
  "server/runtime/shards.ts",
  "server/runtime/instance-runtime.ts",
  "server/runtime/waking.ts",
] as const;

/** Verbs of an org's actor: each is handed its own org and nothing else. `door`: for another org, behind a share. */
export const orgVerbRows = {
  resources: {
    list: "own",
    get: "own",
    update: "own",
    forget: "own",
    merges: "own",
    merge: "own",
    separate: "own",
  },
  agents: { states: "own", config: "own", forget: "own" },
  sources: {
    list: "own",
    create: "own",
    update: "own",
    remove: "own",
    test: "own",
    setupScript: "own",
    beat: "own",
  },
  history: {
    range: "own",
    latest: "own",
    retention: "own",
    setRetention: "own",
    exportPlan: "own",
    exportPage: "own",
    select: "own",
    listSeries: "own",
    top: "own",
  },
  notifications: {
    list: "own",
    create: "own",
    update: "own",
    remove: "own",
    test: "own",
    pushKey: "own",
    deliveries: "own",
    routes: "own",
    setRoutes: "own",
    diagnose: "own",
    trouble: "own",
  },
  reports: { deliver: "own", ingest: "own" },
  alerts: {
    active: "own",
    list: "own",
    get: "own",
    acknowledge: "own",
    acknowledgeAll: "own",
    unacknowledge: "own",
    snooze: "own",
    note: "own",
    close: "own",
    rules: "own",
    setRules: "own",
    tryRule: "own",
    explain: "own",
    silences: "own",
    silence: "own",
    changeSilence: "own",
    unsilence: "own",
  },
  live: { snapshot: "own" },
  watching: { watch: "own", unwatch: "own" },
  door: {
    list: "door",
    get: "door",
    historyRange: "door",
    historyLatest: "door",
    exportPlan: "door",
    exportPage: "door",
    select: "door",
    listSeries: "door",
    historyTop: "door",
    alerts: "door",
    acknowledge: "door",
    unacknowledge: "door",
  },
  health: { check: "own", size: "own", wake: "own" },
} satisfies { [Domain in keyof OrgVerbs]: { [Name in keyof OrgVerbs[Domain]]: "own" | "door" } };

/** What the control socket takes: only whoever owns the data directory can open it. */
export const operatorVerbs = {
  "people.list": "server",
  "people.create": "server",
  "people.resetPassword": "server",
  "people.disable": "server",
  "orgCommands.list": "names and counts of orgs",
  "orgCommands.create": "one org",
  "orgCommands.rename": "one org",
  "orgCommands.suspend": "one org",
  "orgCommands.resume": "one org",
  "orgCommands.remove": "one org",
  "orgCommands.restore": "one org",
  "orgCommands.purge": "one org",
  "tokenCommands.create": "one org",
  "tokenCommands.list": "names of tokens",
  "tokenCommands.revoke": "one token",
  "license.show": "server",
  "license.init": "server",
  "license.issue": "server",
  "license.install": "server",
  "license.remove": "server",
  "multiTenant.status": "server",
  "multiTenant.switch": "server",
  "historyCommands.show": "one org",
  "historyCommands.keep": "one org",
} satisfies Record<OperatorVerb, string>;

/** `pulse <command>`, and whether it shows itself with multi-tenancy off. */
export const commands: Record<string, "server" | "org: not there while off"> = {
  serve: "server",
  agent: "server",
  user: "server",
  token: "server",
  org: "org: not there while off",
  history: "server",
  license: "server",
  "multi-tenant": "server",
  doctor: "server",
  version: "server",
};
