import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const plain = (most: number) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(most),
    emoji: z.literal(false),
  });
const Section = z.strictObject({ type: z.literal("section"), text: plain(3_000) });
const Actions = z.strictObject({
  type: z.literal("actions"),
  elements: z
    .array(z.strictObject({ type: z.literal("button"), text: plain(75), url: z.url().max(3_000) }))
    .length(1),
});
const Message = z.strictObject({
  text: z.string().min(1).max(4_000),
  attachments: z
    .array(
      z.strictObject({
        color: z.string().regex(/^#[0-9a-f]{6}$/),
        blocks: z.array(z.union([Section, Actions])).max(50),
      }),
    )
    .length(1),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
});

export const SLACK_PATH = "/services/T00000000/B00000000/opaque";

/** An incoming webhook. */
export const slackService: Service = {
  path: SLACK_PATH,
  take(request) {
    demand(request.method === "POST" && request.path === SLACK_PATH, "no_service", 404);
    const { text, attachments } = Message.parse(jsonOf(request));
    /* In mrkdwn `<` begins a mention or a link, and `&` is always one of three words. */
    demand(!/[<>]|&(?!(?:amp|lt|gt);)/.test(text), "a sign with a meaning in the text");
    demand(!/[*_~`@](?!\u2060)/.test(text), "formatting in the text");
    const blocks = attachments[0]?.blocks ?? [];
    const texts = blocks.flatMap((block) => (block.type === "section" ? [block.text.text] : []));
    const link = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []))[0]?.url;
    return { title: texts[0] ?? "", text: texts[1] ?? "", ...(link !== undefined && { link }) };
  },
  answer: () => new Response("ok"),
};
