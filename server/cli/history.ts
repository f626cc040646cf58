import type { Config } from "../config.ts";
import type { HistoryRetention, RetentionInput, TierForecast } from "../contract/history.ts";
import { KEPT_TIERS, type KeptTier } from "../contract/retention-limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import { bytesWords, dayOf, daysOf, daysWords, sizeOf } from "./amounts.ts";
import { type Command, type ExitStatus, type Invocation, UsageError } from "./command.ts";
import { operate } from "./operate.ts";

/** Option to the tier it is about. */
const TIER_OPTIONS: readonly [option: string, tier: KeptTier][] = [
  ["samples", "samples"],
  ["five-minutes", "fiveMinutes"],
  ["hours", "hours"],
  ["days", "days"],
];

const LABELS: Record<KeptTier, string> = {
  samples: "samples",
  fiveMinutes: "5-minute steps",
  hours: "hourly steps",
  days: "daily steps",
};

export const history: Command = {
  name: "history",
  usage: usageOf,
  summary: "how long history is kept, and what it takes",
  takesWords: true,
  options: {
    ...Object.fromEntries(TIER_OPTIONS.map(([option]) => [option, { type: "string" as const }])),
    "max-bytes": { type: "string" },
    org: { type: "string" },
    yes: { type: "boolean" },
  },
  async run(invocation) {
    const { words, options, config } = invocation;
    if (options["org"] !== undefined && !config.multiTenant)
      throw new DomainError("feature_disabled", "This feature is not available.");
    const change = changeOf(options);
    if (words.length === 0 && !change) return show(invocation);
    if (words.length !== 1 || words[0] !== "keep") throw usage(invocation);
    if (!change)
      throw new UsageError("say what to keep for how long, as in --samples 90d, or --max-bytes 2GB");
    return keep(invocation, change);
  },
};

/** Without multi-tenancy there is nothing to choose. */
function usageOf({ multiTenant }: Config): string[] {
  const org = multiTenant ? " [--org ORG]" : "";
  return [
    `pulse history${org}`,
    `pulse history keep [--samples 90d] [--five-minutes 1y] [--hours 5y] [--days 10y] [--max-bytes 2GB|none]${org} [--yes]`,
  ];
}

async function show(invocation: Invocation): Promise<ExitStatus> {
  const found = await ask(invocation, "show", {});
  invocation.out.answer(found, linesOf(found));
  return 0;
}

async function keep(invocation: Invocation, change: RetentionInput): Promise<ExitStatus> {
  const { deletes } = await ask(invocation, "show", change);
  const { deletes: goingAnyway } = await ask(invocation, "show", {});
  if (bytesOf(deletes) > bytesOf(goingAnyway) && invocation.options["yes"] !== true) {
    const parts = deletes.map(
      ({ tier, days, bytes }) => `${daysWords(days)} of ${LABELS[tier]} (${bytesWords(bytes)})`,
    );
    throw new UsageError(`this deletes ${parts.join(", ")}, for good; say --yes`);
  }
  const found = await ask(invocation, "keep", change);
  const going =
    found.deletes.length > 0 ? ["What is older goes while the server runs, a little at a time."] : [];
  invocation.out.answer(found, [...linesOf(found), ...going]);
  return 0;
}

function bytesOf(deletes: HistoryRetention["deletes"]): number {
  return deletes.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function ask(
  { config, options }: Invocation,
  verb: "show" | "keep",
  change: RetentionInput,
): Promise<HistoryRetention> {
  const org = options["org"];
  const input = { ...change, ...(typeof org === "string" && { org }) };
  return (await operate(config, `historyCommands.${verb}`, input)) as HistoryRetention;
}

/** Undefined when no option says anything. */
function changeOf(options: Invocation["options"]): RetentionInput | undefined {
  const keepDays: Partial<Record<KeptTier, number>> = {};
  for (const [option, tier] of TIER_OPTIONS) {
    const text = options[option];
    if (typeof text === "string") keepDays[tier] = daysOf(text, `--${option}`);
  }
  const most = options["max-bytes"];
  if (Object.keys(keepDays).length === 0 && typeof most !== "string") return undefined;
  return {
    ...(Object.keys(keepDays).length > 0 && { keepDays }),
    ...(typeof most === "string" && { maxBytes: most === "none" ? null : sizeOf(most, "--max-bytes") }),
  };
}

function linesOf(found: HistoryRetention): string[] {
  const head = ["", "kept for", "since", "takes", "a day", "when full"];
  const rows = KEPT_TIERS.map((name) => found.tiers.find(({ tier }) => tier === name) as TierForecast).map(
    ({ tier, keepDays, oldestAt, usedBytes, bytesPerDay, fullBytes }) => [
      LABELS[tier],
      daysWords(keepDays),
      oldestAt === undefined ? "-" : dayOf(oldestAt),
      bytesWords(usedBytes),
      bytesPerDay === undefined ? "-" : bytesWords(bytesPerDay),
      fullBytes === undefined ? "-" : bytesWords(fullBytes),
    ],
  );
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const table = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    ...table,
    "",
    `${bytesWords(found.usedBytes)} in use, of at most ${limitWords(found)}.`,
    rateWords(found),
  ];
}

function limitWords({ limitBytes, limitedBy }: HistoryRetention): string {
  return `${bytesWords(limitBytes)}${limitedBy === "maxBytes" ? " (--max-bytes)" : ""}`;
}

function rateWords(found: HistoryRetention): string {
  const { bytesPerDay, fullBytes, limitReachedAt, samplesDaysWithinLimit } = found;
  if (bytesPerDay === undefined || fullBytes === undefined)
    return "How fast it grows is not known yet: a whole day has to be over first.";
  const grows = `It grows by ${bytesWords(bytesPerDay)} a day`;
  if (limitReachedAt === undefined)
    return `${grows} and takes ${bytesWords(fullBytes)} when all of this is there.`;
  const left = samplesDaysWithinLimit ?? 0;
  return `${grows} and is at its limit about ${dayOf(limitReachedAt)}: from then on the oldest samples go sooner, in the end after ${daysWords(left)}.`;
}

function usage({ config }: Invocation): UsageError {
  return new UsageError(`usage: ${usageOf(config).join(", ")}`);
}
