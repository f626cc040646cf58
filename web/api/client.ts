import { createTRPCClient, httpBatchLink, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "../../server/api/router.ts";
import { CALLS_PER_REQUEST } from "../../server/contract/batch.ts";
import { explain, type Refusal } from "./errors.ts";
import { type Place, place } from "./org-context.ts";
import { API_URL } from "./url.ts";

/** About the person or the server: the same wherever the tab stands, and asked without naming a place. */
const UNPLACED = /^(?:session|features|system)\./;

let whenRefused: (refusal: Refusal, at: Place) => void = () => {};

/** Hears of every refusal that a place answered with while the tab still stood there. */
export function onRefused(handler: (refusal: Refusal, at: Place) => void): void {
  whenRefused = handler;
}

/** Questions asked in the same moment travel together; a batch stays short enough for a URL. */
function batchFor(headers: Record<string, string>): TRPCLink<AppRouter> {
  return httpBatchLink({
    url: API_URL,
    maxItems: CALLS_PER_REQUEST,
    maxURLLength: 6_000,
    headers,
  });
}

/**
 * A call belongs to the place it was made in, also when it is sent a moment later. With the place it
 * is given up: it is aborted, and whatever still comes back for it is told to nobody.
 */
const placedLink: TRPCLink<AppRouter> = (runtime) => {
  const unplaced = batchFor({})(runtime);
  let newest: { place: Place; send: ReturnType<TRPCLink<AppRouter>> } | undefined;
  const sendFrom = (here: Place) => {
    if (newest?.place !== here) newest = { place: here, send: batchFor(here.headers)(runtime) };
    return newest.send;
  };
  return ({ op, next }) => {
    if (UNPLACED.test(op.path)) return unplaced({ op, next });
    const here = place();
    const signal = op.signal ? AbortSignal.any([op.signal, here.signal]) : here.signal;
    return observable((observer) =>
      sendFrom(here)({ op: { ...op, signal }, next }).subscribe({
        next(value) {
          if (!here.signal.aborted) observer.next(value);
        },
        error(error) {
          if (here.signal.aborted) return;
          observer.error(error);
          // Whoever gave it up themselves was not refused.
          if (!signal.aborted) whenRefused(explain(error), here);
        },
        complete() {
          if (!here.signal.aborted) observer.complete();
        },
      }),
    );
  };
};

export const api = createTRPCClient<AppRouter>({ links: [placedLink] });
