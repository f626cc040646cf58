import type { networkInterfaces } from "node:os";
import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import { type InterfaceCounters, isPieceOfAnother, parseNetDev } from "../proc/network.ts";
import { clip, type Figure, known, knownAttributes, perSecond, resourceKey, sum } from "./figures.ts";
import { Remembered } from "./remembered.ts";
import type { Tree } from "./tree.ts";

/** Interfaces of one machine that are reported, physical ones first. */
const INTERFACE_LIMIT = 64;

/** Addresses of one interface that are named. */
const ADDRESS_LIMIT = 8;

/** The addresses of every interface; the kernel has no file for them. */
export type ListAddresses = typeof networkInterfaces;

interface InterfaceFacts {
  /** There is a device behind it: a card, a virtio or USB device. */
  physical: boolean;
  /** Its traffic is not counted again by another physical interface. */
  first: boolean;
  /** The plain Ethernet end a container has instead of a card. */
  plain: boolean;
  mac?: string;
  addresses?: string[] | undefined;
}

export interface NetworkTotals {
  receivedBytes: Figure;
  transmittedBytes: Figure;
}

/** Network interfaces and what passes them. */
export class Interfaces {
  private before = new Map<string, InterfaceCounters>();
  private beforeMs = 0;
  private readonly facts: Remembered<InterfaceFacts>;
  private readonly speeds: Remembered<number | undefined>;
  /** Those whose link was up at some time in this run. */
  private readonly onceUp = new Set<string>();

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

  read(nowMs: number): { totals: NetworkTotals; interfaces: ReportedResource[] } {
    const counters = parseNetDev(this.tree.text("/proc/net/dev") ?? "");
    const seconds = (nowMs - this.beforeMs) / 1000;
    const names = [...counters.keys()].filter((name) => !isPieceOfAnother(name));
    const facts = this.facts.of(names, nowMs);
    const isFirst = (name: string) => facts.get(name)?.physical === true;
    const shown = [...names.filter(isFirst), ...names.filter((name) => !isFirst(name))].slice(
      0,
      INTERFACE_LIMIT,
    );

    const states = new Map(shown.map((name) => [name, this.tree.value(`/sys/class/net/${name}/operstate`)]));
    // Only a link that is up has a speed, and one that comes up may have got another.
    const speeds = this.speeds.of(
      shown.filter((name) => facts.get(name)?.physical && states.get(name) === "up"),
      nowMs,
    );
    const interfaces = shown.map((name): ReportedResource => {
      const state = states.get(name);
      return {
        kind: "interface",
        key: resourceKey("host", "interface", name),
        parent: "host",
        name: clip(name),
        status: this.statusOf(name, facts.get(name)?.physical === true, state),
        attributes: knownAttributes({
          mac: facts.get(name)?.mac,
          addresses: facts.get(name)?.addresses,
          speed_bits_per_second: speeds.get(name),
          state,
        }),
        metrics: interfaceMetrics(this.before.get(name), counters.get(name), seconds),
      };
    });
    this.forgetGone(names);
    this.before = counters;
    this.beforeMs = nowMs;
    return { interfaces, totals: totalsOf(interfaces, shown, facts) };
  }

  /** A port nothing was ever plugged into is no trouble; a link that was there and went is. */
  private statusOf(name: string, physical: boolean, state: string | undefined): ResourceStatus {
    if (state === "up") this.onceUp.add(name);
    const isGone = state === "down" || state === "lowerlayerdown";
    return physical && isGone && this.onceUp.has(name) ? "down" : "up";
  }

  private forgetGone(names: string[]): void {
    const present = new Set(names);
    for (const name of this.onceUp) if (!present.has(name)) this.onceUp.delete(name);
  }
}

/** Pure. */
function interfaceMetrics(
  before: InterfaceCounters | undefined,
  after: InterfaceCounters | undefined,
  seconds: number,
) {
  const rate = (counter: keyof InterfaceCounters, decimals?: number) =>
    perSecond(before?.[counter], after?.[counter], seconds, decimals);
  return known({
    network_receive_bytes_per_second: rate("receivedBytes"),
    network_transmit_bytes_per_second: rate("transmittedBytes"),
    network_receive_errors_per_second: rate("receiveErrors", 2),
    network_transmit_errors_per_second: rate("transmitErrors", 2),
    network_receive_drops_per_second: rate("receiveDrops", 2),
    network_transmit_drops_per_second: rate("transmitDrops", 2),
  });
}

/**
 * What passes a bridge, bond, VLAN or tunnel also passes the card below it, so only cards are added
 * up. In a container there is no card, only the plain end of a virtual cable: then those are.
 */
function totalsOf(
  interfaces: ReportedResource[],
  names: string[],
  facts: Map<string, InterfaceFacts>,
): NetworkTotals {
  const hasCards = names.some((name) => facts.get(name)?.first);
  const counted = interfaces.filter((_, index) => {
    const fact = facts.get(names[index] ?? "");
    return hasCards ? fact?.first : fact?.plain;
  });
  return {
    receivedBytes: sum(counted.map((one) => one.metrics.network_receive_bytes_per_second)),
    transmittedBytes: sum(counted.map((one) => one.metrics.network_transmit_bytes_per_second)),
  };
}

function findInterface(tree: Tree, name: string): Omit<InterfaceFacts, "addresses"> {
  const folder = `/sys/class/net/${name}`;
  const physical = tree.has(`${folder}/device`);
  // A virtual function hidden behind another card (Azure's accelerated network, virtio failover) is
  // counted by that card; one of this machine's own card (SR-IOV) by the card it is cut from.
  const isBehindCard = tree.has(`${folder}/master/device`) || tree.has(`${folder}/device/physfn`);
  const kind = /^DEVTYPE=(\w+)$/m.exec(tree.text(`${folder}/uevent`) ?? "")?.[1];
  const isEthernet = tree.number(`${folder}/type`) === 1;
  const mac = tree.value(`${folder}/address`)?.toLowerCase();
  const isMac =
    mac !== undefined && /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && mac !== "00:00:00:00:00:00";
  return {
    physical,
    first: physical && !isBehindCard,
    plain: !physical && isEthernet && kind === undefined && !tree.has(`${folder}/tun_flags`),
    mac: isMac ? mac : undefined,
  };
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
