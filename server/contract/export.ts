/**
 * History as a file. Asked for with a query string by scripts, and as a procedure's input by the page; both come to
 * an `ExportInput`.
 */
import { z } from "zod";
import { ResourceId } from "./ids.ts";
import { Moment } from "./moment.ts";

export const EXPORT_LIMITS = {
  /** Named by the caller. Without names, everything that was measured. */
  metrics: 50,
  /** Columns of a CSV, series of an OpenMetrics text: a machine with a few hundred parts. */
  series: 2_000,
  /** Thirty years and a bit: longer than anything is kept. */
  spanMs: 11_000 * 86_400_000,
} as const;

const STEP_LIMITS_MS = { least: 1_000, most: 30 * 86_400_000 } as const;
const DAY_MS = 86_400_000;

export const ExportFormat = z.enum(["csv", "openmetrics"]);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** `raw`: every sample as it was taken; `auto`: the steps a chart of that range has; else milliseconds. */
const ExportStep = z.union([
  z.literal("raw"),
  z.literal("auto"),
  z.int().min(STEP_LIMITS_MS.least).max(STEP_LIMITS_MS.most),
]);

export const ExportInput = z
  .strictObject({
    resourceId: ResourceId,
    /** With everything that is a part of it. */
    parts: z.boolean(),
    metrics: z
      .array(z.string().regex(/^[a-z][a-z0-9_]{0,79}$/, "is not the name of a metric"))
      .max(EXPORT_LIMITS.metrics, `must be at most ${EXPORT_LIMITS.metrics}`),
    /** Epoch milliseconds, inclusive. */
    from: Moment,
    /** Epoch milliseconds, exclusive. */
    to: Moment,
    format: ExportFormat,
    step: ExportStep,
  })
  .refine((range) => range.to > range.from, { path: ["to"], message: "must be later than from" })
  .refine((range) => range.to - range.from <= EXPORT_LIMITS.spanMs, {
    path: ["from"],
    message: "span is too long",
  });
export type ExportInput = z.infer<typeof ExportInput>;

const MomentText = z.string().transform((text, ctx) => {
  const at = /^\d{1,15}$/.test(text) ? Number(text) : ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    ctx.addIssue({
      code: "custom",
      message: "must be epoch milliseconds or a time like 2026-11-28T00:00:00Z",
    });
  return at;
});
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS } as const;

const StepText = z.string().transform((text, ctx): ExportInput["step"] => {
  if (text === "raw" || text === "auto") return text;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const stepMs = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (!(stepMs >= STEP_LIMITS_MS.least && stepMs <= STEP_LIMITS_MS.most))
    ctx.addIssue({ code: "custom", message: "must be raw, auto, or from 1s to 30d, such as 5m" });
  return stepMs;
});

/** The same from a query string: every value a list, as often as the name stands there. */
export function exportQuery(now: number) {
  const once = <Schema extends z.ZodType<unknown, string>>(schema: Schema) =>
    z
      .tuple([z.string()], "must be given once")
      .transform(([value]) => value)
      .pipe(schema);
  return z
    .strictObject({
      resource: once(z.string()),
      parts: once(z.enum(["true", "false"])).optional(),
      metric: z.array(z.string()).optional(),
      from: once(MomentText).optional(),
      to: once(MomentText).optional(),
      format: once(ExportFormat).optional(),
      step: once(StepText).optional(),
    })
    .transform(
      ({ resource, parts, metric = [], to = now, from = to - DAY_MS, format = "csv", step = "raw" }) => ({
        resourceId: resource,
        parts: parts === "true",
        metrics: metric,
        from: Math.max(0, from),
        to,
        format,
        step,
      }),
    )
    .pipe(ExportInput);
}

/** One column, or one series. `stat` where steps are exported. */
export interface ExportSeries {
  id: ResourceId;
  metric: string;
  stat?: ExportStat;
}
export const EXPORT_STATS = ["avg", "min", "max"] as const;
export type ExportStat = (typeof EXPORT_STATS)[number];

/** What is read together, over the whole range, before the next begins. */
export interface ExportPart {
  /** Stands before its lines. */
  head: string;
  series: ExportSeries[];
  /** What each line of its one series begins with; without, a line is a row of all. */
  prefix?: string;
}

export interface ExportPlan {
  /** For the name of the file; anything may be in it. */
  name: string;
  /** Milliseconds; undefined: the samples themselves. */
  step: number | undefined;
  parts: ExportPart[];
  /** Stands at the very end, and says that nothing is missing. */
  tail: string;
}

export interface ExportPageInput extends Pick<ExportPart, "series" | "prefix"> {
  step: number | undefined;
  from: number;
  to: number;
}

export interface ExportPage {
  bytes: Uint8Array;
  /** Where the next page begins. At the end of the range nothing follows. */
  next: number;
}

/** Where a browser fetches what it has just asked for, once, within a minute, as the same session. */
export interface ExportTicket {
  path: string;
  expiresAt: number;
}
