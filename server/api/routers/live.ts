/**
 * `live.events` as a typed tRPC subscription. Over HTTP it is answered by `http/live-lane`, in the
 * same wire format and through `openLive` as well; this procedure is what types the client and what
 * in-process callers use.
 */
import { tracked } from "@trpc/server";
import { type LiveEvent, LiveInput } from "../../contract/live.ts";
import type { LiveMessage } from "../../runtime/bus.ts";
import { openLive } from "../live.ts";
import { router, viewerProcedure } from "../procedures.ts";

/** Events that wait for a slow reader before it is told to catch up with a snapshot. */
const MAX_QUEUED = 256;

export const liveRouter = router({
  events: viewerProcedure.input(LiveInput).subscription(async function* ({ ctx, input, signal }) {
    const queue: LiveMessage[] = [];
    let wake = () => {};
    let ended = false;
    const stream = openLive(ctx.edge, ctx.admitted, input?.lastEventId, {
      deliver(message) {
        if (queue.length >= MAX_QUEUED) return false;
        queue.push(message);
        wake();
        return true;
      },
      end(message) {
        queue.push(message);
        ended = true;
        wake();
      },
    });
    signal?.addEventListener("abort", () => wake());
    try {
      while (!signal?.aborted) {
        const message = queue.shift();
        if (message) yield tracked(message.id, JSON.parse(message.json) as LiveEvent);
        else if (ended) return;
        else {
          stream.resume();
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stream.close();
    }
  }),
});
