/**
 * What an org watches besides its first reports, and what it is watched with: agents that report by HTTP, tokens to
 * enrol with, sources with secrets, a heartbeat, what people said about machines, a machine that two sources see,
 * something that is wrong, and by which rules that is decided.
 */

import type { Enrolled } from "../../server/contract/agents.ts";
import type { Alert, Silence } from "../../server/contract/alerts.ts";
import { OrgId } from "../../server/contract/ids.ts";
import type { Channel } from "../../server/contract/notifications.ts";
import type { MergeList, Resource } from "../../server/contract/resource.ts";
import type { Source } from "../../server/contract/sources.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { type InProcess, machine } from "../support/in-process.ts";
import type { Canaries } from "./canaries.ts";
import type { OrgTag } from "./principals.ts";

/** Nobody is found silent while the tests run: nothing is written but what somebody asked for. */
export const SELDOM_MS = 3_600_000;

export interface Machine {
  id: string;
  token: string;
}

export interface Watched {
  /** Has reported, and makes a check. */
  agent: Machine;
  enrolment: Machine;
  /** An exporter, with a secret. */
  source: string;
  /** Somewhere messages are sent to, with a secret. */
  channel: string;
  /** What it is sent to. */
  heartbeat: string;
  merge: string;
  alert: string;
  silence: string;
  gone: { source: string; channel: string; merge: string; silence: string };
}

export interface Watching {
  server: InProcess;
  canaries: Canaries;
  org: OrgTag;
  orgId: string;
  /** A machine the org has: something is said about it. */
  host: string;
  /** A call of its owner that must be answered. */
  ask<Data>(path: string, input?: unknown): Promise<Data>;
}

export async function watch(watching: Watching): Promise<Watched> {
  const agent = await addMachine(watching);
  const host = await report(watching, agent);
  const merge = await mergeTwice(watching, host);
  await say(watching, host);
  return {
    agent,
    enrolment: await addMachine(watching, { universal: true }),
    ...(await addSources(watching, agent)),
    channel: await addChannel(watching),
    merge: merge.is,
    alert: await alarm(watching),
    silence: await addSilence(watching),
    gone: {
      merge: merge.was,
      source: await addAndRemove(watching),
      channel: await addAndRemoveChannel(watching),
      silence: await silenceAndUnsilence(watching),
    },
  };
}

/** Added, and nothing more: it may begin, or with `universal` any number may enrol. */
export async function addMachine(
  { ask, canaries, org }: Pick<Watching, "ask" | "canaries" | "org">,
  input: { universal?: true; expiresAt?: number } = {},
): Promise<Machine> {
  const place = input.universal ? "enrolment" : "agent";
  const name = canaries.make(org, `${place}.name`);
  const { id, token } = await ask<Enrolled>("agents.enroll", { name, ...input });
  canaries.take(org, `${place}.token`, token, { secret: true });
  return { id, token };
}

async function report({ server, ask, canaries, org }: Watching, { id, token }: Machine): Promise<string> {
  const failing = {
    kind: "disk",
    key: "failing",
    parent: "host",
    name: canaries.make(org, "resource.name"),
    status: "degraded",
    attributes: {},
    metrics: {},
  } as const;
  const seldom = reporterOf()([machine("host", 5), failing], { intervalMs: SELDOM_MS });
  const { status, body } = await postReport(server, token, seldom);
  if (status !== 200) throw new Error(`no agent reports: ${status} ${body}`);
  const { resources } = await ask<{ resources: Resource[] }>("resources.list");
  const host = resources.find(({ kind, sources }) => kind === "host" && sources.includes(`agent:${id}`));
  if (!host) throw new Error("what an agent reported is not there");
  return host.id;
}

/** Joined, separated and joined again: the first join is gone. */
async function mergeTwice(
  { server, canaries, org, orgId, ask }: Watching,
  host: string,
): Promise<{ is: string; was: string }> {
  const source = canaries.make(org, "report_cursor.source");
  const twin = { ...machine("the same", 6), name: canaries.make(org, "resource.name") };
  await server.ingest([twin], OrgId.parse(orgId), { source, boot: "of-the-twin", intervalMs: SELDOM_MS });
  const { resources } = await ask<{ resources: Resource[] }>("resources.list");
  const absorbed = resources.find(({ sources }) => sources.includes(source))?.id;
  const join = async () => {
    await ask("resources.merge", { id: host, absorbed });
    return (await ask<MergeList>("resources.merges")).merges[0]?.id ?? "";
  };
  const was = await join();
  await ask("resources.separate", { id: was });
  return { was, is: await join() };
}

