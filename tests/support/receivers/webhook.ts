import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const thing = z.strictObject({ id: z.string(), name: z.string() });
const Alert = z.strictObject({
  id: z.string().min(1),
  event: z.enum(["fired", "updated", "resolved", "test"]),
  level: z.enum(["warning", "critical"]),
  title: z.string().min(1),
  lines: z.array(z.string()),
  resource: thing.optional(),
  machine: thing.optional(),
  value: z.string().optional(),
  threshold: z.string().optional(),
  since: z.int(),
  link: z.url().optional(),
});
const Message = z.strictObject({
  source: z.literal("pulse"),
  id: z.string().min(1),
  at: z.int(),
  level: z.enum(["critical", "warning", "resolved", "test"]),
  title: z.string().min(1),
  text: z.string(),
  alerts: z.array(Alert).min(1),
  more: z.int().min(0),
  link: z.url().optional(),
});

export const WEBHOOK_SECRET = "a-secret-of-both-sides";

/** Somebody's own receiver, as docs/notifications.md says to write it: nothing old, nothing unsigned. */
export function webhookService(clock: () => number = Date.now): Service {
  return {
    path: "/hook",
    take(request) {
      demand(request.method === "POST" && request.path === "/hook", "not found", 404);
      const timestamp = request.headers.get("x-pulse-timestamp") ?? "";
      demand(/^\d{10}$/.test(timestamp), "no timestamp");
      demand(Math.abs(clock() / 1_000 - Number(timestamp)) < 300, "too old");
      const expected = createHmac("sha256", WEBHOOK_SECRET)
        .update(`${timestamp}.${request.body.toString("utf8")}`)
        .digest("hex");
      const [version, signature = ""] = (request.headers.get("x-pulse-signature") ?? "").split("=");
      demand(version === "v1" && signature.length === expected.length, "no signature", 401);
      demand(timingSafeEqual(Buffer.from(signature), Buffer.from(expected)), "a false signature", 401);
      const { id, title, text, link } = Message.parse(jsonOf(request));
      demand(request.headers.get("x-pulse-event-id") === id, "another id in the header");
      return { title, text, ...(link !== undefined && { link }) };
    },
    answer: () => new Response(null, { status: 204 }),
  };
}
