import { describe, expect, test } from "bun:test";
import type { Alert, RuleChange } from "../contract/alerts.ts";
import { AlertId, ResourceId, SilenceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { type EvaluateAround, evaluate, type Stand, type Transition } from "./evaluate.ts";
import { RuleBook } from "./rule-book.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = 1_795_461_200_000;
const HOST = ResourceId.parse(mintId("r"));
const PART = ResourceId.parse(mintId("r"));

function resource(fields: Partial<Resource> = {}): Resource {
  return {
    id: HOST,
    kind: "host",
    name: "atlas",
    status: "up",
    sources: ["local"],
    lastSeenAt: T0,
    attributes: {},
    metrics: {},
    ...fields,
  };
}

/** One rule and one resource over time, with everything that could matter in reach. */
class Scene {
  now = T0;
  stand: Stand | undefined;
  open: Alert | undefined;
  parent: Resource | undefined;
  silent = false;
  unasked = false;
  silencedBy: SilenceId | undefined;
  room = true;
  fullInMs: number | undefined;
  usual: { middle: number; spread: number } | undefined;
  /** What another rule has told of it. */
  other: Partial<Alert> | undefined;
  readonly #rule: string;
  readonly #change: RuleChange | undefined;

  constructor(rule: string, change?: RuleChange) {
    this.#rule = rule;
    this.#change = change;
  }

  /** What is told when the resource is seen like this, so much later. */
  see(fields: Partial<Resource>, laterMs = 0): Transition | undefined {
    this.now += laterMs;
    const seen = resource(fields);
    const book = new RuleBook({
      rules: this.#change ? { [this.#rule]: this.#change } : {},
      overrides: [],
      own: [],
    });
    const applied = book.for(seen, this.parent).find(({ rule }) => rule.name === this.#rule);
    if (!applied) throw new Error(`${this.#rule} is not for ${seen.kind}`);
    const around: EvaluateAround = {
      parentOf: () => this.parent,
      isSilent: () => this.silent,
      isUnasked: () => this.unasked,
      fullInMs: () => this.fullInMs,
      usualOf: () => this.usual,
      openOf: () => this.other as Alert | undefined,
      version: "0.2.0",
      newId: () => AlertId.parse(mintId("l")),
      silencedBy: () => this.silencedBy,
      hasRoom: () => this.room,
    };
    const looked = { resource: seen, applied, stand: this.stand, open: this.open, now: this.now };
    const { stand, transition } = evaluate(looked, around);
    this.stand = stand;
    if (transition) this.open = transition.type === "resolved" ? undefined : transition.alert;
    return transition;
  }

  /** The same in one line: `fired warning: has used 96.0 % of its memory`. */
  told(fields: Partial<Resource>, laterMs = 0): string {
    const transition = this.see(fields, laterMs);
    if (!transition) return "";
    const { type, alert } = transition;
    const end = alert.end ? ` (${alert.end})` : "";
    return `${type} ${alert.level}: ${alert.words.replaceAll("\u00a0", " ")}${end}`;
  }
}

const memory = (percent: number): Partial<Resource> => ({ metrics: { memory_used_percent: percent } });

describe("a threshold", () => {
  test("fires when it was reached without a break for its delay, and not before", () => {
    const scene = new Scene("memory", { warning: { delayMs: MINUTE } });
    expect(scene.told(memory(95))).toBe("");
    expect(scene.told(memory(96), 59 * SECOND)).toBe("");
    expect(scene.told(memory(96), SECOND)).toBe("fired warning: has used 96.0 % of its memory");
    expect(scene.open).toMatchObject({
      metric: "memory_used_percent",
      value: 96,
      threshold: 95,
      firedAt: T0 + MINUTE,
    });
  });

  test("begins to wait anew after a moment below it", () => {
    const scene = new Scene("memory", { warning: { delayMs: MINUTE } });
    scene.see(memory(96));
    scene.see(memory(94.9), 50 * SECOND);
    expect(scene.told(memory(96), SECOND)).toBe("");
    expect(scene.told(memory(96), 59 * SECOND)).toBe("");
    expect(scene.told(memory(96), SECOND)).toStartWith("fired");
  });

  test("is over when the value is back past what clears it, not in between", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 } });
    expect(scene.told(memory(95))).toStartWith("fired");
    expect(scene.told(memory(93), MINUTE)).toBe("updated warning: has used 93.0 % of its memory");
    expect(scene.told(memory(92.1), SECOND)).toBe("");
    expect(scene.told(memory(92), SECOND)).toBe("resolved warning: has used 93.0 % of its memory (over)");
    expect(scene.told(memory(94), SECOND)).toBe("");
  });

  test("goes up at once and down again when that is over", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 }, critical: { delayMs: 10 * SECOND } });
    scene.see(memory(96));
    expect(scene.told(memory(98.5), SECOND)).toBe("");
    expect(scene.told(memory(98.5), 10 * SECOND)).toBe("updated critical: has used 98.5 % of its memory");
    expect(scene.open?.threshold).toBe(98);
    expect(scene.told(memory(96.5), SECOND)).toBe("");
    expect(scene.told(memory(95.5), SECOND)).toBe("updated warning: has used 95.5 % of its memory");
    expect(scene.told(memory(50), SECOND)).toStartWith("resolved");
  });

  test("is critical at once when it is critical before it ever warned", () => {
    const scene = new Scene("memory", { warning: { delayMs: MINUTE }, critical: { delayMs: 0 } });
    expect(scene.told(memory(99))).toStartWith("fired critical");
    /* The warning has lasted since then too. */
    expect(scene.told(memory(95.5), 61 * SECOND)).toStartWith("updated warning");
  });

  test("tells a moving value again only when it moved enough, and once a minute", () => {
    const scene = new Scene("filesystem", { warning: { delayMs: 0 } });
    const full = (percent: number): Partial<Resource> => ({
      id: PART,
      kind: "filesystem",
      name: "/var",
      metrics: { filesystem_used_percent: percent },
    });
    expect(scene.told(full(90))).toBe("fired warning: /var is 90.0 % full");
    expect(scene.told(full(91.9), 2 * MINUTE)).toBe("");
    expect(scene.told(full(92.1), MINUTE)).toBe("updated warning: /var is 92.1 % full");
    expect(scene.told(full(94.2), 59 * SECOND)).toBe("");
    expect(scene.told(full(94.2), SECOND)).toBe("updated warning: /var is 94.2 % full");
  });

  test("goes by what the resource says of itself until somebody sets another", () => {
    const sensor = (celsius: number): Partial<Resource> => ({
      kind: "sensor",
      name: "cpu",
      attributes: { high_celsius: 70, critical_celsius: 80 },
      metrics: { temperature_celsius: celsius },
    });
    const now = { warning: { delayMs: 0 }, critical: { delayMs: 0 } };
    expect(new Scene("temperature", now).told(sensor(71))).toBe("fired warning: cpu is at 71 °C");
    expect(new Scene("temperature", now).told(sensor(81))).toStartWith("fired critical");
    const set = { warning: { trigger: 90, delayMs: 0 }, critical: null };
    expect(new Scene("temperature", set).told(sensor(81))).toBe("");
    expect(new Scene("temperature", set).told(sensor(91))).toStartWith("fired warning");
  });

  test("too low is told like too high", () => {
    const disk = (left: number): Partial<Resource> => ({
      kind: "disk",
      name: "sda",
      metrics: { life_left_percent: left },
    });
    const scene = new Scene("disk_life");
    expect(scene.told(disk(10.1))).toBe("");
    expect(scene.told(disk(10))).toBe("fired warning: sda has 10.0 % of its life left");
    expect(scene.told(disk(3), 2 * MINUTE)).toStartWith("updated critical");
  });

  test("a filesystem that can only be read is always full and nobody's worry", () => {
    const image: Partial<Resource> = {
      kind: "filesystem",
      attributes: { read_only: true },
      metrics: { filesystem_used_percent: 100 },
    };
    expect(new Scene("filesystem", { warning: { delayMs: 0 } }).told(image)).toBe("");
  });
});

