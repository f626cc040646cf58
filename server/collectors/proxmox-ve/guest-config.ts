/** What is read from a guest's configuration, whose values are lists of `key=value` in one text. */
import type { GuestConfig } from "./requests.ts";

const MAC = /(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])/i;

/** Interfaces of one guest that are named. */
const MAC_LIMIT = 16;

/** By these the same machine is recognised when an agent in it reports, too. */
export function macAddresses(config: GuestConfig): string[] {
  const macs: string[] = [];
  for (const [name, value] of Object.entries(config)) {
    if (!/^net\d+$/.test(name) || typeof value !== "string" || macs.length === MAC_LIMIT) continue;
    const mac = MAC.exec(value)?.[0].toLowerCase();
    if (mac && !macs.includes(mac)) macs.push(mac);
  }
  return macs;
}

/** `1`, `1,type=virtio` or `enabled=1,fstrim_cloned_disks=1`. */
export function hasGuestAgent(config: GuestConfig): boolean {
  const { agent } = config;
  return agent === 1 || (typeof agent === "string" && /^(?:enabled=)?1(?:,|$)/.test(agent));
}