async function say({ canaries, org, host: shown, ask }: Watching, host: string): Promise<void> {
  await ask("resources.update", {
    id: shown,
    notes: canaries.make(org, "own_facts.notes"),
    tags: [canaries.make(org, "own_facts.tags", (plain) => plain.toLowerCase())],
    link: canaries.make(org, "own_facts.link", (plain) => `https://wiki.example.org/${plain}`),
  });
  await ask("resources.update", { id: host, name: canaries.make(org, "own_facts.name") });
}

async function addSources(
  watching: Watching,
  agent: Machine,
): Promise<Pick<Watched, "source" | "heartbeat">> {
  const { canaries, org } = watching;
  const url = canaries.make(org, "source.config", (plain) => `http://192.0.2.9:9100/${plain}`);
  const exporter = await addSource(watching, {
    type: "prometheus",
    config: { url },
    secrets: { bearer: canaries.make(org, "source.secrets", undefined, { secret: true }) },
    enabled: false,
  });
  const host = canaries.make(org, "source.config", (plain) => `${plain.toLowerCase()}.example.org`);
  await addSource(watching, { type: "tcp", config: { host, port: 80 }, from: agent.id });
  const { heartbeatUrl = "" } = await addSource(watching, HEARTBEAT);
  const heartbeat = heartbeatUrl.slice(heartbeatUrl.lastIndexOf("/") + 1);
  canaries.take(org, "source.heartbeat", heartbeat);
  return { source: exporter.id, heartbeat };
}

const HEARTBEAT = { type: "heartbeat", config: { periodMs: 60_000, graceMs: 60_000 }, enabled: false };

async function addSource({ ask, canaries, org }: Watching, input: object): Promise<Source> {
  const name = canaries.make(org, "source.name");
  return (await ask<{ source: Source }>("sources.create", { name, ...input })).source;
}

async function addAndRemove({ ask }: Watching): Promise<string> {
  const { source } = await ask<{ source: Source }>("sources.create", { name: "gone", ...HEARTBEAT });
  await ask("sources.remove", { id: source.id });
  return source.id;
}

async function addChannel({ ask, canaries, org }: Watching): Promise<string> {
  const { channel } = await ask<{ channel: Channel }>("notifications.createChannel", {
    name: canaries.make(org, "channel.name"),
    type: "webhook",
    /* Nothing is written into a file while a test compares it. */
    enabled: false,
    config: {
      url: canaries.make(org, "channel.config", (plain) => `http://192.0.2.9/${plain}`),
      secret: canaries.make(org, "channel.secrets", undefined, { secret: true }),
    },
  });
  await ask("notifications.pushKey");
  const route = {
    name: canaries.make(org, "route_settings.settings"),
    match: { rules: ["swap"] },
    channels: [channel.id],
  };
  await ask("notifications.setRoutes", {
    revision: 0,
    settings: { routes: [route], rest: { channels: "all" } },
  });
  return channel.id;
}

async function addAndRemoveChannel({ ask }: Watching): Promise<string> {
  const { channel } = await ask<{ channel: Channel }>("notifications.createChannel", {
    name: "gone",
    type: "webhook",
    config: { url: "http://192.0.2.9/gone" },
  });
  await ask("notifications.removeChannel", { id: channel.id });
  return channel.id;
}

/** The disk that fails; a rule that says so differs from its default, and somebody wrote about it. */
async function alarm({ ask, canaries, org }: Watching): Promise<string> {
  const { alerts } = await ask<{ alerts: Alert[] }>("alerts.active");
  const id = alerts.find(({ rule }) => rule === "disk")?.id;
  if (!id) throw new Error("a failing disk is no alert");
  const note = canaries.make(org, "alert_settings.settings");
  const overrides = [{ scope: { kind: "core" }, rule: "health", change: { off: true }, note }];
  await ask("alerts.setRules", { revision: 0, settings: { rules: {}, overrides, own: [] } });
  /* Ids of these two are known to whoever looks for what they hold. */
  if (org === "acme" || org === "beta")
    await ask("alerts.note", { id, note: canaries.make(org, "alert_entry.facts") });
  return id;
}

async function addSilence({ ask, canaries, org }: Watching): Promise<string> {
  return (await silenceNamed(ask, canaries.make(org, "silence.facts"))).id;
}

async function silenceAndUnsilence({ ask }: Watching): Promise<string> {
  const { id } = await silenceNamed(ask, "gone");
  await ask("alerts.removeSilence", { id });
  return id;
}

async function silenceNamed(ask: Watching["ask"], name: string): Promise<Silence> {
  const when = { type: "once", from: 0, to: Date.now() + 86_400_000 };
  return (await ask<{ silence: Silence }>("alerts.createSilence", { name, scope: { rules: ["swap"] }, when }))
    .silence;
}