describe("what fills", () => {
  const HOUR = 60 * MINUTE;
  const full = (percent: number): Partial<Resource> => ({
    id: PART,
    kind: "filesystem",
    name: "/var",
    metrics: { filesystem_used_percent: percent },
  });

  test("is told of when it is full within a day, and as critical within four hours", () => {
    const scene = new Scene("full_in");
    scene.fullInMs = 20.5 * HOUR;
    expect(scene.told(full(80))).toBe("");
    expect(scene.told(full(81), 30 * MINUTE)).toBe(
      "fired warning: /var is full in about 20 hours at this rate",
    );
    scene.fullInMs = 3.5 * HOUR;
    scene.see(full(92), MINUTE);
    expect(scene.told(full(93), 30 * MINUTE)).toBe(
      "updated critical: /var is full in about 3 hours at this rate",
    );
    scene.fullInMs = Number.POSITIVE_INFINITY;
    expect(scene.told(full(93), MINUTE)).toBe("");
    expect(scene.told(full(93), HOUR)).toStartWith("resolved");
  });

  test("is told of by one rule, unless it is worse by the other", () => {
    for (const rule of ["full_in", "filesystem"]) {
      const scene = new Scene(rule, { warning: { delayMs: 0 }, critical: { delayMs: 0 } });
      scene.other = { level: "warning" };
      scene.fullInMs = 20 * HOUR;
      expect(scene.told(full(91))).toBe("");
      scene.fullInMs = HOUR;
      expect(scene.told(full(96), MINUTE)).toStartWith("fired critical");
    }
    const scene = new Scene("filesystem", { warning: { delayMs: 0 }, critical: { delayMs: 0 } });
    expect(scene.told(full(91))).toStartWith("fired warning");
    scene.other = { level: "critical" };
    expect(scene.told(full(96), MINUTE)).toBe("updated warning: /var is 96.0 % full");
    scene.other = undefined;
    expect(scene.told(full(96), MINUTE)).toStartWith("updated critical");
  });

  test("is told of by one rule where the other is silenced or snoozed, and that one is not", () => {
    const silencedBy = SilenceId.parse(mintId("q"));
    for (const rule of ["full_in", "filesystem"])
      for (const quiet of [{ silencedBy }, { snoozedUntil: T0 + HOUR }]) {
        const scene = new Scene(rule, { warning: { delayMs: 0 }, critical: { delayMs: 0 } });
        scene.other = { level: "critical", ...quiet };
        scene.fullInMs = HOUR;
        expect(scene.told(full(96))).toStartWith("fired critical");
      }
    const scene = new Scene("filesystem", { warning: { delayMs: 0 }, critical: { delayMs: 0 } });
    scene.other = { level: "critical", silencedBy };
    scene.silencedBy = silencedBy;
    expect(scene.told(full(96))).toBe("");
  });

  test("is nothing to tell of while there is much room, and unknown until it was looked at", () => {
    const scene = new Scene("full_in", { warning: { delayMs: 0 } });
    expect(scene.told(full(90))).toBe("");
    scene.fullInMs = HOUR;
    expect(scene.told(full(60))).toBe("");
    expect(scene.told(full(75))).toStartWith("fired");
  });
});

