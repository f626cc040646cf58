import type { Config } from "../config.ts";
import type { MultiTenantStatus } from "../instance/switch.ts";
import { type Command, UsageError } from "./command.ts";
import { operate } from "./operate.ts";

const usageOf = ({ multiTenant: allowed }: Config) => `pulse multi-tenant status|on${allowed ? "|off" : ""}`;

export const multiTenant: Command = {
  name: "multi-tenant",
  usage: (config) => [usageOf(config)],
  summary: "whether it serves more than one",
  takesWords: true,
  async run({ words, config, out }) {
    const [action, ...more] = words;
    const known = action === "status" || action === "on" || action === "off";
    if (!known || more.length > 0) throw new UsageError(`usage: ${usageOf(config)}`);
    const status = (
      action === "status"
        ? await operate(config, "multiTenant.status", undefined)
        : await operate(config, "multiTenant.switch", { by: { kind: "command" }, on: action === "on" })
    ) as MultiTenantStatus;
    out.answer(status, [wordsOf(status)]);
    return 0;
  },
};

function wordsOf({ enabled, environment }: MultiTenantStatus): string {
  if (enabled) return "on";
  return environment
    ? "off: switched off by an operator; `pulse multi-tenant on` switches it on again"
    : "off: PULSE_MULTI_TENANT_ENABLED is not true in the environment";
}
