import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PingCheck } from "../../contract/sources/checks.ts";
import { Egress } from "../../lib/egress.ts";
import { checkPing } from "./ping.ts";
import { parsePing } from "./ping-command.ts";
import type { CheckResult } from "./result.ts";

const DRIVER = join(import.meta.dir, "../../../tests/support/ping-once.ts");
const ALLOWED = `echo "0 0" > /proc/sys/net/ipv4/ping_group_range`;
const UP = "ip link set lo up";

/** In a network of its own, where by default nobody may open such a socket. */
async function pingInOwnNetwork<T = CheckResult>(prepare: string, args: string[], path?: string): Promise<T> {
  const script = `${prepare}; exec env ${path === undefined ? "" : `PATH=${path}`} "$0" "$@"`;
  const child = Bun.spawn(["unshare", "-rn", "sh", "-c", script, process.execPath, DRIVER, ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(errors);
  return JSON.parse(output);
}

describe("with a socket, and no command to fall back to:", () => {
  for (const host of ["127.0.0.1", "::1"]) {
    test(`${host} answers, and how fast is known`, async () => {
      const result = await pingInOwnNetwork(`${UP}; ${ALLOWED}`, [host, "3"], "/nowhere");
      expect(result).toMatchObject({ status: "up", attributes: { address: host } });
      const { packet_loss_percent, latency_seconds, latency_min_seconds, latency_max_seconds } =
        result.metrics;
      expect(packet_loss_percent).toBe(0);
      expect(latency_seconds).toBeGreaterThan(0);
      expect(latency_min_seconds).toBeGreaterThan(0);
      expect(latency_max_seconds!).toBeGreaterThanOrEqual(latency_min_seconds!);
    });
  }

  test("an answer counts from when it came, not from when it was looked at", async () => {
    type Replies = { sequence: number; roundTripMs: number }[];
    const replies = await pingInOwnNetwork<Replies>(`${UP}; ${ALLOWED}`, ["127.0.0.1", "late"]);
    expect(replies.map(({ sequence }) => sequence)).toEqual([1]);
    expect(replies[0]!.roundTripMs).toBeLessThan(100);
  });

  test("what does not answer is down when the time is over", async () => {
    const silent = "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all";
    const result = await pingInOwnNetwork(
      `${UP}; ${ALLOWED}; ${silent}`,
      ["127.0.0.1", "2", "600"],
      "/nowhere",
    );
    expect(result).toMatchObject({ status: "down", problem: "There was no answer in 0.6 s." });
    expect(result.metrics["packet_loss_percent"]).toBe(100);
    expect(result.metrics).not.toHaveProperty("latency_seconds");
  });

  test("without a way to the address it says so", async () => {
    const result = await pingInOwnNetwork(ALLOWED, ["192.168.7.9"], "/nowhere");
    expect(result).toMatchObject({ status: "down", problem: "There is no way to the address." });
  });
});

describe("where the kernel forbids the socket:", () => {
  test("the system's own ping is asked", async () => {
    const result = await pingInOwnNetwork(UP, ["127.0.0.1", "1"]);
    expect(result).toMatchObject({ status: "up", metrics: { packet_loss_percent: 0 } });
    expect(result.metrics["latency_seconds"]).toBeGreaterThan(0);
  });

  test("what does not answer it either is down when the time is over", async () => {
    const silent = "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all";
    const result = await pingInOwnNetwork(`${UP}; ${silent}`, ["127.0.0.1", "3", "600"]);
    expect(result).toMatchObject({ status: "down", problem: "There was no answer in 0.6 s." });
    expect(result.metrics["packet_loss_percent"]).toBe(100);
  });

  test("without one it is unknown, and the words name what to set", async () => {
    const empty = mkdtempSync(join(tmpdir(), "pulse-path-"));
    const result = await pingInOwnNetwork(UP, ["127.0.0.1"], empty);
    rmSync(empty, { recursive: true });
    expect(result.status).toBe("unknown");
    expect(result.problem).toContain("net.ipv4.ping_group_range");
    expect(result.metrics).toEqual({});
  });
});

test("an address that may not be reached is not pinged", async () => {
  const egress = new Egress({ allow: [], reach: "lan" });
  const result = await checkPing(PingCheck.parse({ host: "169.254.169.254" }), { egress, now: Date.now });
  expect(result.status).toBe("unknown");
  expect(result.problem).toContain("PULSE_OUTBOUND_ALLOW");
});

describe("the summary of", () => {
  const head = "--- 192.0.2.1 ping statistics ---\n";
  const outputs: [name: string, output: string, expected: ReturnType<typeof parsePing>][] = [
    [
      "iputils",
      `${head}3 packets transmitted, 3 received, 0% packet loss, time 2003ms\nrtt min/avg/max/mdev = 0.035/0.041/0.049/0.005 ms\n`,
      { sent: 3, received: 3, roundTrip: { least: 0.035, average: 0.041, most: 0.049 } },
    ],
    [
      "iputils, with errors",
      `${head}2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1020ms\npipe 2\n`,
      { sent: 2, received: 0 },
    ],
    [
      "busybox",
      `${head}2 packets transmitted, 1 packets received, 50% packet loss\nround-trip min/avg/max = 1.094/1.094/1.094 ms\n`,
      { sent: 2, received: 1, roundTrip: { least: 1.094, average: 1.094, most: 1.094 } },
    ],
    [
      "a BSD",
      `${head}1 packets transmitted, 1 packets received, 0.0% packet loss\nround-trip min/avg/max/stddev = 12.1/12.1/12.1/0.0 ms\n`,
      { sent: 1, received: 1, roundTrip: { least: 12.1, average: 12.1, most: 12.1 } },
    ],
    ["nothing", "ping: socket: Operation not permitted\n", undefined],
  ];
  for (const [name, output, expected] of outputs) {
    test(name, () => {
      const parsed = parsePing(output);
      if (expected === undefined) expect(parsed).toBeUndefined();
      else expect(parsed).toEqual(expected);
    });
  }
});
