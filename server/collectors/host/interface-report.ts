import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import type { InterfaceCounters } from "../proc/network.ts";
import { clip, type Figure, known, knownAttributes, perSecond, resourceKey, sum } from "./figures.ts";

/** Interfaces of one machine that are reported, physical ones first. */
const INTERFACE_LIMIT = 64;

export interface InterfaceFacts {
  /** There is a device behind it: a card, a virtio or USB device. */
  physical: boolean;
  /** Its traffic is not counted again by another physical interface. */
  first: boolean;
  /** The plain Ethernet end a container has instead of a card. */
  plain: boolean;
  mac?: string;
  addresses?: string[] | undefined;
}

/** One interface as it is now. */
export interface SeenInterface {
  facts: InterfaceFacts;
  counters: InterfaceCounters;
  /** As the kernel names it: `up`, `down`, `unknown` … */
  state?: string | undefined;
  speedBitsPerSecond?: number | undefined;
}

export interface NetworkTotals {
  receivedBytes: Figure;
  transmittedBytes: Figure;
}

/** The physical ones, and of the others as many as there is room for. */
export function shownInterfaces(names: string[], isPhysical: (name: string) => boolean): string[] {
  const others = names.filter((name) => !isPhysical(name));
  return [...names.filter(isPhysical), ...others].slice(0, INTERFACE_LIMIT);
}

/** Interfaces as they are reported, whoever read their counters: a rate is what lies between two looks. */
export class InterfaceReport {
  private before = new Map<string, InterfaceCounters>();
  private beforeMs = 0;
  /** Those whose link was up at some time in this run. */
  private readonly onceUp = new Set<string>();

  /** In the order given. `all` are the counters of these and of those that are not shown. */
  read(
    shown: Map<string, SeenInterface>,
    all: Map<string, InterfaceCounters>,
    nowMs: number,
  ): { totals: NetworkTotals; interfaces: ReportedResource[] } {
    const seconds = (nowMs - this.beforeMs) / 1000;
    const interfaces = [...shown].map(([name, one]) => ({
      facts: one.facts,
      resource: this.resource(name, one, seconds),
    }));
    for (const name of this.onceUp) if (!all.has(name)) this.onceUp.delete(name);
    this.before = all;
    this.beforeMs = nowMs;
    return { interfaces: interfaces.map(({ resource }) => resource), totals: totalsOf(interfaces) };
  }

  private resource(name: string, one: SeenInterface, seconds: number): ReportedResource {
    return {
      kind: "interface",
      key: resourceKey("host", "interface", name),
      parent: "host",
      name: clip(name),
      status: this.statusOf(name, one.facts.physical, one.state),
      attributes: knownAttributes({
        mac: one.facts.mac,
        addresses: one.facts.addresses,
        speed_bits_per_second: one.speedBitsPerSecond,
        state: one.state,
      }),
      metrics: interfaceMetrics(this.before.get(name), one.counters, seconds),
    };
  }

  /** A port nothing was ever plugged into is no trouble; a link that was there and went is. */
  private statusOf(name: string, physical: boolean, state: string | undefined): ResourceStatus {
    if (state === "up") this.onceUp.add(name);
    const isGone = state === "down" || state === "lowerlayerdown";
    return physical && isGone && this.onceUp.has(name) ? "down" : "up";
  }
}

/** Pure. */
function interfaceMetrics(before: InterfaceCounters | undefined, after: InterfaceCounters, seconds: number) {
  const rate = (counter: keyof InterfaceCounters, decimals?: number) =>
    perSecond(before?.[counter], after[counter], seconds, decimals);
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
function totalsOf(interfaces: { facts: InterfaceFacts; resource: ReportedResource }[]): NetworkTotals {
  const hasCards = interfaces.some(({ facts }) => facts.first);
  const counted = interfaces.filter(({ facts }) => (hasCards ? facts.first : facts.plain));
  return {
    receivedBytes: sum(counted.map(({ resource }) => resource.metrics.network_receive_bytes_per_second)),
    transmittedBytes: sum(counted.map(({ resource }) => resource.metrics.network_transmit_bytes_per_second)),
  };
}
