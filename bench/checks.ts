/**
 * What one try of each check costs this process, and what trusting authorities costs once. `bun bench/checks.ts`; the
 * targets run in a process of their own. Ping is measured where the kernel allows it without rights.
 */
import { cpus } from "node:os";
import { runCheck } from "../server/collectors/check.ts";
import {
  type Check,
  DnsCheck,
  HttpCheck,
  PingCheck,
  TcpCheck,
  TlsCheck,
} from "../server/contract/sources/checks.ts";
import { Egress } from "../server/lib/egress.ts";
import { issueCertificate } from "../tests/support/certificates.ts";
import { startNameServer } from "../tests/support/name-server.ts";
import { printTable, spread } from "./table.ts";

const TRIES = 100;
const TARGETS = "targets";

if (process.argv[2] === TARGETS) await beTargets();
else await measureAll();

async function beTargets(): Promise<void> {
  const { cert, key } = issueCertificate({ name: "nas.lan" });
  const fetch = () => new Response('{"status":"fine"}');
  const plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  const secure = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, tls: { cert, key } });
  const names = await startNameServer({ "nas.lan A": ["10.0.0.1"] });
  console.log(JSON.stringify({ plain: plain.port, secure: secure.port, names: names.port }));
}

async function measureAll(): Promise<void> {
  const child = Bun.spawn([process.execPath, import.meta.path, TARGETS], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const { plain, secure, names } = JSON.parse(new TextDecoder().decode(value));
  const host = "127.0.0.1";
  const common = { certificateWarnDays: 0, verify: false };
  const checks: [name: string, check: Check][] = [
    [
      "http",
      { type: "http", config: HttpCheck.parse({ url: `http://${host}:${plain}/`, contains: "fine" }) },
    ],
    ["https", { type: "http", config: HttpCheck.parse({ url: `https://${host}:${secure}/`, ...common }) }],
    ["tcp", { type: "tcp", config: TcpCheck.parse({ host, port: plain }) }],
    ["tls", { type: "tls", config: TlsCheck.parse({ host, port: secure, ...common }) }],
    ["dns", { type: "dns", config: DnsCheck.parse({ name: "nas.lan", server: { host, port: names } }) }],
    ["ping, one packet", { type: "ping", config: PingCheck.parse({ host, count: 1 }) }],
  ];
  const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });
  const rows: (string | number)[][] = [];
  for (const [name, check] of checks) rows.push([name, ...(await measure(check, egress))]);
  printTable(
    `One try (${cpus().length} cores)`,
    ["check", "status", "first: wall ms", "CPU ms", "wall ms"],
    rows,
  );
  console.log(`resident: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
  child.kill();
}

async function measure(check: Check, egress: Egress): Promise<(string | number)[]> {
  const firstAt = performance.now();
  const { status } = await runCheck(check, { egress });
  const firstMs = performance.now() - firstAt;
  const wall: number[] = [];
  const used = process.cpuUsage();
  for (let index = 0; index < TRIES; index++) {
    const startedAt = performance.now();
    await runCheck(check, { egress });
    wall.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(used);
  return [status, firstMs.toFixed(0), ((user + system) / 1_000 / TRIES).toFixed(2), spread(wall)];
}
