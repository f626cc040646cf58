/**
 * The whole of HTTP on one page: what happens to every request, in order, and every mount.
 *
 * request id → form (edge guard) → mount → headers every answer carries
 */
import type { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Hono } from "hono";
import type { Need } from "../access/admission.ts";
import { account, type Outcome } from "../api/accounting.ts";
import type { Context, Edge } from "../api/edge.ts";
import { publicRefusal } from "../api/errors.ts";
import { EXPORT_PATH } from "../api/exports.ts";
import { ReadyAnswers } from "../api/ready-answers.ts";
import { appRouter } from "../api/router.ts";
import { CALLS_PER_REQUEST } from "../contract/batch.ts";
import { DomainError } from "../lib/domain-error.ts";
import { errorText } from "../lib/log.ts";
import { randomBase32 } from "../lib/random-id.ts";
import { requireShallow } from "../lib/shallow-json.ts";
import { agentDoor, CONFIG_PATH, ENROL_PATH, REPORT_PATH } from "./agent-ingest.ts";
import { dress, refusal, retryAfterSeconds } from "./answers.ts";
import { type ClientAddresses, type ClientOrigin, isFromThisMachine } from "./client-address.ts";
import { guard, readJsonBody } from "./edge-guard.ts";
import { answerExport, answerTicket } from "./export.ts";
import { HEARTBEAT_PATH, hearBeat } from "./heartbeat.ts";
import { installFiles } from "./install-script.ts";
import { answerLive, LIVE_PATH } from "./live-lane.ts";
import type { Operations } from "./operations.ts";
import { answerPrometheus, prometheusCall, prometheusRefusal } from "./prometheus.ts";
import { PROMETHEUS_PATH } from "./prometheus-path.ts";
import type { Spa } from "./spa.ts";

export interface HttpOptions {
  edge: Edge;
  addresses: ClientAddresses;
  operations: Operations;
  spa: Spa;
}

const CALLERS_REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
const TRPC = "/api/trpc";
const READ_WITH_GET = new Set([CONFIG_PATH, EXPORT_PATH]);

interface Mounted {
  Bindings: { context: Context; url: URL };
}

export type Fetch = (request: Request, peer: string) => Promise<Response>;

/** `peer` is the address the connection comes from. */
export function createFetch(options: HttpOptions): Fetch {
  const { edge, addresses } = options;
  const app = mounts(options);
  return async (request, peer) => {
    const requestId = requestIdOf(request);
    const origin = addresses.origin(peer, request.headers);
    const context = contextFor(edge, request, requestId, origin, isFromThisMachine(peer, request.headers));
    let response: Response;
    try {
      const url = guard(request);
      response = await app.fetch(request, { context, url });
    } catch (error) {
      response = refuse(error, context, { path: "http", method: methodOf(request) });
    }
    return dress(response, {
      requestId,
      secure: origin.secure,
      userId: context.caller?.session && context.caller.person.id,
    });
  };
}

/** Every address this server answers; `tests/contract` holds a policy for each. */
export function mounts({ edge, operations, spa }: HttpOptions): Hono<Mounted> {
  const app = new Hono<Mounted>();
  for (const [path, answer] of Object.entries(operations)) app.get(path, (c) => answer(c.env.context));
  app.all(LIVE_PATH, (c) => answerLane(c.env.context, c.env.url, c.req.raw));
  app.all(`${TRPC}/*`, (c) => answerTrpc(c.env.context, c.env.url, c.req.raw));
  const agents = agentDoor();
  app.post(REPORT_PATH, (c) =>
    answerAgent(c.env.context, REPORT_PATH, (context) => agents.report(context, c.req.raw)),
  );
  app.post(ENROL_PATH, (c) =>
    answerAgent(c.env.context, ENROL_PATH, (context) => agents.enrol(context, c.req.raw)),
  );
  app.get(CONFIG_PATH, (c) => answerAgent(c.env.context, CONFIG_PATH, (context) => agents.config(context)));
  app.on(["GET", "POST"], `${HEARTBEAT_PATH}:key`, (c) =>
    answerAgent(c.env.context, HEARTBEAT_PATH, (context) => hearBeat(context, c.env.url.pathname)),
  );
  app.get(EXPORT_PATH, (c) =>
    answerAgent(c.env.context, EXPORT_PATH, (context) => answerExport(context, c.env.url, c.req.raw)),
  );
  app.get(`${EXPORT_PATH}/:ticket`, (c) =>
    answerAgent(c.env.context, EXPORT_PATH, (context) => answerTicket(context, c.env.url, c.req.raw)),
  );
  app.all(`${PROMETHEUS_PATH}*`, (c) => answerQuery(c.env.context, c.env.url, c.req.raw));
  for (const [path, answer] of Object.entries(installFiles(edge.publicUrl)))
    app.get(path, (c) => answer(c.env.context, c.env.url));
  app.all("/api/*", () => {
    throw new DomainError("not_found", "There is nothing at this address.");
  });
  app.get("*", (c) => spa.answer(c.req.raw, c.env.url.pathname));
  app.all("*", () => {
    throw new DomainError("method_not_allowed", "Only GET and HEAD are answered here.");
  });
  app.onError((error, c) => refuse(error, c.env.context, { path: "http", method: methodOf(c.req.raw) }));
  return app;
}