describe("what is unlike itself", () => {
  const cpu = (percent: number): Partial<Resource> => ({ metrics: { cpu_percent: percent } });

  test("is told by how many spreads it is above what is usual, and over by as many", () => {
    const scene = new Scene("unlike_cpu", { off: false, warning: { delayMs: 0 }, clearAfterMs: 0 });
    expect(scene.told(cpu(90))).toBe("");
    scene.usual = { middle: 20, spread: 5 };
    expect(scene.told(cpu(39.9))).toBe("");
    expect(scene.told(cpu(40), MINUTE)).toBe(
      "fired warning: uses 40.0 % of its processors, which is unlike this hour of other weeks",
    );
    expect(scene.open).toMatchObject({ metric: "cpu_percent", value: 40, threshold: 40 });
    expect(scene.told(cpu(30.1), 2 * MINUTE)).toStartWith("updated");
    expect(scene.told(cpu(30), MINUTE)).toStartWith("resolved");
  });

  test("is nothing to tell of until it is known, or where it is off", () => {
    const scene = new Scene("unlike_cpu");
    scene.usual = { middle: 20, spread: 5 };
    expect(scene.told(cpu(99))).toBe("");
    scene.see(cpu(99), 60 * MINUTE);
    expect(scene.open).toBeUndefined();
  });
});

