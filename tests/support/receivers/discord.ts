import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Embed = z.strictObject({
  title: z.string().min(1).max(256),
  description: z.string().max(4_096),
  color: z.int().min(0).max(0xffffff),
  timestamp: z.iso.datetime(),
  url: z.url().optional(),
});
const Message = z.strictObject({
  username: z.string().min(1).max(80).optional(),
  embeds: z.array(Embed).min(1).max(10),
  allowed_mentions: z.strictObject({ parse: z.array(z.never()).max(0) }),
});

export const DISCORD_PATH = "/api/webhooks/1234567890/an-opaque_token";

/** The execute endpoint of a webhook. */
export const discordService: Service = {
  path: DISCORD_PATH,
  take(request) {
    demand(request.method === "POST" && request.path === DISCORD_PATH, "no such webhook", 404);
    const { embeds } = Message.parse(jsonOf(request));
    const [embed] = embeds;
    demand(embed, "an embed is needed");
    const { title, description, url } = embed;
    demand([title, description].join("").length <= 6_000, "the embed is too long");
    return { title: read(title), text: read(description), ...(url !== undefined && { link: url }) };
  },
  answer: () => new Response(null, { status: 204 }),
};

/** Its Markdown: a sign with a backslash is the sign; one without has a meaning, and none was meant. */
function read(text: string): string {
  const plain = text.replaceAll(/\\[^0-9A-Za-z\s]/g, "");
  demand(!/[`*_~|<>#[\]()@:]/.test(plain), `a sign with a meaning: ${plain.slice(0, 80)}`);
  demand(!/^(?:[-+]|\d+\.)\s/m.test(plain), "a list");
  return text.replaceAll(/\\([^0-9A-Za-z\s])/g, "$1");
}
