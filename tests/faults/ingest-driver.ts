/**
 * A Pulse without its HTTP side, for tests that kill it: the real shards on a data directory, and senders that
 * offer numbered reports as fast as they are acknowledged. Every acknowledgement is a line on standard output,
 * written when the promise has resolved and not before.
 *
 *   bun ingest-driver.ts '{"dataDir": …}'
 */
import { writeSync } from "node:fs";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Report } from "../../server/contract/report.ts";
import { Log } from "../../server/lib/log.ts";
import { MetricRegistry } from "../../server/lib/metrics.ts";
import { Shards } from "../../server/runtime/shards.ts";

export interface DriverInput {
  dataDir: string;
  sources: number;
  boot: string;
  /** Time of the report with number 0. */
  firstAt: number;
  /** Acknowledged by an earlier process: offered once more before anything else. */
  again: { source: string; boot: string; seq: number; at: number }[];
}

/** `ready <port>`, `again <source> <outcome>`, `ack <source> <seq>` */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function report(boot: string, seq: number, at: number): Report {
  return {
    v: 1,
    boot,
    seq,
    at,
    intervalMs: 1_000,
    resources: [
      {
        kind: "host",
        key: "host",
        name: "host",
        status: "up",
        /* Something new about it now and then: that is not left to the journal, its org writes it soon. */
        attributes: { lap: Math.floor(seq / 20) },
        metrics: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`m${n}`, seq + n])),
      },
    ],
  };
}

if (import.meta.main) {
  process.umask(0o077);
  const input = JSON.parse(process.argv[2] ?? "") as DriverInput;
  const shards = new Shards({
    dataDir: input.dataDir,
    count: 1,
    watchThisMachine: false,
    multiTenantAllowed: false,
    log: new Log((level, message, fields) => {
      if (level === "warn" || level === "error") console.error(level, message, JSON.stringify(fields));
    }),
    queueDepth: new MetricRegistry().gauge("queue_depth", ""),
    onDirectory: () => {},
    onEvent: () => {},
    onHealth: () => {},
    onUnhandled: () => console.error("unhandled rejection"),
    onLost: (message) => {
      console.error(message);
      process.exit(1);
    },
  });
  await shards.start();
  const { reports } = shards.org(DEFAULT_ORG);

  for (const { source, boot, seq, at } of input.again) {
    const { outcome } = await reports.ingest({ source, report: report(boot, seq, at) });
    say(`again ${source} ${outcome}`);
  }
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("ok\n") });
  say(`ready ${server.port}`);

  const send = async (source: string) => {
    for (let seq = 0; ; seq++) {
      await reports.ingest({ source, report: report(input.boot, seq, input.firstAt + seq) });
      say(`ack ${source} ${seq}`);
    }
  };
  await Promise.all(Array.from({ length: input.sources }, (_, n) => send(`source-${n}`)));
}