describe("what is not known", () => {
  test("neither begins nor ends anything", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 } });
    expect(scene.told({})).toBe("");
    scene.see(memory(96));
    expect(scene.told({}, 10 * MINUTE)).toBe("");
    expect(scene.told(memory(96), MINUTE)).toBe("");
    expect(scene.told(memory(50), MINUTE)).toStartWith("resolved");
  });

  test("for a quarter of an hour, of a resource that is heard of, is gone", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 } });
    scene.see(memory(96));
    scene.see({}, MINUTE);
    expect(scene.told({}, 14 * MINUTE)).toBe("");
    expect(scene.told({}, MINUTE)).toBe("resolved warning: has used 96.0 % of its memory (gone)");
  });

  test("of a machine that is silent stays open behind it, for as long as that is", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 } });
    scene.see(memory(96));
    expect(scene.told({ ...memory(96), status: "unknown" }, MINUTE)).toStartWith("updated");
    expect(scene.open?.behind).toBe(HOST);
    expect(scene.told({ ...memory(96), status: "down" }, 600 * MINUTE)).toBe("");
    expect(scene.told(memory(96), MINUTE)).toStartWith("updated");
    expect(scene.open?.behind).toBeUndefined();
    scene.see({ ...memory(96), status: "unknown" }, MINUTE);
    expect(scene.told(memory(40), MINUTE)).toStartWith("resolved");
  });

  test("does not count as time in which it was over", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 }, clearAfterMs: 60 * MINUTE });
    scene.see(memory(96));
    expect(scene.told(memory(50), MINUTE)).toBe("");
    scene.see({ ...memory(50), status: "unknown" }, 10 * SECOND);
    expect(scene.stand?.calmSince).toBeUndefined();
    scene.see({ ...memory(50), status: "down" }, 120 * MINUTE);
    scene.see(memory(50), MINUTE);
    expect(scene.told(memory(50), 59 * MINUTE)).toBe("");
    expect(scene.told(memory(50), MINUTE)).toStartWith("resolved");
  });

  test("what runs on a silent machine is not told of beside it, and what was open is behind it", () => {
    const scene = new Scene("container", { critical: { delayMs: 0 } });
    const ended: Partial<Resource> = {
      id: PART,
      kind: "container",
      status: "down",
      parentId: HOST,
      attributes: { ended: "failed", problem: "Ended with exit code 1." },
    };
    scene.parent = resource({ status: "unknown" });
    expect(scene.told(ended)).toBe("");
    scene.parent = resource();
    expect(scene.told(ended, MINUTE)).toBe("fired critical: ended with exit code 1");
    expect(scene.open).toMatchObject({ on: { id: HOST, name: "atlas" }, about: "part" });
    scene.parent = resource({ status: "down" });
    scene.see({ ...ended, status: "unknown" }, MINUTE);
    expect(scene.open?.behind).toBe(HOST);
  });

  test("a part that its machine has not named for a quarter of an hour is gone, one of unknown state is not", () => {
    const sick: Partial<Resource> = {
      id: PART,
      kind: "container",
      status: "degraded",
      parentId: HOST,
      attributes: { problem: "Its health check fails." },
    };
    for (const silent of [true, false]) {
      const scene = new Scene("container", { warning: { delayMs: 0 } });
      scene.parent = resource();
      scene.see(sick);
      /* Of what was silent with its machine it counts from when that is back. */
      scene.parent = resource({ status: "unknown" });
      scene.silent = true;
      scene.see({ ...sick, status: "unknown" }, MINUTE);
      scene.parent = resource();
      scene.silent = silent;
      expect(scene.told({ ...sick, status: "unknown" }, 60 * MINUTE)).toStartWith("updated");
      expect(scene.open?.behind).toBe(PART);
      expect(scene.told({ ...sick, status: "unknown" }, 14 * MINUTE)).toBe("");
      const end = "resolved warning: its health check fails (gone)";
      expect(scene.told({ ...sick, status: "unknown" }, MINUTE)).toBe(silent ? end : "");
    }
  });
});

