import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Message = z.strictObject({
  title: z.string().max(250),
  body: z.string().min(1),
  type: z.enum(["info", "success", "warning", "failure"]),
  format: z.literal("text"),
  tag: z.string().optional(),
  urls: z.array(z.string().regex(/^[a-z]+:\/\//)).optional(),
});

/** `POST /notify/{key}`, or `/notify` with the addresses. */
export const appriseService: Service = {
  path: "",
  take(request) {
    demand(request.method === "POST", "not allowed", 405);
    const { title, body, urls } = Message.parse(jsonOf(request));
    demand(request.path === (urls ? "/notify" : "/notify/home"), "not found", 404);
    const [link] = /https:\/\/pulse\.example\.org\/\S*$/.exec(body) ?? [];
    return { title, text: body, ...(link !== undefined && { link }) };
  },
  answer: () => Response.json({ success: true }),
};
