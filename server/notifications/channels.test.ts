/**
 * What is sent is what the service wants, and says what was meant, whatever the things that are watched are
 * called. Each receiver is as strict as the service (tests/support/receivers).
 */
import { describe, expect, test } from "bun:test";
import { readMail } from "../../tests/support/receivers/mail.ts";
import { receivedOf, type Shown } from "../../tests/support/receivers/receiver.ts";
import { SERVICES } from "../../tests/support/receivers/services.ts";
import {
  CHANNEL_TYPES,
  type ChannelType,
  MESSAGE_LIMITS,
  type NotificationMessage,
  type ToldAlert,
} from "../contract/notifications.ts";
import { makePushKey } from "./channels/webpush-seal.ts";
import { CHANNELS, encode } from "./channels.ts";
import { tidyText } from "./tidy.ts";
import { wordingOf } from "./wording.ts";

const pushKey = await makePushKey();
const AT = Date.UTC(2026, 10, 28, 22, 1);
const MAIL = {
  host: "mail.example.org",
  port: 465,
  security: "tls",
  from: "pulse@example.org",
  to: ["ada@example.org", "bob@example.org"],
};

let made = 0;
function alertOf(more: Partial<ToldAlert> = {}): ToldAlert {
  return {
    id: `alert-${made++}`,
    event: "fired",
    level: "critical",
    title: "The CPU of nas is at 97 %",
    lines: ["It has been above 90 % for 5 minutes."],
    resource: { id: "r1", name: "nas" },
    value: "97 %",
    threshold: "90 %",
    since: AT - 300_000,
    link: "https://pulse.example.org/resources/r1",
    ...more,
  };
}

function messageOf(...alerts: ToldAlert[]): NotificationMessage {
  const told = alerts.length > 0 ? alerts : [alertOf()];
  return { id: `message-${made++}`, at: AT, alerts: told, more: 0, link: "https://pulse.example.org/" };
}

/** What a person sees of a message that came by this way. */
async function shownBy(type: ChannelType, message: NotificationMessage): Promise<Shown> {
  const now = Date.now();
  const around = { now, pushKey: () => pushKey, publicUrl: "https://pulse.example.org" };
  const given = type === "email" ? MAIL : SERVICES[type].config("http://127.0.0.1:1");
  const config = CHANNELS[type].config.parse(given) as Record<string, unknown>;
  const outgoing = await encode(type, message, config, around);
  if (outgoing.kind === "mail") return readMail(outgoing.text);
  if (type === "email") throw new Error("no mail");
  return SERVICES[type].service().take(receivedOf(outgoing));
}

const flat = (text: string) => text.replaceAll(/\s+/g, " ");

describe("a service takes it, and shows what happened:", () => {
  for (const type of CHANNEL_TYPES) {
    test(type, async () => {
      const fired = await shownBy(type, messageOf());
      expect(fired.title).toBe("Critical: The CPU of nas is at 97 %");
      for (const said of ["97 %", "90 %", "nas"]) expect(fired.text).toContain(said);
      expect(fired.link).toBe("https://pulse.example.org/resources/r1");

      const resolved = await shownBy(type, messageOf(alertOf({ event: "resolved" })));
      expect(resolved.title).toBe("Resolved: The CPU of nas is at 97 %");

      const tried = await shownBy(type, messageOf(alertOf({ event: "test", title: "It works" })));
      expect(tried.title).toBe("Test: It works");

      const { link: _, ...message } = messageOf(alertOf({ link: undefined as never }));
      const { link: __, ...alert } = message.alerts[0]!;
      expect((await shownBy(type, { ...message, alerts: [alert] })).link).toBeUndefined();
    });
  }
});