describe("silence", () => {
  const away = { status: "unknown", lastSeenAt: T0 - 40 * SECOND } as const;
  test("of a machine warns after three minutes and is critical when it is down", () => {
    const scene = new Scene("silence");
    scene.silent = true;
    expect(scene.told(away)).toBe("");
    expect(scene.told(away, 3 * MINUTE - SECOND)).toBe("");
    expect(scene.told(away, SECOND)).toBe("fired warning: has stopped reporting");
    expect(scene.open?.seenAt).toBe(away.lastSeenAt);
    expect(scene.told({ ...away, status: "down" }, 9 * MINUTE)).toBe("updated critical: is down");
    expect(scene.told({}, MINUTE)).toBe("resolved critical: is down (over)");
  });

  test("of a node that its cluster knows is down is told in the cluster's words", () => {
    const offline = { status: "down", attributes: { problem: "The node is offline." } } as const;
    expect(new Scene("silence").told(offline)).toBe("fired critical: the node is offline");
  });

  test("that is expected, or asked for, is none", () => {
    const scene = new Scene("silence", { warning: { delayMs: 0 } });
    expect(scene.told({ ...away, own: { expectedOff: true } })).toBe("");
    expect(scene.told({ status: "down", own: { expectedOff: true } })).toBe("");
    scene.silent = true;
    expect(scene.told(away)).toStartWith("fired");
    scene.unasked = true;
    expect(scene.told(away)).toBe("resolved warning: has stopped reporting (off)");
  });

  test("is that of what stands on its own: not of a part, nor of what has not begun", () => {
    const now = { warning: { delayMs: 0 } };
    expect(() => new Scene("silence", now).told({ kind: "disk", parentId: HOST, ...away })).not.toThrow();
    const scene = new Scene("silence", now);
    scene.silent = true;
    expect(scene.told({ kind: "container", parentId: HOST, ...away })).toBe("");
    expect(scene.told({ kind: "disk", ...away })).toBe("");
    scene.silent = false;
    expect(scene.told({ kind: "check", ...away })).toBe("");
    expect(scene.told({ kind: "check", ...away, attributes: { problem: "It may not be reached." } })).toBe(
      "fired warning: it may not be reached",
    );
  });
});

describe("a machine that has just started", () => {
  const unhealthy: Partial<Resource> = {
    id: PART,
    kind: "container",
    name: "database",
    status: "degraded",
    attributes: { problem: "Its health check fails." },
  };
  const upFor = (seconds: number) => resource({ metrics: { uptime_seconds: seconds } });

  test("is left to settle, then what is still wrong is told after its delay", () => {
    const scene = new Scene("container");
    scene.parent = upFor(20);
    expect(scene.told(unhealthy)).toBe("");
    scene.parent = upFor(290);
    expect(scene.told(unhealthy, 270 * SECOND)).toBe("");
    scene.parent = upFor(300);
    expect(scene.told(unhealthy, 10 * SECOND)).toBe("");
    expect(scene.told(unhealthy, MINUTE)).toBe("fired warning: its health check fails");
  });

  test("does not end what was open before, and hides no disk that fails", () => {
    const scene = new Scene("container", { warning: { delayMs: 0 } });
    expect(scene.told(unhealthy)).toStartWith("fired");
    scene.parent = upFor(20);
    expect(scene.told(unhealthy, MINUTE)).toBe("");
    expect(scene.open).toBeDefined();
    const disk = new Scene("disk");
    disk.parent = upFor(20);
    expect(disk.told({ ...unhealthy, kind: "disk", status: "down" })).toStartWith("fired critical");
  });
});

const OUT_OF_MEMORY: [Partial<Resource>, told: string][] = [
  [
    {
      kind: "container",
      status: "down",
      attributes: { ended: "out_of_memory", problem: "Killed because it ran out of memory." },
    },
    "fired critical: killed because it ran out of memory",
  ],
  [
    {
      kind: "container",
      status: "degraded",
      attributes: { problem: "Restarts again and again, out of memory." },
    },
    "fired warning: restarts again and again, out of memory",
  ],
];

