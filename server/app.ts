/** Composition root: builds the long-lived things in order and stops them in reverse. */
import { Directory } from "./access/directory.ts";
import { Features } from "./access/features.ts";
import { HeartbeatKeys } from "./access/heartbeat-keys.ts";
import { OrgCookie } from "./access/org-cookie.ts";
import { orgsSeenOtherwise, outsideOf } from "./access/outside.ts";
import { Sessions } from "./access/sessions.ts";
import { Throttle } from "./access/throttle.ts";
import { TokenUse } from "./access/tokens.ts";
import { doorsFrom, sourcesTouchedBy } from "./access/visible-shares.ts";
import { watchersGone } from "./access/watchers-gone.ts";
import type { Edge } from "./api/edge.ts";
import { Exports } from "./api/exports.ts";
import { liveSnapshot } from "./api/org-view.ts";
import type { Config } from "./config.ts";
import type { OrgId } from "./contract/ids.ts";
import type { HealthCounts } from "./contract/orgs.ts";
import type { BuildInfo } from "./contract/system.ts";
import { ClientAddresses } from "./http/client-address.ts";
import { openControlSocket } from "./http/control-socket.ts";
import { listen } from "./http/listen.ts";
import { encodeFrame } from "./http/live-lane.ts";
import { operations } from "./http/operations.ts";
import { createFetch, type HttpOptions } from "./http/server.ts";
import { Spa } from "./http/spa.ts";
import { assetFolder } from "./lib/assets.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { edgeMetrics } from "./lib/edge-metrics.ts";
import { watchEventLoop } from "./lib/event-loop.ts";
import { errorText, type Log } from "./lib/log.ts";
import { Bus } from "./runtime/bus.ts";
import { Shards } from "./runtime/shards.ts";
import { Waking } from "./runtime/waking.ts";

export interface AppOptions {
  config: Config;
  log: Log;
  build: BuildInfo;
  /** The process cannot go on; it has been logged why. */
  onFatal: () => void;
  clock?: Clock;
  throttles?: Edge["throttles"];
}

export interface App {
  /** Where it listens. */
  url: string;
  /** Token of the one-time set-up link, while there is nobody to sign in. */
  setupToken: string | undefined;
  edge: Edge & { shards: Shards };
  http: HttpOptions;
  stop(): Promise<void>;
}

const MINUTE_MS = 60_000;

