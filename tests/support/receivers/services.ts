/** Every service there is a channel for, and a config with which it is reached at `url`. */
import type { ChannelType } from "../../../server/contract/notifications.ts";
import { appriseService } from "./apprise.ts";
import { DISCORD_PATH, discordService } from "./discord.ts";
import { GOTIFY_TOKEN, gotifyService } from "./gotify.ts";
import { MATRIX_ROOM, MATRIX_TOKEN, matrixService } from "./matrix.ts";
import { NTFY_TOKEN, ntfyService } from "./ntfy.ts";
import { pagerDutyService } from "./pagerduty.ts";
import { pushoverService } from "./pushover.ts";
import type { Service } from "./receiver.ts";
import { SLACK_PATH, slackService } from "./slack.ts";
import { TEAMS_PATH, teamsService } from "./teams.ts";
import { TELEGRAM_TOKEN, telegramService } from "./telegram.ts";
import { WEBHOOK_SECRET, webhookService } from "./webhook.ts";
import { browser } from "./webpush.ts";

const KEY = "a".repeat(30);
const push = await browser();

export interface Served {
  service: () => Service;
  config: (url: string) => Record<string, unknown>;
}

/** `email` speaks SMTP: see `smtp.ts`. */
export const SERVICES: Record<Exclude<ChannelType, "email">, Served> = {
  webhook: {
    service: () => webhookService(),
    config: (url) => ({ url: `${url}/hook`, secret: WEBHOOK_SECRET }),
  },
  discord: { service: () => discordService, config: (url) => ({ url: url + DISCORD_PATH }) },
  slack: { service: () => slackService, config: (url) => ({ url: url + SLACK_PATH }) },
  teams: { service: () => teamsService, config: (url) => ({ url: `${url}${TEAMS_PATH}?sig=opaque` }) },
  telegram: {
    service: () => telegramService,
    config: (server) => ({ token: TELEGRAM_TOKEN, chatId: "-1001234567890", server }),
  },
  ntfy: {
    service: () => ntfyService,
    config: (server) => ({ server, topic: "alerts", token: NTFY_TOKEN }),
  },
  gotify: { service: () => gotifyService, config: (server) => ({ server, token: GOTIFY_TOKEN }) },
  pushover: { service: () => pushoverService, config: () => ({ token: KEY, user: KEY }) },
  matrix: {
    service: matrixService,
    config: (server) => ({ server, roomId: MATRIX_ROOM, token: MATRIX_TOKEN }),
  },
  pagerduty: { service: () => pagerDutyService(), config: () => ({ routingKey: "b".repeat(32) }) },
  webpush: {
    service: () => push,
    config: () => ({ endpoint: `https://push.example.net${push.path}`, ...push.subscription }),
  },
  apprise: { service: () => appriseService, config: (server) => ({ server, key: "home" }) },
};