describe("a state", () => {
  const cases: [rule: string, Partial<Resource>, told: string][] = [
    ["units", { metrics: { failed_units: 1 } }, "fired warning: 1 unit failed"],
    [
      "units",
      {
        metrics: { failed_units: 4 },
        attributes: { failed_units: ["a.service", "b.timer", "c.mount", "d.socket"] },
      },
      "fired warning: 4 units failed: a.service, b.timer, c.mount and 1 more",
    ],
    ["units", { metrics: { failed_units: 0 } }, ""],
    [
      "failed_tasks",
      {
        metrics: { failed_tasks: 1 },
        attributes: { failed_tasks: [{ type: "vzdump", about: "101", error: "x" }] },
      },
      "fired warning: 1 task failed: vzdump 101",
    ],
    ["clock", { attributes: { agent_clock_offset_ms: 29_000 } }, ""],
    [
      "clock",
      { attributes: { agent_clock_offset_ms: 100_000 } },
      "fired warning: its clock is 1 minute ahead",
    ],
    [
      "clock",
      { attributes: { agent_clock_offset_ms: -3_600_000 } },
      "fired critical: its clock is 60 minutes behind",
    ],
    ["agent_outdated", { attributes: { agent_version: "0.2.0" } }, ""],
    ["agent_outdated", { attributes: { agent_version: "0.10.0" } }, ""],
    [
      "agent_outdated",
      { attributes: { agent_version: "0.1.9" } },
      "fired warning: its agent is of version 0.1.9, the server of 0.2.0",
    ],
    ["machine", { status: "degraded" }, "fired warning: reports itself degraded"],
    ["machine", { status: "degraded", metrics: { failed_units: 1 } }, ""],
    ["machine", { status: "degraded", attributes: { problem: "It is hot." } }, "fired warning: it is hot"],
    [
      "container",
      {
        kind: "container",
        status: "degraded",
        attributes: { problem: "Restarts again and again (exit code 1)." },
      },
      "fired warning: restarts again and again (exit code 1)",
    ],
    ...OUT_OF_MEMORY.flatMap(([fields, told]): [string, Partial<Resource>, string][] => [
      ["container", fields, ""],
      ["container_oom", fields, told],
    ]),
    ["container_oom", { kind: "container", status: "degraded", attributes: { problem: "Paused." } }, ""],
    ["oom", { metrics: { oom_kills: 0 } }, ""],
    [
      "oom",
      { metrics: { oom_kills: 1 } },
      "fired warning: the kernel killed a process because memory ran out",
    ],
    [
      "oom",
      { metrics: { oom_kills: 3 }, attributes: { oom_killed: ["postgres", "node"] } },
      "fired warning: the kernel killed postgres, node because memory ran out",
    ],
    [
      "container",
      { kind: "container", status: "down", attributes: { ended: "stopped", problem: "Stopped." } },
      "",
    ],
    ["container", { kind: "container", status: "down", attributes: { ended: "finished" } }, ""],
    [
      "container_off",
      { kind: "container", status: "down", attributes: { ended: "finished" } },
      "fired warning: does not run",
    ],
    ["guest", { kind: "vm", status: "down", attributes: { state: "stopped" } }, ""],
    [
      "guest_off",
      { kind: "vm", status: "down", attributes: { state: "stopped" } },
      "fired warning: does not run",
    ],
    ["guest_off", { kind: "vm", status: "down", own: { expectedOff: true } }, ""],
    [
      "backup",
      { kind: "lxc", attributes: { backup_problem: "The last backup failed." } },
      "fired warning: the last backup failed",
    ],
    [
      "backup",
      { kind: "lxc", status: "down", attributes: { backup_problem: "The last backup failed." } },
      "",
    ],
    [
      "check",
      { kind: "check", status: "down", attributes: { problem: "Answers 503, expected 200." } },
      "fired critical: answers 503, expected 200",
    ],
    [
      "check",
      { kind: "check", status: "down", attributes: { problem: "DNS has no such name." } },
      "fired critical: DNS has no such name",
    ],
    [
      "check",
      {
        kind: "check",
        status: "degraded",
        metrics: { certificate_days_left: 3 },
        attributes: { problem: "The certificate ends in 3 days." },
      },
      "",
    ],
    [
      "certificate",
      {
        kind: "check",
        status: "degraded",
        metrics: { certificate_days_left: 3 },
        attributes: { problem: "The certificate ends in 3 days." },
      },
      "fired warning: the certificate ends in 3 days",
    ],
    [
      "certificate",
      {
        kind: "check",
        status: "down",
        metrics: { certificate_days_left: -1 },
        attributes: { problem: "The certificate has expired." },
      },
      "fired critical: the certificate has expired",
    ],
    [
      "heartbeat",
      { kind: "check", status: "down", attributes: { type: "heartbeat", problem: "The heartbeat stopped." } },
      "fired critical: the heartbeat stopped",
    ],
    [
      "disk",
      { kind: "disk", name: "sda", status: "degraded", attributes: { problem: "SMART says it fails." } },
      "fired warning: sda: SMART says it fails",
    ],
    ["disk", { kind: "disk", name: "sdb", status: "degraded" }, "fired warning: sdb is degraded"],
    [
      "pool",
      { kind: "pool", status: "down", attributes: { problem: "Too many disks of the pool have failed." } },
      "fired critical: too many disks of the pool have failed",
    ],
    ["interface", { kind: "interface", name: "eth1", status: "down" }, "fired warning: eth1 is down"],
    [
      "health",
      { kind: "cluster", status: "degraded", attributes: { problem: "Offline: node2." } },
      "fired warning: offline: node2",
    ],
  ];
  /* Every one at once, also where it would wait or be off. */
  const atOnce = { off: false, warning: { delayMs: 0 } };
  const both = new Set([
    "container",
    "container_oom",
    "pool",
    "clock",
    "health",
    "check",
    "certificate",
    "heartbeat",
    "disk",
    "guest",
    "backup",
  ]);
  for (const [rule, fields, told] of cases)
    test(`${rule}: ${JSON.stringify(fields)}`, () => {
      const change = both.has(rule) ? { ...atOnce, critical: { delayMs: 0 } } : atOnce;
      expect(new Scene(rule, change).told(fields)).toBe(told);
    });

  test("a level that is off is told of as the other, and a rule that is off says nothing", () => {
    const down = { kind: "check", status: "down", attributes: { problem: "Refused." } } as const;
    expect(new Scene("check", { critical: null }).told(down)).toStartWith("fired warning");
    expect(new Scene("check", { off: true }).told(down)).toBe("");
    expect(new Scene("check", { warning: null }).told({ ...down, status: "degraded" })).toBe("");
  });

  test("is over only when it has been for as long as somebody wants", () => {
    const down = { kind: "check", status: "down", attributes: { problem: "Refused." } } as const;
    const scene = new Scene("check", { clearAfterMs: MINUTE });
    scene.see(down);
    expect(scene.told({ kind: "check" }, SECOND)).toBe("");
    expect(scene.told(down, 30 * SECOND)).toBe("");
    expect(scene.told({ kind: "check" }, SECOND)).toBe("");
    expect(scene.told({ kind: "check" }, MINUTE)).toStartWith("resolved");
  });

  test("that comes and goes is told four times in half an hour, then as one", () => {
    const down = { kind: "check", status: "down", attributes: { problem: "Refused." } } as const;
    const scene = new Scene("check");
    const told: string[] = [];
    for (let turn = 0; turn < 20; turn++) {
      told.push(scene.told(down, MINUTE), scene.told({ kind: "check" }, 10 * SECOND));
    }
    expect(told.filter((one) => one.startsWith("fired"))).toHaveLength(4);
    expect(told.filter((one) => one.startsWith("resolved"))).toHaveLength(3);
    expect(scene.open?.flapping).toBe(true);
    expect(scene.told({ kind: "check" }, 14 * MINUTE)).toBe("");
    expect(scene.told({ kind: "check" }, MINUTE)).toStartWith("resolved");
  });
});

