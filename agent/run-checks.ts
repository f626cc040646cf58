/**
 * Runs what the server has for this agent to check. Checks are declared, never programmed: each is put
 * through the schema of its type here as well, and what is not known exactly is refused with a line in
 * the log. Nothing of them starts a command the server could choose, and all they reach goes through
 * egress: the local network, the public one, and what `--allow` adds, but not this machine itself.
 *
 * Loaded only when there is something to check: the schemas and the ways out take memory.
 */
import { type CheckCollector, createCheck } from "../server/collectors/check.ts";
import type { ReportedResource } from "../server/contract/report.ts";
import { CHECK_CONFIGS, type Check } from "../server/contract/sources/checks.ts";
import { SOURCE_LIMITS } from "../server/contract/sources.ts";
import { Egress } from "../server/lib/egress.ts";
import { errorText, type Log } from "../server/lib/log.ts";

/** Checks of one agent. */
const CHECKS_LIMIT = 500;
/** First tries lie this far apart: all at once they would be a burst. */
const STAGGER_MS = 100;
const ID_PATTERN = /^[A-Za-z0-9_-]{1,100}$/;

export class RunningChecks {
  readonly #egress: Egress;
  readonly #log: Log;
  readonly #running = new Map<string, RunningCheck>();

  constructor(allow: readonly string[], log: Log) {
    this.#egress = new Egress({ reach: "lan", allow });
    this.#log = log;
  }

  /** What is the same goes on as it was, with all it knows. */
  replace(declared: readonly unknown[]): void {
    if (declared.length > CHECKS_LIMIT) {
      this.#log.warn("the server has more checks than an agent runs; the rest is left out", {
        limit: CHECKS_LIMIT,
      });
    }
    const wanted = new Map<string, DeclaredCheck>();
    for (const one of declared.slice(0, CHECKS_LIMIT)) {
      const check = parseCheck(one);
      if ("refusal" in check) this.#log.warn("a check is refused", check);
      else wanted.set(check.id, check);
    }
    for (const [id, running] of this.#running) {
      if (running.text === wanted.get(id)?.text) wanted.delete(id);
      else {
        running.stop();
        this.#running.delete(id);
      }
    }
    let place = 0;
    for (const [id, check] of wanted) {
      this.#running.set(id, new RunningCheck(check, this.#egress, this.#log, place++ * STAGGER_MS));
    }
  }

  get results(): ReportedResource[] {
    return [...this.#running.values()].flatMap(({ result }) => result);
  }

  stop(): void {
    for (const running of this.#running.values()) running.stop();
    this.#running.clear();
    this.#egress.close();
  }
}

interface DeclaredCheck {
  id: string;
  name: string;
  intervalMs: number;
  check: Check;
  /** All of it: two that are the same are the same. */
  text: string;
}

export function parseCheck(declared: unknown): DeclaredCheck | { check: string; refusal: string } {
  const { id, name, intervalMs, type, config, ...more } = (declared ?? {}) as Record<string, unknown>;
  const refused = (refusal: string) => ({ check: String(id).slice(0, 100), refusal });
  if (typeof id !== "string" || !ID_PATTERN.test(id)) return refused("it has no id");
  if (typeof name !== "string" || name.length > SOURCE_LIMITS.nameLength) return refused("it has no name");
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return refused(`${unknown.slice(0, 80)} is not known`);
  const { leastIntervalMs: least, longestIntervalMs: longest } = SOURCE_LIMITS;
  if (typeof intervalMs !== "number" || !(intervalMs >= least && intervalMs <= longest)) {
    return refused("its interval is out of bounds");
  }
  const known = typeof type === "string" && type !== "heartbeat" && Object.hasOwn(CHECK_CONFIGS, type);
  if (!known) return refused(`the type ${String(type).slice(0, 80)} is not known`);
  const parsed = CHECK_CONFIGS[type as Check["type"]].safeParse(config);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused(`${issue?.path.join(".") || "its config"} ${issue?.message ?? "is not valid"}`);
  }
  const check = { type, config: parsed.data } as Check;
  return { id, name, intervalMs, check, text: JSON.stringify(declared) };
}

class RunningCheck {
  readonly text: string;
  readonly #collector: CheckCollector;
  readonly #log: Log;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  /** Empty until the first try is over. */
  result: ReportedResource[] = [];

  constructor(
    { id, name, intervalMs, check, text }: DeclaredCheck,
    egress: Egress,
    log: Log,
    delayMs: number,
  ) {
    this.text = text;
    this.#log = log;
    this.#collector = createCheck({ check, egress, key: `check/${id}`, name, intervalMs });
    this.#after(delayMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#collector.close?.();
  }

  #after(delayMs: number): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#try(), delayMs);
  }

  async #try(): Promise<void> {
    try {
      this.result = await this.#collector.collect();
    } catch (error) {
      this.#log.error("a check failed in itself", { error: errorText(error) });
    }
    this.#after(this.#collector.nextTryMs());
  }
}
