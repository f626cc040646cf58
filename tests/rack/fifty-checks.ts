/** Fifty checks of every kind, and how each is while all is well. */

import type { ResourceStatus } from "../../server/contract/resource.ts";
import type { CreateSourceInput, SourceType } from "../../server/contract/sources.ts";

export interface Targets {
  web: number;
  tls: number;
  dns: number;
  machines: string[];
}

export interface PlannedCheck {
  input: CreateSourceInput;
  /** While everything runs. */
  status: ResourceStatus;
  /** It goes down with nginx. */
  needsWeb: boolean;
}

const INTERVAL_MS = 10_000;

export function fiftyChecks({ web, tls, dns, machines }: Targets): PlannedCheck[] {
  const page = (path: string) => `http://127.0.0.1:${web}${path}`;
  const port = { host: "127.0.0.1", port: web };
  const checks: PlannedCheck[] = [
    ...numbered(24, (n) => planned("http", `page ${n}`, { url: page(`/page/${n}`), retries: n % 2 }, WEB)),
    planned("http", "text", { url: page("/page/text"), contains: "all is well" }, WEB),
    planned("http", "no such text", { url: page("/page/text"), containsNot: "error" }, WEB),
    planned("http", "head", { url: page("/page/head"), method: "HEAD" }, WEB),
    planned("http", "post", { url: page("/page/post"), method: "POST", body: "{}" }, WEB),
    planned("http", "redirect", { url: page("/moved/"), contains: "/page/moved" }, WEB),
    planned("http", "redirect itself", { url: page("/moved/"), followRedirects: 0, status: "302" }, WEB),
    planned("http", "free space", { url: page("/state"), json: FREE }, WEB),
    planned("http", "broken", { url: page("/broken"), retries: 0 }, { ...WEB, status: "down" }),
    ...numbered(5, (n) => planned("tcp", `port ${n}`, { ...port, retries: 0 }, WEB)),
    planned("tcp", "port of TLS", { host: "127.0.0.1", port: tls }, OF_ITSELF),
    planned("tls", "dying certificate", { host: "127.0.0.1", port: tls, verify: false }, DYING),
    planned(
      "http",
      "page with a dying certificate",
      { url: `https://127.0.0.1:${tls}`, verify: false },
      DYING,
    ),
    planned("tls", "certificate of nobody", { host: "127.0.0.1", port: tls, retries: 0 }, UNTRUSTED),
    ...["A", "AAAA", "MX", "TXT"].map((record) =>
      planned(
        "dns",
        `dns ${record}`,
        { name: "nas.lan", record, server: { host: "127.0.0.1", port: dns } },
        OF_ITSELF,
      ),
    ),
    planned("ping", "ping this machine", { host: "127.0.0.1", count: 1 }, OF_ITSELF),
    ...machines.map((host, n) =>
      planned("ping", `ping machine ${n + 1}`, { host, count: 1, timeoutMs: 1_000, retries: 0 }, OF_ITSELF),
    ),
    planned("heartbeat", "backup", { periodMs: 3_600_000 }, { ...OF_ITSELF, status: "unknown" }),
    planned("heartbeat", "forgotten job", { periodMs: 10_000, graceMs: 0 }, { ...OF_ITSELF, status: "down" }),
  ];
  if (checks.length !== 50) throw new Error(`there are ${checks.length} checks`);
  return checks;
}

const FREE = { path: "disks[0].free", is: "greater", value: 1_000 };
const WEB = { status: "up", needsWeb: true } as const;
const OF_ITSELF = { status: "up", needsWeb: false } as const;
const DYING = { status: "degraded", needsWeb: false } as const;
const UNTRUSTED = { status: "down", needsWeb: false } as const;

function planned(
  type: SourceType,
  name: string,
  config: Record<string, unknown>,
  expected: Pick<PlannedCheck, "status" | "needsWeb">,
): PlannedCheck {
  return { input: { type, name, config, intervalMs: INTERVAL_MS }, ...expected };
}

function numbered(count: number, make: (n: number) => PlannedCheck): PlannedCheck[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
