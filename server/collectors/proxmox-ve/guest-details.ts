/** What each guest is configured as, and what can be seen inside of it. */
import type { ProxmoxApi } from "../proxmox/api.ts";
import { type Errand, Kept } from "../proxmox/kept.ts";
import { ProxmoxError } from "../proxmox/proxmox-error.ts";
import { hasGuestAgent } from "./guest-config.ts";
import type { GuestPicture } from "./picture.ts";
import { type AgentFilesystem, type GuestConfig, type ResourceRow, veRequests } from "./requests.ts";

const MINUTE = 60_000;

/** Up to so many guests each is asked at its own pace; more share the same number of requests. */
const UNSTRETCHED_GUESTS = 150;

/** Of one guest. */
const ADDRESS_LIMIT = 16;

interface Os {
  name?: string | undefined;
  kernel?: string | undefined;
}

export class GuestDetails {
  private readonly configs = new Kept<GuestConfig>(30 * MINUTE);
  private readonly addresses = new Kept<string[]>(5 * MINUTE);
  private readonly filesystems = new Kept<AgentFilesystem[]>(5 * MINUTE);
  private readonly systems = new Kept<Os>(60 * MINUTE);

  constructor(private readonly api: ProxmoxApi) {}

  errands(
    rows: readonly ResourceRow[],
    online: readonly string[],
    now: number,
    mayAskAgents: boolean,
  ): (Errand | undefined)[] {
    const nodes = new Set(online);
    const guests = guestsOf(rows);
    const keys = guests.map(({ vmid }) => String(vmid));
    for (const kept of [this.configs, this.addresses, this.filesystems, this.systems]) {
      kept.only(keys);
      kept.stretch(guests.length / UNSTRETCHED_GUESTS);
    }
    return guests
      .filter(({ node }) => nodes.has(node))
      .flatMap((guest) =>
        guest.type === "lxc"
          ? this.containerErrands(guest, now)
          : this.machineErrands(guest, now, mayAskAgents),
      );
  }

  private containerErrands({ node, vmid, status }: GuestRow, now: number): (Errand | undefined)[] {
    const key = String(vmid);
    const config = this.configs.errand(key, now, () => this.api.get(veRequests.lxcConfig(node, vmid)));
    if (status !== "running") return [config];
    return [
      config,
      this.addresses.errand(key, now, async () => {
        const interfaces = await this.api.get(veRequests.lxcInterfaces(node, vmid));
        return useful(interfaces.flatMap(({ inet, inet6 }) => [inet, inet6]));
      }),
    ];
  }

  private machineErrands(
    { node, vmid, status }: GuestRow,
    now: number,
    mayAskAgents: boolean,
  ): (Errand | undefined)[] {
    const { api } = this;
    const key = String(vmid);
    const errand = this.configs.errand(key, now, () => api.get(veRequests.vmConfig(node, vmid)));
    const config = this.configs.get(key, now);
    if (status !== "running" || !mayAskAgents || !config || !hasGuestAgent(config)) return [errand];
    return [
      errand,
      this.filesystems.errand(
        key,
        now,
        async () => (await api.get(veRequests.agentFilesystems(node, vmid))).result,
      ),
      // Whoever did not answer the first question is not asked the others.
      ...(this.filesystems.get(key, now)
        ? [
            this.addresses.errand(key, now, async () => {
              const { result } = await api.get(veRequests.agentInterfaces(node, vmid));
              return useful(result.flatMap((one) => one["ip-addresses"].map((at) => at["ip-address"])));
            }),
            this.systems.errand(key, now, async () => {
              const { result } = await api.get(veRequests.agentOs(node, vmid));
              return { name: result["pretty-name"] ?? result.name, kernel: result["kernel-release"] };
            }),
          ]
        : []),
    ];
  }

  pictures(rows: readonly ResourceRow[], now: number): Map<number, GuestPicture> {
    return new Map(
      guestsOf(rows).map(({ vmid }) => {
        const key = String(vmid);
        const config = this.configs.get(key, now);
        return [
          vmid,
          {
            config,
            addresses: this.addresses.get(key, now),
            filesystems: this.filesystems.get(key, now),
            os: this.systems.get(key, now),
            agent: config && this.agentOf(key, config, now),
          },
        ];
      }),
    );
  }

  private agentOf(key: string, config: GuestConfig, now: number): GuestPicture["agent"] {
    if (!hasGuestAgent(config)) return "off";
    const error = this.filesystems.errorOf(key);
    if (error instanceof ProxmoxError && error.kind === "no_guest_agent") return "not answering";
    return error === undefined && this.filesystems.get(key, now) ? "running" : undefined;
  }
}

type GuestRow = ResourceRow & { vmid: number };

function guestsOf(rows: readonly ResourceRow[]): GuestRow[] {
  return rows.filter(
    (row): row is GuestRow =>
      (row.type === "qemu" || row.type === "lxc") && row.vmid !== undefined && !row.template,
  );
}

/** Those another machine could use, without the length of their network. */
function useful(addresses: (string | undefined)[]): string[] {
  const bare = addresses.map((address) => address?.split("/")[0]?.split("%")[0] ?? "");
  const isUseful = (address: string) =>
    /^[0-9a-f.:]+$/i.test(address) && !/^(?:127\.|::1$|fe80:)/i.test(address);
  return [...new Set(bare.filter(isUseful))].slice(0, ADDRESS_LIMIT);
}
