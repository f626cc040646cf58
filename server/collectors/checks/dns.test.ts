import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type NameServer, startNameServer } from "../../../tests/support/name-server.ts";
import { DnsCheck } from "../../contract/sources/checks.ts";
import { Egress } from "../../lib/egress.ts";
import { checkDns } from "./dns.ts";

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });
let names: NameServer;
beforeAll(async () => {
  names = await startNameServer({
    "nas.lan A": ["10.1.2.3", "10.1.2.4"],
    "nas.lan AAAA": ["fd00::7"],
    "www.lan CNAME": ["Nas.lan"],
    "lan MX": ["10 mail.lan"],
    "lan TXT": ["v=spf1 -all"],
    "lan NS": ["ns.lan"],
    "_http._tcp.lan SRV": ["1 2 8080 nas.lan"],
  });
});
afterAll(() => names.close());

const check = (config: Record<string, unknown>, through = egress) =>
  checkDns(DnsCheck.parse({ timeoutMs: 500, server: { host: "127.0.0.1", port: names.port }, ...config }), {
    egress: through,
    now: Date.now,
  });

describe("a record is found and compared:", () => {
  const cases: [record: string, name: string, expected: string, count: number][] = [
    ["A", "nas.lan", "10.1.2.4", 2],
    ["AAAA", "nas.lan", "fd00::7", 1],
    ["CNAME", "www.lan", "nas.LAN.", 1],
    ["MX", "lan", "10 mail.lan", 1],
    ["TXT", "lan", "v=spf1", 1],
    ["NS", "lan", "ns.lan", 1],
    ["SRV", "_http._tcp.lan", "8080 nas.lan", 1],
  ];
  for (const [record, name, expect_, count] of cases) {
    test(record, async () => {
      const result = await check({ name, record, expect: expect_ });
      expect(result).toMatchObject({
        status: "up",
        metrics: { dns_answers: count },
        attributes: { address: "127.0.0.1" },
      });
      expect(result.metrics["latency_seconds"]).toBeGreaterThan(0);
      expect(await check({ name, record, expect: "other" })).toMatchObject({
        status: "down",
        problem: 'No answer contains "other".',
      });
    });
  }
  test("a text by its letters", async () => {
    expect((await check({ name: "lan", record: "TXT", expect: "V=SPF1" })).status).toBe("down");
  });
});

describe("what goes wrong is named:", () => {
  test("no such name", async () => {
    expect((await check({ name: "nowhere.lan" })).problem).toBe('"nowhere.lan" has no A record.');
  });
  test("a name server that fails, refuses or is silent", async () => {
    const says = async (mood: NameServer["mood"]) => {
      names.mood = mood;
      const result = await check({ name: "nas.lan" });
      names.mood = "answers";
      expect(result.status).toBe("down");
      return result.problem;
    };
    expect(await says("servfail")).toContain("SERVFAIL");
    expect(await says("refused")).toBe("The name server refuses to answer.");
    expect(await says("silent")).toMatch(/did not answer|no answer in 0.5 s/);
  });
  test("a name server that may not be asked is never asked", async () => {
    const before = names.asked.length;
    const strict = new Egress({ allow: [], reach: "lan" });
    expect((await check({ name: "nas.lan" }, strict)).status).toBe("unknown");
    expect(names.asked).toHaveLength(before);
  });
});
