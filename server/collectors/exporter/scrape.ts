/** Asks an exporter for its page. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { PrometheusConfig, PrometheusSecrets } from "../../contract/sources/prometheus.ts";
import type { Egress } from "../../lib/egress.ts";
import {
  EXPOSITION_LIMITS,
  ExpositionError,
  type ExpositionFormat,
  type Family,
  parseExposition,
} from "../exposition/parse.ts";
import { ExporterError } from "./exporter-error.ts";

const TIMEOUT_MS = 10_000;

/**
 * The old text is asked for first: it is shorter (no exemplars, no times of birth), every exporter has
 * it, and a page that was cut is noticed by HTTP already. Some speak OpenMetrics alone.
 */
const ACCEPT = "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1";

const unpack = promisify(gunzip);

/** Throws an error of one plain sentence, without anything of what was answered. */
export async function scrape(
  egress: Egress,
  config: PrometheusConfig,
  secrets: PrometheusSecrets,
): Promise<Family[]> {
  const authorization = authorizationOf(config, secrets);
  const { status, headers, body } = await egress.request({
    url: config.url,
    headers: {
      accept: ACCEPT,
      "accept-encoding": "gzip",
      ...(authorization === undefined ? {} : { authorization }),
    },
    timeoutMs: config.timeoutMs ?? TIMEOUT_MS,
    maxBytes: EXPOSITION_LIMITS.bytes,
    tls: {
      ...(config.fingerprint === undefined ? {} : { fingerprint256: config.fingerprint }),
      ...(config.verify === undefined ? {} : { verify: config.verify }),
    },
    keepAlive: true,
  });
  if (status !== 200) throw new ExporterError(refusalOf(status));
  const type = headers.get("content-type") ?? "";
  if (/^\s*text\/html/i.test(type))
    throw new ExporterError("The answer is a web page, not metrics: is the path right?");
  const format = /^\s*application\/openmetrics-text/i.test(type) ? "openmetrics" : "text";
  return parse(await plain(body, headers.get("content-encoding")), format);
}

function authorizationOf(config: PrometheusConfig, secrets: PrometheusSecrets): string | undefined {
  if (secrets.bearer !== undefined) return `Bearer ${secrets.bearer}`;
  if (config.user === undefined) return undefined;
  return `Basic ${Buffer.from(`${config.user}:${secrets.password ?? ""}`).toString("base64")}`;
}

function refusalOf(status: number): string {
  if (status === 401 || status === 403) return `The exporter refuses the credentials (status ${status}).`;
  if (status === 404) return "There are no metrics at this path (status 404).";
  if (status >= 300 && status < 400)
    return `The exporter sends the reader elsewhere (status ${status}): give that address.`;
  return `The exporter answered with status ${status}.`;
}

/** A small body may unpack to a large one: no further than the limit. */
async function plain(body: Uint8Array, encoding: string | null): Promise<Uint8Array> {
  if (encoding === null || /^\s*(?:identity)?\s*$/i.test(encoding)) return body;
  if (!/^\s*(?:x-)?gzip\s*$/i.test(encoding))
    throw new ExporterError("The answer is packed in a way nobody asked for.");
  try {
    return await unpack(body, { maxOutputLength: EXPOSITION_LIMITS.bytes });
  } catch (cause) {
    const isTooLarge =
      cause instanceof RangeError || (cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    const message = isTooLarge
      ? `The page is larger than ${EXPOSITION_LIMITS.bytes} bytes.`
      : "The answer is packed, and damaged.";
    throw new ExporterError(message, { cause });
  }
}

function parse(page: Uint8Array, format: ExpositionFormat): Family[] {
  try {
    return parseExposition(page, format);
  } catch (cause) {
    if (!(cause instanceof ExpositionError)) throw cause;
    throw new ExporterError(`The page is not one of metrics, line ${cause.line}: ${cause.problem}.`, {
      cause,
    });
  }
}