async function answerTrpc(context: Context, url: URL, request: Request): Promise<Response> {
  const body = request.method === "POST" ? await readJsonBody(request) : undefined;
  const input = url.searchParams.get("input");
  if (input !== null) requireShallow(Buffer.from(input));
  let unreached: TRPCError | undefined;
  const response = await fetchRequestHandler({
    endpoint: TRPC,
    req: body
      ? new Request(request.url, { method: "POST", headers: request.headers, body, signal: request.signal })
      : request,
    router: appRouter,
    maxBatchSize: CALLS_PER_REQUEST,
    createContext: ({ resHeaders }) => {
      context.resHeaders = resHeaders;
      return context;
    },
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
    onError: ({ error, ctx }) => {
      if (!ctx) unreached = error;
    },
  });
  /* Refused before there was a context: such an answer of tRPC's does not know its request id. */
  if (!unreached) return context.ready.into(response);
  const { reason, message } = publicRefusal(unreached);
  throw new DomainError(reason, message);
}

/** What is no procedure is accounted for under its path. */
async function answerAgent(
  context: Context,
  path: string,
  answer: (context: Context) => Promise<Response>,
): Promise<Response> {
  const startedAt = performance.now();
  const method = READ_WITH_GET.has(path) ? "GET" : "POST";
  try {
    const response = await answer(context);
    const seconds = (performance.now() - startedAt) / 1_000;
    account(context, { path, method, status: response.status, seconds });
    if (path === REPORT_PATH) context.edge.metrics.ingestCommit.observe(seconds);
    return response;
  } catch (error) {
    const response = refuse(error, context, { path, method });
    if (path === REPORT_PATH) {
      const reason = error instanceof DomainError ? error.reason : "internal";
      context.edge.metrics.ingestReports.add({ result: reason });
    }
    return response;
  }
}

/** Refused in the words of Prometheus, for whoever speaks them. */
async function answerQuery(context: Context, url: URL, request: Request): Promise<Response> {
  const startedAt = performance.now();
  const path = PROMETHEUS_PATH + (prometheusCall(url.pathname)?.route ?? "");
  const method = methodOf(request);
  try {
    const response = await answerPrometheus(context, url, request);
    const seconds = (performance.now() - startedAt) / 1_000;
    account(context, { path, method, status: response.status, seconds });
    return response;
  } catch (error) {
    return refuse(error, context, { path, method }, prometheusRefusal);
  }
}

async function answerLane(context: Context, url: URL, request: Request): Promise<Response> {
  const path = "live.events";
  const need = appRouter._def.record.live.events._def.meta as Need;
  try {
    /* The body of an answer to HEAD is never read, so a stream opened for one would never be closed. */
    if (request.method !== "GET") throw new DomainError("method_not_allowed", "A stream is read with GET.");
    const response = await answerLive(context, url, request, need);
    account(context, { path, method: "GET", status: response.status });
    return response;
  } catch (error) {
    return refuse(error, context, { path, method: methodOf(request) });
  }
}

function contextFor(
  edge: Edge,
  request: Request,
  requestId: string,
  { address, secure }: ClientOrigin,
  onThisMachine: boolean,
): Context {
  const { headers } = request;
  const cookies = headers.get("cookie") ?? "";
  const requested = headers.get("x-pulse-org-id");
  const host = headers.get("host")?.toLowerCase() ?? "";
  return {
    edge,
    requestId,
    origin: `${secure ? "https" : "http"}://${host}`,
    userAgent: headers.get("user-agent") ?? "",
    idempotencyKey: headers.get("idempotency-key") ?? undefined,
    resHeaders: new Headers(),
    ready: new ReadyAnswers(),
    caller: undefined,
    requested: undefined,
    claims: {
      /* A header sent twice arrives as one, joined by a comma and a space. */
      headerOrgs: requested === null ? [] : requested.split(", "),
      rawOrgCookie: edge.orgCookie.rawIn(cookies, secure),
      host: host.replace(/:\d+$/, ""),
      rawSession: edge.sessions.rawIn(cookies, secure),
      bearer: headers.get("authorization")?.replace(/^bearer /i, ""),
      address,
      onThisMachine,
      secure,
    },
  };
}

function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && CALLERS_REQUEST_ID.test(given) ? given : randomBase32(20);
}

/** Answers a refusal, and accounts for it: `path` is a procedure, or `http` for what is none. */
function refuse(
  error: unknown,
  context: Context,
  call: Pick<Outcome, "path" | "method">,
  shape: (refused: DomainError) => Response = (refused) =>
    refusal(refused, context.requestId, call.path === "http" ? undefined : call.path),
): Response {
  const refused = asRefusal(error, context);
  account(context, { ...call, status: refused.httpStatus, reason: refused.reason });
  const response = shape(refused);
  for (const cookie of context.resHeaders.getSetCookie()) response.headers.append("set-cookie", cookie);
  return response;
}

function asRefusal(error: unknown, { edge, requestId }: Context): DomainError {
  if (error instanceof DomainError) return error;
  edge.log.error("a request failed", { request_id: requestId, error: errorText(error) });
  return new DomainError("internal", "Something went wrong inside Pulse.");
}

function methodOf(request: Request): Outcome["method"] {
  return request.method === "POST" ? "POST" : "GET";
}

function retryHeaders(errors: { cause?: unknown }[]): Record<string, string> {
  const waits = errors.flatMap(({ cause }) => (cause instanceof DomainError && cause.retryAfterMs) || []);
  return waits.length === 0 ? {} : { "retry-after": retryAfterSeconds(Math.max(...waits)) };
}
