import type { Channel } from "../../../server/contract/notifications.ts";
import type { FormKind, Values } from "../forms/field.ts";
import { sentFrom } from "../forms/values.ts";

/** Secrets are part of a channel's config: one that was not typed is left out, one to be forgotten is empty. */
export function configFrom(
  kind: FormKind,
  values: Values,
  kept?: Pick<Channel, "config" | "secretsSet">,
): Record<string, unknown> {
  /* What is not typed goes back as it is. */
  if (kind.fields.length === 0) return { ...kept?.config };
  const { config, secrets } = sentFrom(kind.fields, values, kept?.secretsSet);
  return { ...config, ...secrets };
}
