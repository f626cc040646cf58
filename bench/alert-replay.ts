/**
 * How good the rules are that Pulse comes with: a month of a fleet with two hundred faults in it, through the real
 * pipeline and the real queue, and what was told held against what was wrong.
 *
 *   bun bench/alert-replay.ts [days=30] [machines=20] [faults=200] [seed=1] [interval seconds=30]
 *
 * A message that says that something began, or got worse, counts as a message; one that only says that something is
 * over is counted apart. Late: behind the delay of the rule that has to tell, from the first report on that showed it.
 */
import { SECOND } from "../tests/alerts/replay/days.ts";
import { replay } from "../tests/alerts/replay/replay.ts";
import { printTable, quantile } from "./table.ts";

const [days = 30, machines = 20, faults = 200, seed = 1, interval = 30] = process.argv.slice(2).map(Number);
const startedAt = performance.now();
const score = await replay({ seed, days, machines, faults, intervalMs: interval * SECOND });
const seconds = (values: number[], share: number) =>
  values.length === 0 ? "-" : (quantile(values, share) / SECOND).toFixed(0);

printTable(
  `${days} days of ${machines} machines, a hypervisor and nine checks; seed ${seed}, a report every ${interval} s`,
  ["fault", "injected", "told", "late s, median", "latest", "messages each", "endings each", "told by"],
  score.kinds
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, faults: injected, told, lateMs, messages, endings, toldBy }) => [
      name,
      injected,
      told,
      seconds(lateMs, 0.5),
      seconds(lateMs, 1),
      (messages / injected).toFixed(2),
      (endings / injected).toFixed(2),
      toldBy.join(", "),
    ]),
);

const noiseBy = Map.groupBy(score.noise, ({ rule }) => rule);
if (score.noise.length > 0)
  printTable(
    "Told of no fault",
    ["rule", "alerts", "for example"],
    [...noiseBy].map(([rule, all]) => [
      rule,
      all.length,
      `${new Date(all[0]?.at ?? 0).toISOString()} ${all[0]?.title} (${all[0]?.what})`,
    ]),
  );
const percent = (part: number, whole: number) => `${((part / whole) * 100).toFixed(1)} %`;
printTable(
  "In sum",
  ["", ""],
  [
    ["faults told (recall)", `${score.told} of ${score.faults} (${percent(score.told, score.faults)})`],
    ["within the delay and one interval", `${score.inTime} (${percent(score.inTime, score.faults)})`],
    [
      "messages about a fault (precision)",
      `${score.ofFaults} of ${score.messages} (${percent(score.ofFaults, score.messages)})`,
    ],
    [
      "messages per fault",
      (score.kinds.reduce((sum, { messages }) => sum + messages, 0) / score.faults).toFixed(2),
    ],
    ["messages that only say that something is over", score.endings],
    ["alerts without a fault", score.noise.length],
    ["injected but never bad for long enough", score.neverDue.join("; ") || "none"],
    ["took", `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`],
  ],
);
