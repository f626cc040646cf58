import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Message = z.strictObject({
  title: z.string().min(1),
  message: z.string().min(1),
  priority: z.int().min(0).max(10),
  extras: z.strictObject({
    "client::display": z.strictObject({ contentType: z.literal("text/plain") }),
    "client::notification": z.strictObject({ click: z.strictObject({ url: z.url() }) }).optional(),
  }),
});

export const GOTIFY_TOKEN = "AnOpaqueToken.1";

/** `POST /message` of an application. */
export const gotifyService: Service = {
  path: "",
  take(request) {
    demand(request.method === "POST" && request.path === "/message", "not found", 404);
    demand(request.headers.get("x-gotify-key") === GOTIFY_TOKEN, "unauthorized", 401);
    const { title, message, extras } = Message.parse(jsonOf(request));
    const link = extras["client::notification"]?.click.url;
    return { title, text: message, ...(link !== undefined && { link }) };
  },
  answer: () => Response.json({ id: 1 }),
};