describe("several alerts are one message, of which each is a line:", () => {
  for (const type of CHANNEL_TYPES.filter((one) => !CHANNELS[one].oneAlertEach)) {
    test(type, async () => {
      const message = messageOf(
        alertOf(),
        alertOf({ level: "warning", title: "A disk of nas is nearly full" }),
        alertOf({ event: "resolved", title: "web answers again" }),
      );
      const { title, text } = await shownBy(type, { ...message, more: 9_997 });
      expect(title).toBe("10000 alerts: 1 critical, 1 warning, 1 resolved, 9997 more");
      for (const said of [
        "Critical: The CPU of nas is at 97 %",
        "Warning: A disk of nas is nearly full",
        "Resolved: web answers again",
        "9997 more",
      ])
        expect(text).toContain(said);
    });
  }
});

/** Each is a name that somebody could give a machine, a container or a disk. */
const PAYLOADS: [what: string, text: string][] = [
  ["a header of a mail", "x\r\nBcc: thief@example.net\r\n\r\nHello"],
  ["a header, by a bare line feed", "x\nBcc: thief@example.net"],
  ["a header, by a bare carriage return", "x\rBcc: thief@example.net"],
  ["a header, folded", "x\r\n Bcc: thief@example.net"],
  ["a header of HTTP", "x\r\nX-Pulse-Event-ID: 0\r\n\r\n"],
  ["the end of a mail", "x\r\n.\r\nMAIL FROM:<a@example.net>"],
  ["a boundary", "--pulse-0000\r\nContent-Type: text/html"],
  ["an encoded word", "=?utf-8?B?QmNjOiB0aGllZkBleGFtcGxlLm5ldA==?="],
  ["an image", '<img src=x onerror="alert(1)">'],
  ["a script", "<script>alert(1)</script>"],
  ["a closing tag", "</td></table></body><h1>You have won</h1>"],
  ["an attribute", '" onmouseover="alert(1)'],
  ["an entity", "&lt;b&gt; &#60; &amp; &nbsp;"],
  ["a link of HTML", '<a href="https://phish.example">log in</a>'],
  ["a link of Markdown", "[log in](https://phish.example)"],
  ["an image of Markdown", "![x](https://phish.example/p.png)"],
  ["a link of Slack", "<https://phish.example|log in>"],
  ["everybody of Discord", "@everyone and @here"],
  ["a person of Discord", "<@123456789012345678> <@&123456789012345678>"],
  ["a channel of Slack", "<!channel> <!here> <!everyone>"],
  ["a person of Slack", "<@U024BE7LH>"],
  ["a person of Telegram", "@durov /start #spam $TON"],
  ["a room of Matrix", "@room"],
  ["a person of Teams", "<at>Ada</at>"],
  ["bold and the like", "**bold** *italic* __under__ ~~struck~~ ||spoiler||"],
  ["code", "```sh\nrm -rf /\n``` and `code`"],
  ["a heading", "# Heading"],
  ["a list", "- one\n- two\n1. three"],
  ["a quotation", "> said\n>>> said"],
  ["a table", "| a | b |\n|---|---|\n| 1 | 2 |"],
  ["emoji by name", ":skull: :fire:"],
  ["emoji", "👨‍👩‍👧‍👦 🏴‍☠️ 🇩🇪 ❤️‍🔥"],
  ["half an emoji", "\ud83d alone, and \udc4d alone"],
  ["from right to left", "\u202egnp.exe\u202c \u2066abc\u2069"],
  ["what cannot be seen", "a\u200bb\u200cc\ufeffd\u00ade"],
  ["controls", "\u0000\u0001\u0007\u001b[31mred\u001b[0m\u007f\u0085\u009f"],
  ["other line breaks", "a\u2028b\u2029c\u000bd\u000ce"],
  ["other letters", "名前 اسم имя όνομα नाम"],
  ["marks upon marks", `z${"\u0300".repeat(400)}algo`],
  ["10 kB", "nas-".repeat(2_500)],
  ["10 kB of emoji", "👍".repeat(2_500)],
  ["10 kB of one sign", "<".repeat(10_000)],
  ["10 kB of backslashes", "\\".repeat(10_000)],
  ["10 kB of quotes", '"'.repeat(10_000)],
  ["places of templates", "{{title}} {{secret}} {{{x}}} #{env.PATH} {% if %}"],
  ["a formula", '=cmd|"/c calc"!A1 +1 -1 @SUM(1)'],
  ["the end of JSON", '"}],"allowed_mentions":{"parse":["everyone"]},"x":[{"y":"'],
  ["the end of a form", "x&priority=2&html=1&token=other%0d%0a"],
  ["a format", "%s %d %n %00 %0d%0a"],
  ["a path", "../../../etc/passwd"],
  ["nothing", ""],
  ["only spaces", " \t  "],
];

