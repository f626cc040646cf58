import type { FormKind } from "../../forms/field.ts";
import { SERVER } from "./server.ts";

export const DISCORD: FormKind = {
  label: "Discord",
  words: "A channel of a Discord server. Nobody is ever mentioned.",
  fields: [
    {
      key: "url",
      label: "Webhook address",
      input: "secret",
      help: "In Discord: Edit channel → Integrations → Webhooks → New webhook → Copy webhook URL.",
    },
    {
      key: "username",
      label: "Called there",
      input: "text",
      optional: true,
      example: "Pulse",
    },
  ],
};

export const SLACK: FormKind = {
  label: "Slack",
  words: "A channel of Slack; Mattermost and Rocket.Chat take the same.",
  fields: [
    {
      key: "url",
      label: "Webhook address",
      input: "secret",
      help: "Make an app at api.slack.com, then Incoming Webhooks → Add New Webhook; it shows the address.",
    },
  ],
};

export const TEAMS: FormKind = {
  label: "Microsoft Teams",
  words: "A channel of Teams, by a workflow.",
  fields: [
    {
      key: "url",
      label: "Workflow address",
      input: "secret",
      help: "In the channel: Workflows → Post to a channel when a webhook request is received; it shows the address at the end.",
    },
  ],
};

export const TELEGRAM: FormKind = {
  label: "Telegram",
  words: "A chat with a bot of yours, or a group it is in.",
  fields: [
    {
      key: "token",
      label: "Bot token",
      input: "secret",
      help: "Write /newbot to @BotFather; it answers with the token.",
    },
    {
      key: "chatId",
      label: "Chat",
      input: "text",
      example: "-1001234567890",
      help: "A number, or the @name of a public channel. Add the bot first, write something, then https://api.telegram.org/bot<token>/getUpdates shows the number.",
    },
    {
      key: "threadId",
      label: "Topic",
      input: "number",
      least: 1,
      most: 2_147_483_647,
      optional: true,
      further: true,
      help: "The number of a topic of a group.",
    },
    {
      ...SERVER,
      optional: true,
      further: true,
      example: "https://api.telegram.org",
      help: "Only for a Bot API server of your own.",
    },
  ],
};

export const MATRIX: FormKind = {
  label: "Matrix",
  words: "A room. Where it has encryption, these messages are unencrypted all the same.",
  fields: [
    { ...SERVER, label: "Homeserver", example: "https://matrix.example.org" },
    {
      key: "roomId",
      label: "Room",
      input: "text",
      example: "!abcdef:example.org",
      help: "Room settings → Advanced shows its internal id, which begins with !.",
    },
    {
      key: "token",
      label: "Access token",
      input: "secret",
      help: "Of an account that has joined the room. In Element: All settings → Help & About → Advanced.",
    },
  ],
};
