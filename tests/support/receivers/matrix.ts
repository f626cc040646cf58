import { z } from "zod";
import { demand, jsonOf, Refused, type Service } from "./receiver.ts";

const Content = z.strictObject({
  msgtype: z.literal("m.text"),
  body: z.string().min(1),
  format: z.literal("org.matrix.custom.html"),
  formatted_body: z.string().min(1),
  "m.mentions": z.strictObject({}),
});

export const MATRIX_TOKEN = "syt_opaque";
export const MATRIX_ROOM = "!abcdef:example.org";

/** Sending into a room. The same transaction twice is one event: the second is refused here to be seen. */
export function matrixService(): Service {
  const transactions = new Set<string>();
  return {
    path: "",
    take(request) {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(MATRIX_ROOM)}/send/m.room.message/`;
      demand(request.method === "PUT" && request.path.startsWith(path), "M_UNRECOGNIZED", 404);
      demand(request.headers.get("authorization") === `Bearer ${MATRIX_TOKEN}`, "M_UNKNOWN_TOKEN", 401);
      const transaction = request.path.slice(path.length);
      demand(/^[\w-]+$/.test(transaction), "M_INVALID_PARAM");
      if (transactions.has(transaction)) throw new Refused(200, "known already");
      transactions.add(transaction);
      demand(request.body.length <= 60_000, "M_TOO_LARGE", 413);
      const { body, formatted_body: html } = Content.parse(jsonOf(request));
      demand(!/@room\b/.test(body + html), "the room is called");
      const [, title = "", text = "", link] =
        /^<strong>([^<>]*)<\/strong><br>((?:[^<>]|<br>(?!<a))*)(?:<br><a href="([^"<>]*)">Open in Pulse<\/a>)?$/.exec(
          html,
        ) ?? [];
      demand(title !== "", `tags that were not meant: ${html.slice(0, 200)}`);
      return {
        title: read(title),
        text: read(text.replaceAll("<br>", "\n")),
        ...(link !== undefined && { link: read(link) }),
      };
    },
    answer: () => Response.json({ event_id: "$abc" }),
  };
}

function read(html: string): string {
  demand(!/&(?!#\d+;)/.test(html), "an entity that was not meant");
  return html
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll("\u2060", "");
}
