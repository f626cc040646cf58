import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink } from "@trpc/client";
import type { AppRouter } from "../../server/api/router.ts";
import type { EndReason } from "../../server/contract/live.ts";
import { explain, meansSignedOut } from "../api/errors.ts";
import { API_URL } from "../api/url.ts";
import type { Connection, FromStream } from "./live-protocol.ts";

/**
 * The one live subscription, kept alive. EventSource reconnects by itself when a connection breaks,
 * and tRPC's link when the stream falls silent; this adds the cases where both give up (an answer
 * that is no stream, the end of a stream told by the server) and finds out why: a refused EventSource
 * says nothing, so the session is asked.
 */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Ends that are answered by connecting again. The others mean "this person may not watch any more". */
const PASSING = new Set<EndReason>(["shutting_down", "max_age"]);

export interface Stream {
  close: () => void;
  /** Tries now instead of when the next wait is over. */
  retry: () => void;
}

async function openClient(slug: string | undefined) {
  // The browser's own EventSource cannot send headers; another one is fetched where one has to be sent.
  const naming = slug === undefined ? undefined : (await import("./named-stream.ts")).streamNaming(slug);
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url: API_URL, ...naming?.stream }),
        false: httpLink({ url: API_URL, ...(naming && { headers: naming.headers }) }),
      }),
    ],
  });
  return { client, endFor: naming?.endFor };
}

/** `slug` names the place whose events are wanted; undefined where there is only one. */
export function openStream(slug: string | undefined, tell: (message: FromStream) => void): Stream {
  let opening: ReturnType<typeof openClient> | undefined;
  const open = () => {
    opening ??= openClient(slug);
    // What could not be fetched now can be later.
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  };
  let lastEventId: string | undefined;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let subscription: { unsubscribe: () => void } | undefined;
  let closed = false;
  let state: Connection["state"] | undefined;

  const become = (next: Connection["state"]) => {
    if (closed || state === next) return;
    // Trying again is still "away" until an answer has come.
    if (state === "away" && next === "connecting") return;
    state = next;
    tell({ type: "connection", connection: { state: next, since: Date.now() } });
  };

  const drop = () => {
    clearTimeout(timer);
    subscription?.unsubscribe();
    subscription = undefined;
  };

  const close = () => {
    closed = true;
    drop();
  };

  const end = (reason: EndReason) => {
    if (closed) return;
    close();
    tell({ type: "ended", reason });
  };

  const later = () => {
    drop();
    const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 15_000;
    attempt += 1;
    timer = setTimeout(() => void connect(), wait * (0.75 + Math.random() / 2));
  };

  const askWhy = async () => {
    become("away");
    try {
      const { client, endFor } = await open();
      const asked =
        slug === undefined ? client.session.me.query() : client.resources.list.query({ limit: 1 });
      const refusal = await asked.then(() => undefined, explain);
      const why = refusal && (meansSignedOut(refusal) ? "signed_out" : endFor?.(refusal.reason));
      if (why) return end(why);
    } catch {
      // Not even the program for it has arrived.
    }
    if (!closed) later();
  };

  async function connect() {
    drop();
    if (closed) return;
    become("connecting");
    let mine = true;
    subscription = { unsubscribe: () => (mine = false) };
    const opening = await open().catch(() => undefined);
    if (!mine) return;
    if (!opening) return void askWhy();
    const opened = opening.client.live.events.subscribe(lastEventId ? { lastEventId } : undefined, {
      onConnectionStateChange(change) {
        if (!mine) return;
        if (change.state === "pending") attempt = 0;
        if (change.state === "pending") become("live");
        else if (change.state === "connecting" && change.error) become("away");
      },
      onData(message) {
        if (!mine) return;
        const event = message.data;
        lastEventId = message.id;
        if (event.type !== "end") {
          tell({ type: "event", event });
        } else if (PASSING.has(event.data.reason)) {
          later();
        } else {
          end(event.data.reason);
        }
      },
      onError: () => {
        if (mine) void askWhy();
      },
    });
    subscription = {
      unsubscribe() {
        mine = false;
        opened.unsubscribe();
      },
    };
  }

  void connect();
  return {
    close,
    retry() {
      attempt = 0;
      if (state !== "live") void connect();
    },
  };
}
