import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Event = z.strictObject({
  routing_key: z.string().regex(/^[A-Za-z0-9]{32}$/),
  event_action: z.enum(["trigger", "acknowledge", "resolve"]),
  dedup_key: z.string().min(1).max(255),
  payload: z.strictObject({
    summary: z.string().min(1).max(1_024),
    source: z.string().min(1),
    severity: z.enum(["critical", "error", "warning", "info"]),
    timestamp: z.iso.datetime(),
    component: z.string().optional(),
    custom_details: z.record(z.string(), z.string()),
  }),
  client: z.literal("Pulse"),
  client_url: z.url().optional(),
});

/** Events API v2. `open` are the incidents there are. */
export function pagerDutyService(open = new Map<string, string>()): Service {
  return {
    path: "",
    take(request) {
      demand(request.method === "POST" && request.path === "/v2/enqueue", "not found", 404);
      const { event_action, dedup_key, payload, client_url } = Event.parse(jsonOf(request));
      if (event_action === "resolve") open.delete(dedup_key);
      else open.set(dedup_key, payload.severity);
      const text = [payload.source, payload.component ?? "", ...Object.values(payload.custom_details)];
      return {
        title: payload.summary,
        text: text.join("\n"),
        ...(client_url !== undefined && { link: client_url }),
      };
    },
    answer: () => Response.json({ status: "success", message: "Event processed" }, { status: 202 }),
  };
}
