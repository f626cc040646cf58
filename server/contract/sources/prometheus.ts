/** How an exporter is reached, and which of its metrics are shown first. */
import { z } from "zod";
import { Fingerprint } from "./fingerprint.ts";

export const PROMETHEUS_LIMITS = {
  urlLength: 2_000,
  /** Metrics that are shown first. */
  shown: 32,
  /** Labels one of these is told by. */
  labels: 16,
  /** Figures of one source that are kept at most. */
  series: 10_000,
} as const;

const url = z
  .string()
  .trim()
  .max(PROMETHEUS_LIMITS.urlLength, "is too long")
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), "must be an http or https address")
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password, hash } = new URL(text);
    return !username && !password && !hash;
  }, "must be an address without a name, a password and a #: http://nas.example.org:9100/metrics")
  // An address without a path is the exporter's usual one.
  .transform((text) => (/^[^:]+:\/\/[^/?]+$/.test(text) ? `${text}/metrics` : text));

/** A metric as the exporter's page names it; with labels, only the series that has all of these. */
export const ShownMetric = z.strictObject({
  metric: z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/, "must be the name of a metric"),
  labels: z
    .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/), z.string().max(500))
    .refine((labels) => Object.keys(labels).length <= PROMETHEUS_LIMITS.labels, "are too many")
    .optional(),
});
export type ShownMetric = z.infer<typeof ShownMetric>;

export const PrometheusConfig = z.strictObject({
  url,
  /** For basic authentication, with the secret `password`. */
  user: z
    .string()
    .min(1, "must not be empty")
    .max(200, "is too long")
    .regex(/^[^:\p{Cc}]+$/u, "must not hold a colon")
    .optional(),
  /** SHA-256 of the certificate that is trusted, whoever signed it. */
  fingerprint: Fingerprint.optional(),
  /** False: whoever answers is trusted. */
  verify: z.boolean().optional(),
  /** What the source itself shows; everything else is below it. */
  shown: z.array(ShownMetric).max(PROMETHEUS_LIMITS.shown).optional(),
  /** Keep the shown metrics alone. Of a page of node_exporter, which is a machine, that is always so. */
  onlyShown: z.boolean().optional(),
  /** How long the exporter may take; some ask many devices first. */
  timeoutMs: z
    .int()
    .min(1_000, "must be at least a second")
    .max(60_000, "must be at most a minute")
    .optional(),
  /** Figures that are kept at most. */
  maxSeries: z.int().min(1).max(PROMETHEUS_LIMITS.series).optional(),
});
export type PrometheusConfig = z.infer<typeof PrometheusConfig>;

const secret = z
  .string()
  .min(1, "must not be empty")
  .max(4_000, "is too long")
  .regex(/^[^\p{Cc}]+$/u, "has characters that cannot be sent");

export const PrometheusSecrets = z
  .strictObject({ password: secret.optional(), bearer: secret.optional() })
  .refine(
    (secrets) => !(secrets.password && secrets.bearer),
    "must be a password or a bearer token, not both",
  );
export type PrometheusSecrets = z.infer<typeof PrometheusSecrets>;
