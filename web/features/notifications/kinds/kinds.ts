import type { ChannelType } from "../../../../server/contract/notifications.ts";
import type { FormKind } from "../../forms/field.ts";
import { DISCORD, MATRIX, SLACK, TEAMS, TELEGRAM } from "./chat.ts";
import { APPRISE, EMAIL, PAGERDUTY, WEBHOOK } from "./mail-and-web.ts";
import { GOTIFY, NTFY, PUSHOVER } from "./phone.ts";

/** How each type of channel is asked for. */
export const KINDS: Record<ChannelType, FormKind> = {
  email: EMAIL,
  webhook: WEBHOOK,
  discord: DISCORD,
  slack: SLACK,
  teams: TEAMS,
  telegram: TELEGRAM,
  ntfy: NTFY,
  gotify: GOTIFY,
  pushover: PUSHOVER,
  matrix: MATRIX,
  pagerduty: PAGERDUTY,
  apprise: APPRISE,
  /** Nothing of it is typed: what it is made of comes from a browser that agreed. */
  webpush: { label: "Web Push", words: "One browser that has agreed to messages.", fields: [] },
};

/** Those that can be set up by hand, in the order they are offered. */
export const OFFERED = (Object.keys(KINDS) as ChannelType[]).filter((type) => KINDS[type].fields.length > 0);
