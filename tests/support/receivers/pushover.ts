import { z } from "zod";
import { demand, type Service } from "./receiver.ts";

const key = z.string().regex(/^[A-Za-z0-9]{30}$/);
const Message = z
  .strictObject({
    token: key,
    user: key,
    title: z.string().min(1).max(250),
    message: z.string().min(1).max(1_024),
    priority: z.enum(["-2", "-1", "0", "1", "2"]),
    timestamp: z.string().regex(/^\d{10}$/),
    retry: z.string().regex(/^\d+$/).optional(),
    expire: z.string().regex(/^\d+$/).optional(),
    device: z.string().optional(),
    sound: z.string().optional(),
    url: z.url().max(512).optional(),
    url_title: z.string().max(100).optional(),
  })
  .refine(({ priority, retry, expire }) => (priority === "2") === Boolean(retry && expire))
  .refine(({ retry }) => retry === undefined || Number(retry) >= 30)
  .refine(({ expire }) => expire === undefined || Number(expire) <= 10_800);

/** The messages endpoint; `html` is not in it, so the text is text. */
export const pushoverService: Service = {
  path: "",
  take({ method, path, headers, body }) {
    demand(method === "POST" && path === "/1/messages.json", "not found", 404);
    demand(headers.get("content-type") === "application/x-www-form-urlencoded", "must be a form", 415);
    const fields = [...new URLSearchParams(body.toString("latin1"))];
    demand(new Set(fields.map(([name]) => name)).size === fields.length, "a field stands there twice");
    const { title, message, url } = Message.parse(Object.fromEntries(fields));
    return { title, text: message, ...(url !== undefined && { link: url }) };
  },
  answer: () => Response.json({ status: 1, request: "abc" }),
};