describe("a state that is critical now and then", () => {
  const down = { kind: "check", status: "down", attributes: { problem: "Refused." } } as const;
  const slow = { kind: "check", status: "degraded", attributes: { problem: "It is slow." } } as const;

  test("is told as critical four times in half an hour, then stays so for a quarter of an hour", () => {
    const scene = new Scene("check");
    const levels: unknown[] = [];
    for (let turn = 0; turn < 60; turn++)
      for (const seen of [down, slow])
        for (const { type, level } of scene.see(seen, MINUTE)?.entries ?? [])
          if (type === "fired" || type === "level") levels.push(level);
    const [warning, critical] = ["warning", "critical"];
    expect(levels).toEqual([critical, warning, critical, warning, critical, warning, critical]);
    expect(scene.open).toMatchObject({ level: "critical", flapping: true });
    expect(scene.told(slow, 13 * MINUTE)).toBe("");
    expect(scene.told(slow, 2 * MINUTE)).toBe("updated warning: it is slow");
    expect(scene.told({ kind: "check" }, MINUTE)).toBe("");
    expect(scene.told({ kind: "check" }, 15 * MINUTE)).toStartWith("resolved");
  });

  test("says in its timeline that it comes and goes", () => {
    const scene = new Scene("check");
    for (let turn = 0; turn < 3; turn++) {
      scene.see(down, MINUTE);
      scene.see(slow, MINUTE);
    }
    expect(scene.see(down, MINUTE)?.entries.map(({ type }) => type)).toEqual(["level", "flapping"]);
  });

  test("is not flapping where it went through a warning on its way each time", () => {
    const scene = new Scene("check");
    for (let turn = 0; turn < 3; turn++) {
      scene.see(slow, MINUTE);
      scene.see(down, MINUTE);
      scene.see(slow, MINUTE);
      expect(scene.told({ kind: "check" }, MINUTE)).toStartWith("resolved");
    }
  });

  test("is not flapping where that takes longer", () => {
    const scene = new Scene("check");
    for (let turn = 0; turn < 10; turn++) {
      scene.see(down, 6 * MINUTE);
      expect(scene.told(slow, 6 * MINUTE)).toStartWith("updated warning");
    }
  });
});

