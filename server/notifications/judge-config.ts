/** The config of a channel, judged in the form of its type and parted into what is shown and what is sealed. */
import type { ChannelType } from "../contract/notifications.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Secrets } from "../lib/sealed-secrets.ts";
import type { StoredChannel } from "./channel-book.ts";
import { CHANNELS } from "./channels.ts";

export type ChannelConfig = Record<string, unknown>;

/** Of `config` what is `null` or empty is as if it were not there. */
export function judged(type: ChannelType, config: ChannelConfig): ChannelConfig {
  const parsed = CHANNELS[type].config.safeParse(given(config));
  if (parsed.success) return parsed.data as ChannelConfig;
  const fields = Object.fromEntries(
    parsed.error.issues
      .slice(0, 10)
      .map(({ path, message }) => [["config", ...path.map(String)].join("."), message]),
  );
  const [where = "config", what = "is not valid"] = Object.entries(fields)[0] ?? [];
  throw new DomainError("invalid_request", `${where.split(".").at(-1)} ${what}.`, { fields });
}

/** As it would be after an update, or for a try: secrets that are left out are what is kept. */
export function joined(known: StoredChannel, kept: Secrets, config: ChannelConfig): ChannelConfig {
  const { goesTo } = CHANNELS[known.type];
  const next = judged(known.type, { ...kept, ...config });
  const again = known.secretsSet.filter((name) => config[name] === undefined);
  /* Else somebody who may not see a credential could have it sent to a server of their own. */
  if (again.length > 0 && goesTo(next) !== goesTo({ ...known.config, ...kept })) {
    throw new DomainError("invalid_request", "The address has changed: enter the credentials again.", {
      fields: Object.fromEntries(again.map((name) => [`config.${name}`, "must be entered again"])),
    });
  }
  return next;
}

export function parted(type: ChannelType, whole: ChannelConfig): { config: ChannelConfig; secrets: Secrets } {
  const names = new Set<string>(CHANNELS[type].secrets);
  const entries = Object.entries(whole).filter(([, value]) => value !== undefined);
  return {
    config: Object.fromEntries(entries.filter(([name]) => !names.has(name))),
    secrets: Object.fromEntries(entries.filter(([name]) => names.has(name))),
  };
}

function given(config: ChannelConfig): ChannelConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null && value !== ""));
}
