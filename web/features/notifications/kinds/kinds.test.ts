import { expect, test } from "bun:test";
import type { z } from "zod";
import type { ChannelType } from "../../../../server/contract/notifications.ts";
import { CHANNELS } from "../../../../server/notifications/channels.ts";
import type { Values } from "../../forms/field.ts";
import { valuesOf } from "../../forms/values.ts";
import { configFrom } from "../values.ts";
import { KINDS, OFFERED } from "./kinds.ts";

/** What is typed into the fields that must be filled in, and where a change of form could lose something. */
const TYPED: Partial<Record<ChannelType, Values>> = {
  email: {
    host: "smtp.example.org",
    user: "ada",
    password: "pass word",
    from: "pulse@example.org",
    to: "ada@example.org\nnoah@example.org",
  },
  webhook: {
    url: "https://example.org/hook",
    secret: "a-secret-of-both",
    headers: "Authorization: Bearer abc\nX-Place: home",
    template: '{"text": "{{title}}"}',
  },
  discord: { url: "https://discord.com/api/webhooks/1234567890/an-opaque_token" },
  slack: { url: "https://hooks.slack.com/services/T0/B0/abc" },
  teams: { url: "https://example.org/workflows/abc?sig=def" },
  telegram: { token: "123456789:AAF0123456789012345678901234567", chatId: "-1001234567890", threadId: "7" },
  ntfy: { topic: "nobody-guesses-this" },
  gotify: { server: "https://gotify.example.org", token: "AnOpaqueToken.1" },
  pushover: { token: "a".repeat(30), user: "u".repeat(30) },
  matrix: { server: "https://matrix.example.org", roomId: "!abcdef:example.org", token: "syt_opaque" },
  pagerduty: { routingKey: "0".repeat(32) },
  apprise: { server: "https://apprise.example.org", urls: "json://example.org\nxml://example.org" },
};

function judge(type: ChannelType, typed: Values) {
  const kind = KINDS[type];
  const sent = configFrom(kind, { ...valuesOf(kind.fields), ...typed });
  return { sent, judged: CHANNELS[type].config.safeParse(sent) };
}

test.each(OFFERED)("%s: every setting can be entered, and what is secret is entered as one", (type) => {
  const { fields } = KINDS[type];
  const form = CHANNELS[type];
  const shape = (form.config as unknown as z.ZodObject).shape;
  expect(fields.map(({ key }) => key).sort()).toEqual(Object.keys(shape).sort());
  const secrets = fields.filter(({ input }) => input === "secret").map(({ key }) => key);
  expect(secrets.sort()).toEqual([...form.secrets].sort() as string[]);
});

test.each(OFFERED)("%s: what the form sends is taken", (type) => {
  expect(judge(type, TYPED[type] ?? {}).judged.error?.issues ?? []).toEqual([]);
});

test.each(OFFERED)("%s: what is kept stands in the form as it was entered, and secrets stay", (type) => {
  const { judged } = judge(type, TYPED[type] ?? {});
  const whole = judged.data as Record<string, unknown>;
  const secrets = new Set<string>(CHANNELS[type].secrets);
  const entries = Object.entries(whole);
  const kept = {
    config: Object.fromEntries(entries.filter(([name]) => !secrets.has(name))),
    secretsSet: entries.map(([name]) => name).filter((name) => secrets.has(name)),
  };
  const again = configFrom(KINDS[type], valuesOf(KINDS[type].fields, kept), kept);
  expect(Object.keys(again).filter((name) => secrets.has(name))).toEqual([]);
  const sealed = Object.fromEntries(entries.filter(([name]) => secrets.has(name)));
  expect(CHANNELS[type].config.parse({ ...sealed, ...again }) as unknown).toEqual(whole);
});
