import { z } from "zod";
import { demand, jsonOf, type Service } from "./receiver.ts";

const Run = z.strictObject({
  type: z.literal("TextRun"),
  text: z.string(),
  weight: z.enum(["bolder"]).optional(),
  size: z.enum(["medium"]).optional(),
  color: z.enum(["attention", "warning", "good", "accent"]).optional(),
});
const Card = z.strictObject({
  type: z.literal("AdaptiveCard"),
  $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
  version: z.literal("1.4"),
  fallbackText: z.string().min(1),
  body: z
    .array(
      z.strictObject({
        type: z.literal("RichTextBlock"),
        inlines: z.array(Run).length(1),
        spacing: z.literal("small"),
      }),
    )
    .min(1),
  actions: z
    .array(z.strictObject({ type: z.literal("Action.OpenUrl"), title: z.string(), url: z.url() }))
    .length(1)
    .optional(),
});
const Message = z.strictObject({
  type: z.literal("message"),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal("application/vnd.microsoft.card.adaptive"),
        contentUrl: z.null(),
        content: Card,
      }),
    )
    .length(1),
});

export const TEAMS_PATH = "/workflows/abc/triggers/manual/paths/invoke";

/** A workflow that posts a card to a channel. Only runs of rich text: nothing in them is Markdown. */
export const teamsService: Service = {
  path: TEAMS_PATH,
  take(request) {
    demand(request.method === "POST" && request.path === TEAMS_PATH, "no such workflow", 404);
    demand(request.query.get("sig") === "opaque", "the signature is missing", 401);
    demand(request.body.length <= 28 * 1024, "a message may have 28 KB", 413);
    const card = Message.parse(jsonOf(request)).attachments[0]?.content;
    const [title = "", ...lines] = card?.body.map(({ inlines }) => inlines[0]?.text ?? "") ?? [];
    const link = card?.actions?.[0]?.url;
    return { title, text: lines.join("\n"), ...(link !== undefined && { link }) };
  },
  answer: () => new Response(null, { status: 202 }),
};