test("there are enough of them", () => expect(PAYLOADS.length).toBeGreaterThanOrEqual(40));

describe("a name stays a name, and nothing else is sent than without it:", () => {
  for (const type of CHANNEL_TYPES) {
    describe(type, () => {
      for (const [what, text] of PAYLOADS) {
        test(what, async () => {
          const hostile = {
            title: `${text} is down`,
            lines: [text, `And ${text}`],
            resource: { id: "r1", name: text },
            machine: { id: "r2", name: text },
            value: text,
            threshold: text,
          };
          const one = messageOf(alertOf(hostile));
          const shown = await shownBy(type, one);
          expect(shown.title.isWellFormed() && shown.text.isWellFormed()).toBe(true);
          expect(shown.title).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
          /* What is shown is what was meant, word for word, as far as there is room for it. */
          const meant = wordingOf({
            ...one,
            alerts: [{ ...one.alerts[0]!, title: cleaned(`${text} is down`) }],
          });
          const seen = flat(shown.title).replace(/\u2026$/, "");
          expect(flat(meant.headline).startsWith(seen.slice(0, 100))).toBe(true);

          const many = messageOf(...Array.from({ length: 30 }, () => alertOf(hostile)));
          expect((await shownBy(type, { ...many, more: 5 })).title.isWellFormed()).toBe(true);
        });
      }
    });
  }
});

function cleaned(text: string): string {
  return tidyText(text, MESSAGE_LIMITS.titleLength) || "An alert";
}

test("a push service replaces a message only by one that tells of the same alert and nothing else", async () => {
  const around = { now: AT, pushKey: () => pushKey, publicUrl: undefined };
  const topicOf = async (message: NotificationMessage) => {
    const config = SERVICES.webpush.config("") as Record<string, unknown>;
    const outgoing = await encode("webpush", message, config, around);
    return outgoing.kind === "http" ? outgoing.headers["topic"] : undefined;
  };
  const [nas, db] = [alertOf(), alertOf()];
  const topic = await topicOf(messageOf(nas));
  expect(topic).toBeTruthy();
  expect(await topicOf(messageOf({ ...nas, event: "resolved" }))).toBe(topic);
  expect(await topicOf(messageOf(db))).not.toBe(topic);
  expect(await topicOf(messageOf(nas, db))).toBeUndefined();
  expect(await topicOf({ ...messageOf(nas), more: 1 })).toBeUndefined();
});

test("a message that is sent again is the same to whoever can tell: the id, the key, the transaction", async () => {
  const message = messageOf();
  const around = { pushKey: () => pushKey, publicUrl: undefined };
  for (const type of ["webhook", "matrix", "pagerduty", "email"] as const) {
    const given = type === "email" ? MAIL : SERVICES[type].config("http://127.0.0.1:1");
    const config = CHANNELS[type].config.parse(given) as Record<string, unknown>;
    const [first, again] = await Promise.all(
      [1_000_000, 90_000_000].map((now) => encode(type, message, config, { ...around, now })),
    );
    const tellsBy = (outgoing: typeof first) => {
      if (!outgoing) throw new Error("nothing was encoded");
      if (outgoing.kind === "mail") return readMail(outgoing.text).headers.get("message-id");
      if (type === "webhook") return outgoing.headers["x-pulse-event-id"];
      return type === "matrix" ? outgoing.url : (JSON.parse(String(outgoing.body)).dedup_key as string);
    };
    expect([type, tellsBy(first)]).toEqual([type, tellsBy(again)]);
    expect(tellsBy(first)).toBeTruthy();
  }
});
