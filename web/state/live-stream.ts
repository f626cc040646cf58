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

/** Ends that mean "this person may not watch any more". The others are answered by connecting again. */
const FINAL = new Set<EndReason>(["signed_out", "access_changed", "feature_disabled", "org_suspended"]);

export interface Stream {
  close: () => void;
  /** Tries now instead of when the next wait is over. */
  retry: () => void;
}

export function openStream(tell: (message: FromStream) => void): Stream {
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === "subscription",
        true: httpSubscriptionLink({ url: API_URL }),
        false: httpLink({ url: API_URL }),
      }),
    ],
  });
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
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
  };

  const askWhy = async () => {
    become("away");
    try {
      await client.session.me.query();
    } catch (error) {
      if (meansSignedOut(explain(error))) return end("signed_out");
    }
    if (!closed) later();
  };

  function connect() {
    drop();
    if (closed) return;
    become("connecting");
    let mine = true;
    const opened = client.live.events.subscribe(lastEventId ? { lastEventId } : undefined, {
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
        } else if (FINAL.has(event.data.reason)) {
          end(event.data.reason);
        } else {
          later();
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

  connect();
  return {
    close,
    retry() {
      attempt = 0;
      if (state !== "live") connect();
    },
  };
}
