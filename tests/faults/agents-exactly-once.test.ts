/**
 * The promise: whatever happens between an agent and the server, every sample arrives, and arrives once. Real agents
 * report through a way that loses, doubles and reorders, while the server is killed and the way is cut at random and
 * agents are stopped and started again. At the end every value that was ever seen is in the org's file, once.
 *
 * `PULSE_TEST_LONG=600` makes it ten minutes; `PULSE_TEST_SEED` repeats a run.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Agent, startAgent } from "../../agent/run.ts";
import type { Collector } from "../../server/collectors/collector.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import { Log } from "../../server/lib/log.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { SEED, seeded } from "../support/seeded.ts";
import { until } from "../support/until.ts";
import { type ChildServer, newFolder, startServer } from "./child-server.ts";

const SECONDS = Number(process.env.PULSE_TEST_LONG ?? 20);
const AGENTS = 50;
/** The last of them keep so little that something has to go. */
const FORGETFUL = 5;
const FORGETFUL_BYTES = 2_000;
const INTERVAL_MS = 1_000;
const PACE = { later: { firstMs: 50, mostMs: 500 }, notNow: { firstMs: 50, mostMs: 500 } };

const folder = newFolder("exactly-once");
const dataDir = join(folder.path, "data");
afterAll(() => folder[Symbol.dispose]());

/** A machine that counts: each look has a number of its own, so each can be looked for. */
class Machine {
  readonly #stateDir: string;
  readonly #token: string;
  readonly #proxy: FaultProxy;
  readonly #spoolLimitBytes: number;
  #agent: Agent;
  looks = 0;
  restarts = 0;

  constructor(index: number, token: string, proxy: FaultProxy) {
    this.#stateDir = join(folder.path, `agent-${index}`);
    mkdirSync(this.#stateDir, { mode: 0o700 });
    this.#token = token;
    this.#proxy = proxy;
    this.#spoolLimitBytes = index >= AGENTS - FORGETFUL ? FORGETFUL_BYTES : 50_000_000;
    this.#agent = this.#start();
  }

  get waiting(): number {
    return this.#agent.waiting;
  }

  async restart(): Promise<void> {
    await this.#agent.stop();
    this.restarts++;
    this.#agent = this.#start();
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  #start(): Agent {
    const collector: Collector = {
      name: "counting",
      collect: async () => [
        {
          kind: "host",
          key: "host",
          name: "counting",
          status: "up",
          attributes: {},
          metrics: { look: ++this.looks },
        },
      ],
    };
    return startAgent({
      server: this.#proxy.url,
      token: this.#token,
      intervalMs: INTERVAL_MS,
      stateDir: this.#stateDir,
      spoolLimitBytes: this.#spoolLimitBytes,
      collectors: [collector],
      log: new Log(() => {}),
      version: "test",
      pace: PACE,
    });
  }
}

/** Values of `look` in the file, by agent. */
function storedLooks(): Map<string, number[]> {
  const db = new Database(orgFile(dataDir, DEFAULT_ORG), { readonly: true });
  const layouts = new Map(
    db
      .query<{ id: number; columns: string }, []>("select id, columns from sample_layout")
      .all()
      .map(({ id, columns }) => [
        id,
        (JSON.parse(columns) as [string, string][]).findIndex(([, metric]) => metric === "look"),
      ]),
  );
  const looks = new Map<string, number[]>();
  const samples = db
    .query<{ source: string; layout_id: number; packed: Uint8Array }, []>(
      "select source, layout_id, packed from sample order by source, at",
    )
    .all();
  for (const { source, layout_id, packed } of samples) {
    const column = layouts.get(layout_id) ?? -1;
    const value = Buffer.from(packed).readFloatLE(column * 4);
    looks.set(source, [...(looks.get(source) ?? []), value]);
  }
  db.close();
  return looks;
}

describe(`${AGENTS} agents, ${SECONDS} s of kills, cuts, repeats and reordering (seed ${SEED})`, () => {
  let machines: Machine[] = [];
  const ids: string[] = [];
  let proxy: FaultProxy;
  let looks = new Map<string, number[]>();
  let kills = 0;
  let cuts = 0;

  beforeAll(
    async () => {
      console.log(`agents-exactly-once: PULSE_TEST_SEED=${SEED}`);
      const random = seeded();
      const environment = { PULSE_LOCAL_AGENT: "false" };
      let server: ChildServer = await startServer(dataDir, { environment });
      await server.setUp();
      proxy = startFaultProxy(server.url, random);
      const tokens: string[] = [];
      for (let index = 0; index < AGENTS; index++) {
        const response = await server.post("agents.enroll", { name: `machine-${index}` });
        const { result } = (await response.json()) as { result: { data: { id: string; token: string } } };
        ids.push(result.data.id);
        tokens.push(result.data.token);
      }
      machines = tokens.map((token, index) => new Machine(index, token, proxy));

      const endsAt = performance.now() + SECONDS * 1_000;
      while (performance.now() < endsAt) {
        await Bun.sleep(300 + random() * 1_200);
        const what = random();
        if (what < 0.35) {
          kills++;
          await server.kill();
          server = await startServer(dataDir, { environment });
          proxy.target = server.url;
        } else if (what < 0.7) {
          cuts++;
          proxy.isCut = true;
          await Bun.sleep(random() * 3_000);
          proxy.isCut = false;
        } else {
          await machines[Math.floor(random() * AGENTS)]?.restart();
        }
      }
      proxy.isCalm = true;
      for (const machine of machines) {
        await until(() => machine.waiting === 0, { withinMs: 60_000, what: "every report was delivered" });
        await machine.stop();
      }
      await proxy.stop();
      await server.stop();
      looks = storedLooks();
    },
    (SECONDS + 120) * 1_000,
  );

  const numbers = (machine: Machine) => Array.from({ length: machine.looks }, (_, n) => n + 1);
  const faithful = () => machines.slice(0, AGENTS - FORGETFUL);

  test("everything that can go wrong did", () => {
    expect(kills + cuts).toBeGreaterThan(SECONDS / 10);
    for (const count of Object.values(proxy.made)) expect(count).toBeGreaterThan(SECONDS / 2);
    expect(kills).toBeGreaterThan(0);
  });

  test("every look of every machine is stored, once, in its order", () => {
    const wrong = faithful().flatMap((machine, index) => {
      const stored = looks.get(`agent:${ids[index]}`) ?? [];
      return Bun.deepEquals(stored, numbers(machine)) ? [] : [{ index, looks: machine.looks, stored }];
    });
    expect(wrong).toEqual([]);
    expect(faithful().reduce((sum, machine) => sum + machine.looks, 0)).toBeGreaterThan(
      AGENTS * SECONDS * 0.5,
    );
  });

  test("of a machine that could not keep everything, what is there is there once and in order", () => {
    for (const [offset, machine] of machines.slice(AGENTS - FORGETFUL).entries()) {
      const stored = looks.get(`agent:${ids[AGENTS - FORGETFUL + offset]}`) ?? [];
      expect(new Set(stored).size).toBe(stored.length);
      expect(stored).toEqual([...stored].sort((a, b) => a - b));
      expect(stored.length).toBeGreaterThan(0);
      expect(stored.at(-1)).toBeLessThanOrEqual(machine.looks);
    }
  });
});
