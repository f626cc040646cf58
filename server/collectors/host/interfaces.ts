import type { networkInterfaces } from "node:os";
import { isPieceOfAnother, parseNetDev } from "../proc/network.ts";
import {
  type InterfaceFacts,
  InterfaceReport,
  type SeenInterface,
  shownInterfaces,
} from "./interface-report.ts";
import { Remembered } from "./remembered.ts";
import type { Tree } from "./tree.ts";

/** Addresses of one interface that are named. */
export const ADDRESS_LIMIT = 8;

/** The addresses of every interface; the kernel has no file for them. */
export type ListAddresses = typeof networkInterfaces;

/** Network interfaces and what passes them. */
export class Interfaces {
  private readonly report = new InterfaceReport();
  private readonly facts: Remembered<InterfaceFacts>;
  private readonly speeds: Remembered<number | undefined>;

  constructor(
    private readonly tree: Tree,
    listAddresses: ListAddresses = () => ({}),
  ) {
    this.facts = new Remembered((name) => ({
      ...findInterface(tree, name),
      addresses: addressesOf(name, listAddresses),
    }));
    this.speeds = new Remembered((name) => linkSpeed(tree, name));
  }

  read(nowMs: number): ReturnType<InterfaceReport["read"]> {
    const counters = parseNetDev(this.tree.text("/proc/net/dev") ?? "");
    for (const name of counters.keys()) if (isPieceOfAnother(name)) counters.delete(name);
    const facts = this.facts.of([...counters.keys()], nowMs);
    const isPhysical = (name: string) => facts.get(name)?.physical === true;
    const names = shownInterfaces([...counters.keys()], isPhysical);
    const states = new Map(names.map((name) => [name, this.tree.value(`/sys/class/net/${name}/operstate`)]));
    // Only a link that is up has a speed, and one that comes up may have got another.
    const speeds = this.speeds.of(
      names.filter((name) => isPhysical(name) && states.get(name) === "up"),
      nowMs,
    );
    const shown = new Map<string, SeenInterface>();
    for (const name of names) {
      const [fact, counter] = [facts.get(name), counters.get(name)];
      if (!fact || !counter) continue;
      shown.set(name, {
        facts: fact,
        counters: counter,
        state: states.get(name),
        speedBitsPerSecond: speeds.get(name),
      });
    }
    return this.report.read(shown, counters, nowMs);
  }
}

function findInterface(tree: Tree, name: string): Omit<InterfaceFacts, "addresses"> {
  const folder = `/sys/class/net/${name}`;
  const physical = tree.has(`${folder}/device`);
  // A virtual function hidden behind another card (Azure's accelerated network, virtio failover) is
  // counted by that card; one of this machine's own card (SR-IOV) by the card it is cut from.
  const isBehindCard = tree.has(`${folder}/master/device`) || tree.has(`${folder}/device/physfn`);
  const kind = /^DEVTYPE=(\w+)$/m.exec(tree.text(`${folder}/uevent`) ?? "")?.[1];
  const isEthernet = tree.number(`${folder}/type`) === 1;
  return {
    physical,
    first: physical && !isBehindCard,
    plain: !physical && isEthernet && kind === undefined && !tree.has(`${folder}/tun_flags`),
    mac: macOf(tree.value(`${folder}/address`)),
  };
}

/** What is no address of a card (a tunnel's is an IP address) is none. */
export function macOf(address: string | undefined): string | undefined {
  const mac = address?.toLowerCase() ?? "";
  return /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && mac !== "00:00:00:00:00:00" ? mac : undefined;
}

/** Those another machine could use: not the ones that only mean something on the same cable. */
function addressesOf(name: string, listAddresses: ListAddresses): string[] | undefined {
  const all = listAddresses()[name] ?? [];
  const reachable = all.map(({ address }) => address).filter((address) => !address.startsWith("fe80:"));
  return reachable.length > 0 ? reachable.slice(0, ADDRESS_LIMIT) : undefined;
}

/** The kernel gives Mbit/s, and -1 (or that as an unsigned number) for what it does not know. */
function linkSpeed(tree: Tree, name: string): number | undefined {
  const megabits = tree.number(`/sys/class/net/${name}/speed`);
  const isKnown = megabits !== undefined && megabits > 0 && megabits < 10_000_000;
  return isKnown ? megabits * 1_000_000 : undefined;
}
