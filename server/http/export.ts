/**
 * `GET /api/history/export`: history as a file that is made while it is sent. A page is read when the
 * connection has room for it, so a slow reader makes nobody buffer.
 *
 * The answer begins before it is known how it ends. When it cannot be finished the connection is broken off, which
 * every client reports, so that half a file is never taken for a whole one.
 */
import type { Admitted, Need } from "../access/admission.ts";
import { admitCall } from "../api/admit-call.ts";
import type { Context } from "../api/edge.ts";
import { type OpenExport, openExport } from "../api/exports.ts";
import { type ExportFormat, type ExportInput, exportQuery } from "../contract/export.ts";
import { DomainError } from "../lib/domain-error.ts";
import { errorText } from "../lib/log.ts";

/** Whoever takes nothing for this long is gone. */
const STALLED_AFTER_MS = 120_000;

const TYPES: Record<ExportFormat, { type: string; ending: string }> = {
  csv: { type: "text/csv; charset=utf-8; header=present", ending: "csv" },
  openmetrics: { type: "application/openmetrics-text; version=1.0.0; charset=utf-8", ending: "txt" },
};

const MEMBERS: Need = { who: "viewer", surface: "always" };
/** Which org it is about was settled when the ticket was given. */
const TICKET_HOLDERS: Need = { who: "self", surface: "always", session: "any" };

export async function answerExport(context: Context, url: URL, request: Request): Promise<Response> {
  requireGet(request);
  const admitted = await admitCall(context, MEMBERS, "query");
  return stream(context, request, admitted, () => inputOf(url, context.edge.clock()));
}

export async function answerTicket(context: Context, url: URL, request: Request): Promise<Response> {
  requireGet(request);
  const { caller } = await admitCall(context, TICKET_HOLDERS, "query");
  const secret = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  const { admitted, input } = context.edge.exports.redeem(secret, caller?.session?.idHash ?? "");
  return stream(context, request, admitted, () => input);
}

/** Whether there is room is said before anything is said about what was asked. */
async function stream(
  context: Context,
  request: Request,
  admitted: Admitted,
  asked: () => ExportInput,
): Promise<Response> {
  const { edge } = context;
  const end = edge.exports.begin(admitted.orgId);
  try {
    const input = asked();
    const opened = await openExport(edge, admitted, input);
    const { type, ending } = TYPES[input.format];
    const headers = new Headers(context.resHeaders);
    headers.set("content-type", type);
    headers.set("content-disposition", `attachment; filename="${fileName(opened.plan.name, input, ending)}"`);
    headers.set("cache-control", "no-store, no-transform");
    headers.set("x-accel-buffering", "no");
    return new Response(bodyOf(context, request.signal, opened, end), { headers });
  } catch (error) {
    end();
    throw error;
  }
}

function bodyOf(
  { edge, requestId }: Context,
  signal: AbortSignal,
  { pieces }: OpenExport,
  end: () => void,
): ReadableStream<Uint8Array> {
  let stalled: ReturnType<typeof setTimeout> | undefined;
  let isOpen = true;
  const close = () => {
    isOpen = false;
    clearTimeout(stalled);
    end();
    void pieces.return(undefined);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        /* Who left while it was being opened is not heard any more. */
        if (signal.aborted) close();
        else watch(controller);
        signal.addEventListener("abort", close, { once: true });
      },
      async pull(controller) {
        clearTimeout(stalled);
        try {
          const { done, value } = await pieces.next();
          if (!isOpen) return;
          if (done) {
            close();
            controller.close();
          } else {
            controller.enqueue(value);
            watch(controller);
          }
        } catch (error) {
          if (!isOpen) return;
          close();
          const why = error instanceof DomainError ? error.reason : errorText(error);
          edge.log.warn("an export was broken off", { request_id: requestId, reason: why });
          controller.error(new Error("the export was broken off"));
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );

  function watch(controller: ReadableStreamDefaultController): void {
    stalled = setTimeout(() => {
      close();
      controller.error(new Error("the reader stalled"));
    }, STALLED_AFTER_MS);
  }
}

function requireGet({ method }: Request): void {
  /* The body of an answer to HEAD is never read, so one opened for it would never be closed. */
  if (method !== "GET") throw new DomainError("method_not_allowed", "An export is read with GET.");
}

function inputOf({ searchParams }: URL, now: number): ExportInput {
  const given: Record<string, string[]> = {};
  for (const name of new Set(searchParams.keys()))
    Object.defineProperty(given, name, { value: searchParams.getAll(name), enumerable: true });
  const parsed = exportQuery(now).safeParse(given);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue): [string, string][] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => [key, "is not known"])
      : [[NAMES[String(issue.path[0])] ?? String(issue.path[0]), issue.message]],
  );
  throw new DomainError("invalid_request", "Some of what was sent is not valid.", {
    fields: Object.fromEntries(fields),
  });
}

/** As the query string calls them. */
const NAMES: Record<string, string> = { resourceId: "resource", metrics: "metric" };

/** Letters, digits and dashes only, whatever the resource is called. */
function fileName(name: string, { from, to }: ExportInput, ending: string): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const safe = name
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
  return `pulse-${safe || "history"}-${day(from)}-${day(to)}.${ending}`;
}