export async function startApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const spa = new Spa(assetFolder("web"));
  const edge = createEdge(options);
  const { shards, bus, directory, metrics } = edge;

  /* A defect, but no reason to stop serving: it is logged, counted and survived. */
  const onUnhandled = (error: unknown) => {
    metrics.unhandled.add();
    log.error("unhandled rejection", { error: errorText(error) });
  };
  process.on("unhandledRejection", onUnhandled);

  await shards.start();
  const { changes, orgCookieKey, heartbeatKey } = await shards.instance.system.directory();
  edge.orgCookie.use(Buffer.from(orgCookieKey));
  edge.heartbeats.use(heartbeatKey);
  directory.apply(changes);
  /* What the directory refuses the actors refuse too, from the first call on. */
  if (!edge.features.multiTenant) await shards.halt("all");
  else await shards.halt([...directory.orgs()].filter(({ state }) => state !== "active").map(({ id }) => id));
  const { token: setupToken } = await shards.instance.system.setupLink();

  const http: HttpOptions = {
    edge,
    addresses: new ClientAddresses(config.trustedProxies, config.publicUrl),
    operations: operations(edge, config.metricsToken),
    spa,
  };
  const control = openControlSocket(config.dataDir, shards, log);
  const loop = watchEventLoop(metrics.eventLoopStall);
  const close = async () => {
    control.stop();
    loop.stop();
    await shards.stop();
    process.off("unhandledRejection", onUnhandled);
  };

  const waking = new Waking(edge);
  try {
    const server = listen({ host: config.host, port: config.port, fetch: createFetch(http), log });
    waking.begin();
    return {
      url: server.url,
      setupToken,
      edge,
      http,
      async stop() {
        waking.stop();
        bus.endAll("shutting_down");
        await server.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createEdge({
  config,
  log,
  build,
  onFatal,
  clock = systemClock,
  throttles,
}: AppOptions): App["edge"] {
  const metrics = edgeMetrics();
  const directory = new Directory();
  const features = new Features({ multiTenantAllowed: config.multiTenant, directory, clock });
  const health = new Map<OrgId, HealthCounts>();
  const shards: Shards = new Shards({
    dataDir: config.dataDir,
    count: config.shards,
    setupToken: config.setupToken,
    watchThisMachine: config.watchThisMachine,
    multiTenantAllowed: config.multiTenant,
    licensePublicKey: config.licensePublicKey,
    outbound: { allow: config.outboundAllow, own: config.port },
    publicUrl: config.publicUrl,
    secretKeyFile: config.secretKeyFile,
    log,
    queueDepth: metrics.queueDepth,
    onDirectory: (changes) => directory.apply(changes),
    onEvent: (orgId, event, at, json, via) => bus.publish(orgId, event, at, json, via),
    onHealth: (orgId, counts) => void health.set(orgId, counts),
    onAttempt: (channel, result) => metrics.notifications.add({ channel, result }),
    onUnhandled: () => metrics.unhandled.add(),
    onLost: (message) => {
      log.error("a shard was lost", { error: message });
      onFatal();
    },
  });
  const bus: Bus = new Bus({
    clock,
    encode: encodeFrame,
    snapshot: (orgId, shares) => liveSnapshot(edge, orgId, shares),
    onFailure: (error) => log.error("no snapshot for a stream", { error: errorText(error) }),
  });
  const sessions = new Sessions({
    directory,
    instance: shards.instance,
    clock,
    onFailure: (error) => log.error("could not note the use of a session", { error: errorText(error) }),
  });
  const tokenUse = new TokenUse(clock, (use) => {
    shards.instance.tokens.noteUse(use).catch((error: unknown) => {
      log.error("could not note the use of a token", { error: errorText(error) });
    });
  });
  const edge: App["edge"] = {
    directory,
    features,
    sessions,
    orgCookie: new OrgCookie(),
    clock,
    shards,
    bus,
    log,
    metrics,
    throttles: throttles ?? {
      calls: new Throttle({ burst: 400, refillMs: 10_000, maxKeys: 20_000 }),
      orgCalls: new Throttle({ burst: 12_000, refillMs: MINUTE_MS, maxKeys: 20_000 }),
      agents: new Throttle({ burst: 60, refillMs: MINUTE_MS, maxKeys: 50_000 }),
      orgReports: new Throttle({ burst: 6_000, refillMs: MINUTE_MS, maxKeys: 20_000 }),
      signInAccount: new Throttle({ burst: 10, refillMs: 15 * MINUTE_MS, maxKeys: 20_000 }),
      signInAddress: new Throttle({ burst: 30, refillMs: 15 * MINUTE_MS, maxKeys: 20_000 }),
    },
    tokenUse,
    heartbeats: new HeartbeatKeys(),
    exports: new Exports(clock),
    health,
    build,
    publicUrl: config.publicUrl,
    startedAt: clock(),
  };
  directory.onChange((changes) => {
    for (const orgId of sourcesTouchedBy(changes, directory)) shards.setDoors(orgId, doorsFrom(edge, orgId));
    for (const { orgId, ...gone } of watchersGone(changes)) shards.unwatch(orgId, gone);
    for (const orgId of orgsSeenOtherwise(changes, directory))
      shards.setOutside(orgId, outsideOf(edge, orgId, config.publicUrl));
    for (const change of changes) {
      if (change.kind === "token_gone") tokenUse.forget(change.id);
      if (change.kind !== "org_purged") continue;
      shards.setOutside(change.orgId, undefined);
      bus.forget(change.orgId);
      health.delete(change.orgId);
    }
    bus.recheck();
  });
  return edge;
}
