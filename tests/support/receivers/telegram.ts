import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Message = z.strictObject({
  chat_id: z.string().regex(/^(?:-?\d+|@\w+)$/),
  message_thread_id: z.int().optional(),
  text: z.string().min(1).max(4_096),
  entities: z
    .array(z.strictObject({ type: z.literal("bold"), offset: z.literal(0), length: z.int().min(1) }))
    .length(1),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
  disable_notification: z.boolean(),
});

export const TELEGRAM_TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake0";

/** `sendMessage` of the Bot API. */
export const telegramService: Service = {
  path: "",
  take(request) {
    demand(request.path === `/bot${TELEGRAM_TOKEN}/sendMessage`, "Unauthorized", 404);
    const { text, entities } = Message.parse(jsonOf(request));
    const bold = entities[0]?.length ?? 0;
    demand(text.isWellFormed(), "strings must be encoded in UTF-8");
    demand(bold <= text.length && text[bold] === "\n", "the headline is what is bold");
    /* What it makes something of by itself, but for our own link. */
    const [link] = /https:\/\/pulse\.example\.org\/\S*$/.exec(text) ?? [];
    demand(!/(?:^|\s)[@#/$]\w/m.test(text), "a mention, a command or a search");
    return {
      title: withoutJoiners(text.slice(0, bold)),
      text: withoutJoiners(text.slice(bold + 1)),
      ...(link !== undefined && { link }),
    };
  },
  answer: () => Response.json({ ok: true, result: { message_id: 1 } }),
};

function withoutJoiners(text: string): string {
  return text.replaceAll("\u2060", "");
}
