/** From what is kept of a channel to what is typed, and back. Pure. */
import type { Channel } from "../../../server/contract/notifications.ts";
import type { Values } from "../sources/forms/field.ts";
import { sentFrom, valuesOf } from "../sources/forms/values.ts";
import type { ChannelKind } from "./kinds/kind.ts";

type Kept = Pick<Channel, "config" | "secretsSet">;

export function typedOf(kind: ChannelKind, kept?: Kept): Values {
  const values = valuesOf(kind.fields, kept);
  for (const key of kind.lists ?? []) {
    const known = kept?.config[key];
    if (Array.isArray(known)) values[key] = known.join("\n");
  }
  return values;
}

/** Secrets are part of a channel's config: one that was not typed is left out, one to be forgotten is empty. */
export function configFrom(kind: ChannelKind, values: Values, kept?: Kept): Record<string, unknown> {
  /* What is not typed goes back as it is. */
  if (kind.fields.length === 0) return { ...kept?.config };
  const { config, secrets } = sentFrom(kind.fields, values, kept?.secretsSet);
  for (const key of kind.lists ?? []) {
    config[key] = String(values[key] ?? "")
      .split(/[\n,;]/)
      .map((line) => line.trim())
      .filter(Boolean);
  }
  return { ...config, ...secrets };
}
