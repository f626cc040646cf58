/** What silence of a source leads to that is asked over the network: when it dies, is paused, is removed. */
import { afterEach, describe, expect, test } from "bun:test";
import { SourceId } from "../../server/contract/ids.ts";
import type { Report, ReportedResource } from "../../server/contract/report.ts";
import type { SourceType } from "../../server/contract/sources.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { ingest } from "../../server/runtime/pipeline.ts";
import type { StoredSource } from "../../server/sources/source-book.ts";
import { MINUTE, type TestOrg, testOrg } from "../notifications/org.ts";

const INTERVAL_MS = 10_000;
const CARD = { mac_addresses: ["bc:24:11:00:00:01"] };

function resource(kind: ReportedResource["kind"], key: string, name = key): ReportedResource {
  return { kind, key, name, status: "up", attributes: {}, metrics: {} };
}

/** An org with one source; what it and others say is in the hands of the test. */
class Asked {
  readonly own: TestOrg = testOrg();
  readonly id = SourceId.parse(mintId("p"));
  #seq = 0;

  constructor(type: SourceType) {
    const now = this.own.time.now;
    this.#put({
      id: this.id,
      type,
      name: "it",
      config: {},
      secretsSet: [],
      intervalMs: INTERVAL_MS,
      enabled: true,
      agentId: undefined,
      createdAt: now,
      updatedAt: now,
      lastBeatAt: undefined,
    });
  }

  #put(source: StoredSource): void {
    this.own.org.sources.put(source, undefined);
  }

  say(resources: ReportedResource[], source = `source:${this.id}`): void {
    const { org, time } = this.own;
    const report: Report = {
      v: 1,
      at: time.now,
      boot: "boot-0001",
      seq: ++this.#seq,
      intervalMs: INTERVAL_MS,
      resources,
    };
    expect(ingest(org, { source, report })).toBe("stored");
  }

  pass(ms: number, onReport: () => void = () => {}): void {
    const { org, time } = this.own;
    for (let passed = 0; passed < ms; passed += INTERVAL_MS) {
      time.now += INTERVAL_MS;
      onReport();
      org.judgeSilence();
    }
    org.commit.flush();
  }

  set(enabled: boolean): void {
    const known = this.own.org.sources.get(this.id) as StoredSource;
    this.#put({ ...known, enabled, updatedAt: this.own.time.now });
  }

  stop(how: "paused" | "removed"): void {
    if (how === "paused") this.set(false);
    else this.own.org.sources.remove(this.id);
  }

  statusOf(name: string) {
    return [...this.own.org.inventory.all()].find((one) => one.name === name)?.status;
  }

  open(): string[] {
    return this.own.org.alerts
      .open()
      .map(({ rule, level, resource: { name }, behind }) =>
        [rule, level, name, ...(behind ? ["behind"] : [])].join(" "),
      );
  }

  /** What became of alerts, without what only moved. */
  told(): string[] {
    return this.own.heard
      .filter(({ type }) => type.startsWith("alert."))
      .map(({ type, data }) => {
        const { alert } = data as { alert: { rule: string; level: string; end?: string } };
        return [type.slice("alert.".length), alert.rule, alert.level, ...(alert.end ? [alert.end] : [])].join(
          " ",
        );
      });
  }
}

const opened: Asked[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.own.stop();
});
function asked(type: SourceType): Asked {
  const one = new Asked(type);
  opened.push(one);
  return one;
}

const KINDS: ["host" | "cluster" | "exporter", SourceType][] = [
  ["host", "proxmox-ve"],
  ["cluster", "proxmox-ve"],
  ["exporter", "prometheus"],
];

describe.each(KINDS)("%s of a source", (kind, type) => {
  test.each(["paused", "removed"] as const)("that is %s is unknown, and not missed", (how) => {
    const one = asked(type);
    one.pass(2 * MINUTE, () => one.say([resource(kind, "it")]));
    one.stop(how);
    one.pass(40 * MINUTE);
    expect([one.statusOf("it"), one.told()]).toEqual(["unknown", []]);
    expect(one.own.org.isAtRest).toBe(true);
  });

  test("that dies is told of by one rule, until it is heard of", () => {
    const one = asked(type);
    const say = () => one.say([resource(kind, "it")]);
    one.pass(2 * MINUTE, say);
    one.pass(60 * MINUTE);
    one.own.restart();
    one.pass(60 * MINUTE);
    one.pass(MINUTE, say);
    expect(one.told()).toEqual([
      "fired silence warning",
      "updated silence critical",
      "resolved silence critical over",
    ]);
  });

  test("that is paused because it has died is over as its being off", () => {
    const one = asked(type);
    one.pass(2 * MINUTE, () => one.say([resource(kind, "it")]));
    one.pass(40 * MINUTE);
    expect([one.statusOf("it"), one.open()]).toEqual(["down", ["silence critical it"]]);
    one.stop("paused");
    one.pass(MINUTE);
    expect([one.statusOf("it"), one.open()]).toEqual(["unknown", []]);
    expect(one.told().at(-1)).toBe("resolved silence critical off");
  });

  test("that is asked again has missed nothing before", () => {
    const one = asked(type);
    one.pass(2 * MINUTE, () => one.say([resource(kind, "it")]));
    one.stop("paused");
    one.pass(40 * MINUTE);
    one.set(true);
    one.pass(2 * MINUTE);
    expect([one.statusOf("it"), one.told()]).toEqual(["unknown", []]);
    one.pass(2 * MINUTE);
    expect(one.told()).toEqual(["fired silence warning"]);
    one.pass(10 * MINUTE);
    expect([one.statusOf("it"), one.open()]).toEqual(["down", ["silence critical it"]]);
  });
});

test.each(["paused", "removed"] as const)(
  "behind a hypervisor whose source is %s nobody is hidden",
  (how) => {
    const one = asked("proxmox-ve");
    const hypervisor = () =>
      one.say([
        resource("host", "node/pve1", "pve1"),
        { ...resource("vm", "qemu/100", "web"), parent: "node/pve1", attributes: CARD },
      ]);
    const agent = () =>
      one.say([{ ...resource("host", "host", "web"), attributes: CARD }], "agent:aaaaaaaaaaaaaaaaaaaa");
    one.pass(2 * MINUTE, () => {
      hypervisor();
      agent();
    });
    one.stop(how);
    one.pass(30 * MINUTE, agent);
    expect([one.statusOf("pve1"), one.open()]).toEqual(["unknown", []]);
    one.pass(60 * MINUTE);
    expect(one.open()).toEqual(["silence critical web"]);
  },
);
