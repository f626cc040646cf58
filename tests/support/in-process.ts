/**
 * The server in the test's own process: real threads, files and sockets, and its parts in reach, for what no
 * request can cause (yet) or see. Where a child process will do, use `startServer`.
 */
import { Throttle } from "../../server/access/throttle.ts";
import { type App, startApp } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { DEFAULT_ORG, type OrgId } from "../../server/contract/ids.ts";
import type { Report, ReportedResource } from "../../server/contract/report.ts";
import { buildInfo } from "../../server/lib/build-info.ts";
import { type Clock, systemClock } from "../../server/lib/clock.ts";
import { Log, type LogFields, type LogLevel } from "../../server/lib/log.ts";
import { temporaryDataDir } from "./data-dir.ts";

export interface InProcessOptions {
  dataDir?: string;
  clock?: Clock;
  multiTenant?: boolean;
  publicUrl?: string;
  trustedProxies?: string[];
  /** Networks that sources may reach although they are refused by default. */
  outboundAllow?: string[];
}

export interface InProcess extends Pick<App, "url" | "setupToken" | "edge" | "http"> {
  dataDir: string;
  logs: { level: LogLevel; message: string; fields: LogFields }[];
  /**
   * Has an org, if none is named `default`, take a report with these resources; resolves when it is on disk. `from`
   * says who reports, and how often; a server started on files that are there already needs a `boot` of its own.
   */
  ingest(
    resources: ReportedResource[],
    orgId?: OrgId,
    from?: { source?: string; boot?: string; intervalMs?: number },
  ): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const GENEROUS = { burst: 100_000, refillMs: 1_000, maxKeys: 1_000 };

export async function startInProcess(options: InProcessOptions = {}): Promise<InProcess> {
  const temporary = options.dataDir === undefined ? temporaryDataDir() : undefined;
  const dataDir = options.dataDir ?? temporary?.path ?? "";
  const clock = options.clock ?? systemClock;
  const logs: InProcess["logs"] = [];
  const environment = {
    PULSE_DATA_DIR: dataDir,
    PULSE_HOST: "127.0.0.1",
    PULSE_PORT: "0",
    PULSE_LOCAL_AGENT: "false",
    PULSE_MULTI_TENANT_ENABLED: String(options.multiTenant ?? false),
    PULSE_PUBLIC_URL: options.publicUrl,
    PULSE_TRUSTED_PROXIES: options.trustedProxies?.join(","),
    PULSE_OUTBOUND_ALLOW: options.outboundAllow?.join(","),
  };
  const app = await startApp({
    config: readConfig({ environment, cores: 2, isRoot: false, isTerminal: false, checkout: undefined }),
    log: new Log((level, message, fields) => void logs.push({ level, message, fields })),
    build: buildInfo(),
    onFatal: () => {},
    clock,
    throttles: {
      calls: new Throttle(GENEROUS),
      orgCalls: new Throttle(GENEROUS),
      agents: new Throttle(GENEROUS),
      orgReports: new Throttle(GENEROUS),
      signInAccount: new Throttle(GENEROUS),
      signInAddress: new Throttle(GENEROUS),
    },
  });

  let seq = 0;
  const stop = async () => {
    await app.stop();
    temporary?.remove();
  };
  return {
    ...app,
    dataDir,
    logs,
    async ingest(
      resources,
      orgId = DEFAULT_ORG,
      { source = "test", boot = "test-boot", intervalMs = 10_000 } = {},
    ) {
      const report: Report = {
        v: 1,
        boot,
        seq: seq++,
        at: clock(),
        intervalMs,
        resources,
      };
      await app.edge.shards.org(orgId).reports.ingest({ source, report });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A machine as an agent reports it. */
export function machine(key: string, cpuPercent: number): ReportedResource {
  return {
    kind: "host",
    key,
    name: key,
    status: "up",
    attributes: {},
    metrics: { cpu_percent: cpuPercent },
  };
}