describe("people", () => {
  test("a snooze is over at its time, and when it gets worse", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 }, critical: { delayMs: 0 } });
    scene.see(memory(96));
    scene.open = { ...(scene.open as Alert), snoozedUntil: scene.now + 10 * MINUTE };
    expect(scene.told(memory(96), MINUTE)).toBe("");
    expect(scene.see(memory(96), 9 * MINUTE)?.entries).toMatchObject([{ type: "unsnoozed" }]);
    scene.open = { ...(scene.open as Alert), snoozedUntil: scene.now + 10 * MINUTE };
    expect(scene.see(memory(99), SECOND)?.entries.map(({ type }) => type)).toEqual(["level", "unsnoozed"]);
    expect(scene.open?.snoozedUntil).toBeUndefined();
  });

  test("a silence marks what it covers, and its end is told", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 } });
    scene.silencedBy = SilenceId.parse(mintId("q"));
    expect(scene.see(memory(96))?.entries.map(({ type }) => type)).toEqual(["fired", "silenced"]);
    expect(scene.open?.silencedBy).toBe(scene.silencedBy);
    scene.silencedBy = undefined;
    expect(scene.see(memory(96), SECOND)?.entries.map(({ type }) => type)).toEqual(["unsilenced"]);
  });

  test("what was acknowledged stays so while it goes on", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 }, critical: { delayMs: 0 } });
    scene.see(memory(96));
    scene.open = { ...(scene.open as Alert), acknowledged: { at: scene.now } };
    scene.see(memory(99), MINUTE);
    expect(scene.open).toMatchObject({ level: "critical", acknowledged: { at: T0 } });
  });

  test("more than may be open waits until there is room", () => {
    const scene = new Scene("memory", { warning: { delayMs: 0 } });
    scene.room = false;
    expect(scene.told(memory(96))).toBe("");
    scene.room = true;
    expect(scene.told(memory(96), MINUTE)).toStartWith("fired");
  });
});
