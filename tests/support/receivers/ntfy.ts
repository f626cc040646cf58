import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Message = z.strictObject({
  topic: z.string().regex(/^[\w-]{1,64}$/),
  title: z.string().min(1).max(250),
  message: z.string().min(1),
  priority: z.int().min(1).max(5),
  tags: z.array(z.string().regex(/^\w+$/)),
  markdown: z.literal(false),
  click: z.url().optional(),
});

export const NTFY_TOKEN = "tk_opaque";

/** Publishing as JSON, to the root of the server. */
export const ntfyService: Service = {
  path: "",
  take(request) {
    demand(request.method === "POST" && request.path === "/", "not found", 404);
    demand(request.headers.get("authorization") === `Bearer ${NTFY_TOKEN}`, "unauthorized", 401);
    const { title, message, click } = Message.parse(jsonOf(request));
    demand(Buffer.byteLength(message) <= 4_096, "it would become a file");
    return { title, text: message, ...(click !== undefined && { link: click }) };
  },
  answer: () => Response.json({ id: "abc", event: "message" }),
};
