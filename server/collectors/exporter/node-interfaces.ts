/** Network interfaces of a page of node_exporter. */
import { labelOf } from "../exposition/parse.ts";
import { type InterfaceFacts, type SeenInterface, shownInterfaces } from "../host/interface-report.ts";
import { ADDRESS_LIMIT, macOf } from "../host/interfaces.ts";
import { type InterfaceCounters, isPieceOfAnother } from "../proc/network.ts";
import type { NodePage } from "./node-page.ts";

/** Our collector asks the kernel whether a card is behind it; a page has only the kernel's and udev's names. */
const CARD = /^(?:en|eth|wl|ww|ib|sl|usb|em\d|p\d+p\d)/;

/** Azure's accelerated network: counted by the card it is hidden behind. */
const HIDDEN_FUNCTION = /^enP\d/;

const ETHERNET = 1;

export function nodeInterfaceCounters(page: NodePage): Map<string, InterfaceCounters> {
  const of = (name: string) => page.by("device", `node_network_${name}_total`);
  const [receivedBytes, transmittedBytes] = [of("receive_bytes"), of("transmit_bytes")];
  const [receiveErrors, transmitErrors] = [of("receive_errs"), of("transmit_errs")];
  const [receiveDrops, transmitDrops] = [of("receive_drop"), of("transmit_drop")];
  const counters = new Map<string, InterfaceCounters>();
  for (const [name, received] of receivedBytes) {
    if (isPieceOfAnother(name)) continue;
    const unknown = Number.NaN;
    counters.set(name, {
      receivedBytes: received,
      receiveErrors: receiveErrors.get(name) ?? unknown,
      receiveDrops: receiveDrops.get(name) ?? unknown,
      transmittedBytes: transmittedBytes.get(name) ?? unknown,
      transmitErrors: transmitErrors.get(name) ?? unknown,
      transmitDrops: transmitDrops.get(name) ?? unknown,
    });
  }
  return counters;
}

export function nodeInterfaces(
  page: NodePage,
  counters: Map<string, InterfaceCounters>,
): Map<string, SeenInterface> {
  const facts = factsOf(page, [...counters.keys()]);
  const isPhysical = (name: string) => facts.get(name)?.physical === true;
  const infos = page.described("device", "node_network_info");
  const speeds = page.by("device", "node_network_speed_bytes");
  const shown = new Map<string, SeenInterface>();
  for (const name of shownInterfaces([...counters.keys()], isPhysical)) {
    const [fact, counter, info] = [facts.get(name), counters.get(name), infos.get(name)];
    if (!fact || !counter) continue;
    const state = info && labelOf(info, "operstate");
    const speed = speeds.get(name);
    const hasSpeed = fact.physical && state === "up" && speed !== undefined && speed > 0;
    shown.set(name, {
      facts: fact,
      counters: counter,
      state,
      speedBitsPerSecond: hasSpeed ? speed * 8 : undefined,
    });
  }
  return shown;
}

function factsOf(page: NodePage, names: string[]): Map<string, InterfaceFacts> {
  const infos = page.described("device", "node_network_info");
  const types = page.by("device", "node_network_protocol_type");
  const ids = page.by("device", "node_network_iface_id");
  const links = page.by("device", "node_network_iface_link");
  const addresses = addressesOf(page);
  const facts = new Map<string, InterfaceFacts>();
  for (const name of names) {
    const info = infos.get(name);
    // A VLAN and the end of a virtual cable are linked to another interface, a card to none.
    const isLinked = ids.has(name) && links.has(name) && ids.get(name) !== links.get(name);
    const looksLikeCard = CARD.test(name) && !/[.@:]/.test(name);
    const physical = looksLikeCard && !isLinked;
    const mac = info && macOf(labelOf(info, "address"));
    facts.set(name, {
      physical,
      first: physical && !HIDDEN_FUNCTION.test(name),
      plain: looksLikeCard && isLinked && types.get(name) === ETHERNET,
      ...(mac === undefined ? {} : { mac }),
      addresses: addresses.get(name),
    });
  }
  return facts;
}

/** Not those that only mean something on the same cable. */
function addressesOf(page: NodePage): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const sample of page.all("node_network_address_info")) {
    const [device, address] = [labelOf(sample, "device"), labelOf(sample, "address")];
    if (device === undefined || address === undefined || address.startsWith("fe80:")) continue;
    const same = found.get(device) ?? [];
    if (same.length < ADDRESS_LIMIT) found.set(device, [...same, address.slice(0, 64)]);
  }
  return found;
}
