/**
 * `/api/prometheus/api/v1/…`: history in the words of Prometheus, so that Grafana has a panel of it. Grafana asks with a
 * form in a POST, which changes nothing: it is taken only with a token in the `authorization` header, which no page of
 * another site can send (`edge-guard`), and is judged as a read.
 */
import { endReasonFor, type Need } from "../access/admission.ts";
import { admitCall } from "../api/admit-call.ts";
import type { Context } from "../api/edge.ts";
import { PROMETHEUS_CALLS } from "../api/prometheus/answers.ts";
import { DomainError } from "../lib/domain-error.ts";
import { retryAfterSeconds } from "./answers.ts";
import { readBody } from "./edge-guard.ts";
import { FORM_BYTES, PROMETHEUS_PATH } from "./prometheus-path.ts";

const MEMBERS: Need = { who: "viewer", surface: "always" };

/** How Prometheus calls what went wrong. */
const ERROR_TYPES: Record<number, string> = {
  400: "bad_data",
  404: "not_found",
  413: "execution",
  429: "unavailable",
  500: "internal",
  503: "unavailable",
};

/** Which call is meant, as it is counted; undefined when there is none. */
export function prometheusCall(path: string): { route: string; name: string } | undefined {
  const rest = path.slice(`${PROMETHEUS_PATH}api/v1/`.length);
  if (!path.startsWith(`${PROMETHEUS_PATH}api/v1/`)) return undefined;
  const [, name = ""] = /^label\/([^/]+)\/values$/.exec(rest) ?? [];
  const route = name ? "label/*/values" : rest;
  return Object.hasOwn(PROMETHEUS_CALLS, route) && !(route.includes("*") && !name)
    ? { route, name }
    : undefined;
}

export async function answerPrometheus(context: Context, url: URL, request: Request): Promise<Response> {
  const called = prometheusCall(url.pathname);
  const call = called && PROMETHEUS_CALLS[called.route];
  if (!call)
    throw new DomainError(
      "not_found",
      `Not known here. These are: ${Object.keys(PROMETHEUS_CALLS).join(", ")}.`,
    );
  if (request.method !== "GET" && request.method !== "POST")
    throw new DomainError("method_not_allowed", "Asked with GET or POST.");
  const { edge } = context;
  const admitted = await admitCall(context, MEMBERS, "query");
  const { orgId, role = "viewer" } = admitted;
  const given = await parametersOf(url, request);
  const view = {
    edge,
    orgId,
    role,
    org: edge.shards.org(orgId),
    now: edge.clock(),
    version: edge.build.version,
  };
  const { json, warnings } = await call(view, given, called.name);
  /* Whoever lost the right to it while it was being read is not told what it says. */
  if (endReasonFor(edge, admitted, "viewer"))
    throw new DomainError("access_denied", "You have no access here.");
  const warned = warnings ? `,"warnings":${JSON.stringify(warnings)}` : "";
  const headers = new Headers(context.resHeaders);
  headers.set("content-type", "application/json");
  return new Response(`{"status":"success","data":${json}${warned}}`, { headers });
}

/** A refusal as Prometheus would put it; `reason` is ours. */
export function prometheusRefusal({ httpStatus, message, reason, retryAfterMs }: DomainError): Response {
  const errorType = ERROR_TYPES[httpStatus] ?? "execution";
  const response = Response.json(
    { status: "error", errorType, error: message, reason },
    { status: httpStatus },
  );
  if (retryAfterMs !== undefined) response.headers.set("retry-after", retryAfterSeconds(retryAfterMs));
  return response;
}

/** Those of a form come first, as in Prometheus. */
async function parametersOf({ searchParams }: URL, request: Request): Promise<URLSearchParams> {
  if (request.method !== "POST") return searchParams;
  const form = new URLSearchParams(Buffer.from(await readBody(request, FORM_BYTES)).toString());
  for (const [name, value] of searchParams) form.append(name, value);
  return form;
}
