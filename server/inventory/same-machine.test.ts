import { describe, expect, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { Attributes, Resource, ResourceKind } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { findSame, type MachineView } from "./same-machine.ts";

const CARD = "bc:24:11:0a:0b:0c";

interface Told {
  source?: string;
  name?: string;
  kind?: ResourceKind;
  attributes?: Attributes;
  interfaces?: Attributes[];
}

function view(told: Told): MachineView {
  const { source = "agent:a", name = "web", kind = "host", attributes = {}, interfaces = [] } = told;
  const resource = (more: Partial<Resource>): Resource => ({
    id: ResourceId.parse(mintId("r")),
    kind,
    name,
    status: "up",
    sources: [source],
    lastSeenAt: 0,
    attributes,
    metrics: {},
    ...more,
  });
  return {
    resource: resource({}),
    interfaces: interfaces.map((held) => resource({ kind: "interface", attributes: held })),
  };
}

/** The evidence for each pair, by their names or what else tells them apart. */
function found(told: Told[], isSeparated = false) {
  const views = told.map(view);
  const sourceOf = (id: ResourceId) =>
    views.find(({ resource }) => resource.id === id)?.resource.sources[0] ?? "?";
  return findSame(views, () => isSeparated).map(({ into, absorbed, evidence }) => ({
    into: sourceOf(into),
    absorbed: sourceOf(absorbed),
    evidence,
  }));
}

const agent = (more: Told = {}): Told => ({ source: "agent:a", ...more });
const guest = (more: Told = {}): Told => ({ source: "source:pve", kind: "vm", ...more });
const PAIR = { into: "agent:a", absorbed: "source:pve" };

describe("two are one machine", () => {
  const rows: [what: string, told: Told[], evidence: string][] = [
    [
      "by a network card, whatever they are called",
      [agent({ name: "x", interfaces: [{ mac: CARD }] }), guest({ name: "y", attributes: { mac: CARD } })],
      `both have the network card ${CARD}`,
    ],
    [
      "by a card of several, however it is written",
      [
        agent({ interfaces: [{ mac: "bc:24:11:00:00:01" }, { mac: CARD }] }),
        guest({ name: "y", attributes: { mac_addresses: ["bc:24:11:00:00:09", CARD.toUpperCase()] } }),
      ],
      `both have the network card ${CARD}`,
    ],
    [
      "by a name and an address together",
      [
        agent({ interfaces: [{ addresses: ["192.0.2.7/24", "fe80::1/64"] }] }),
        guest({ attributes: { addresses: ["192.0.2.7"] } }),
      ],
      "both are called web and have the address 192.0.2.7",
    ],
    [
      "by a name without its domain, in whatever letters",
      [
        agent({ name: "Web.example.org", attributes: { addresses: ["2001:db8::7"] } }),
        guest({ name: "web", attributes: { addresses: ["2001:db8::7/64"] } }),
      ],
      "both are called web and have the address 2001:db8::7",
    ],
    [
      "by a name of several words",
      [
        agent({ name: "my server", attributes: { addresses: ["192.0.2.7"] } }),
        guest({ name: "My Server", attributes: { addresses: ["192.0.2.7"] } }),
      ],
      "both are called my server and have the address 192.0.2.7",
    ],
  ];
  test.each(rows)("%s", (_, told, evidence) => {
    expect(found(told)).toEqual([{ ...PAIR, evidence }]);
    expect(found(told.toReversed())).toEqual([{ ...PAIR, evidence }]);
  });

  test("whoever is closest to it is who it becomes", () => {
    const card = { attributes: { mac: CARD } };
    const sources = ["source:pve", "local", "agent:a"];
    for (const [n, far] of sources.entries())
      for (const near of sources.slice(n + 1))
        expect(
          found([
            { source: far, ...card },
            { source: near, ...card },
          ]),
        ).toMatchObject([{ into: near, absorbed: far }]);
  });

  test("each of many pairs is found, and no machine twice", () => {
    const many = Array.from({ length: 50 }, (_, n) => {
      const mac = `bc:24:11:00:00:${n.toString(16).padStart(2, "0")}`;
      return [
        agent({ source: `agent:${n}`, interfaces: [{ mac, addresses: [`192.0.2.${n}`] }] }),
        guest({ source: `source:${n}`, attributes: { mac, addresses: [`192.0.2.${n}`] } }),
      ];
    });
    const pairs = found(many.flat());
    expect(pairs.map(({ into, absorbed }) => [into, absorbed])).toEqual(
      many.map((_, n) => [`agent:${n}`, `source:${n}`]),
    );
  });
});

describe("two are not one machine", () => {
  const same = {
    name: "debian",
    attributes: { machine_id: "0123456789abcdef", hostname: "debian", os: "Debian" },
  };
  const rows: [what: string, told: Told[]][] = [
    ["by a name alone, a host name or a machine id", [agent(same), guest(same)]],
    [
      "by an address alone: people have the same networks in many places",
      [
        agent({ name: "x", attributes: { addresses: ["192.168.1.10"] } }),
        guest({ name: "y", attributes: { addresses: ["192.168.1.10"] } }),
      ],
    ],
    [
      "by a name and an address of which one is another's",
      [
        agent({ name: "x", attributes: { addresses: ["192.0.2.7"] } }),
        guest({ name: "x", attributes: { addresses: ["192.0.2.8"] } }),
        guest({ source: "source:other", name: "y", attributes: { addresses: ["192.0.2.7"] } }),
      ],
    ],
    [
      "when they are two agents, whatever they say",
      [
        agent({ interfaces: [{ mac: CARD, addresses: ["192.0.2.7"] }] }),
        agent({ source: "agent:b", interfaces: [{ mac: CARD, addresses: ["192.0.2.7"] }] }),
      ],
    ],
    [
      "when they are guests of two hypervisors",
      [guest({ attributes: { mac: CARD } }), guest({ source: "source:b", attributes: { mac: CARD } })],
    ],
    [
      "when a third has the card as well: a clone",
      [
        agent({ attributes: { mac: CARD } }),
        guest({ attributes: { mac: CARD } }),
        guest({ source: "source:b", name: "clone", attributes: { mac: CARD } }),
      ],
    ],
    [
      "when a third has name and address as well",
      [1, 2, 3].map((n) => ({
        source: n === 1 ? "agent:a" : `source:${n}`,
        attributes: { addresses: ["192.0.2.7"] },
      })),
    ],
    ...["127.0.0.1/8", "::1", "fe80::1", "169.254.1.1", "172.17.0.1", "0.0.0.0", "::", "", "web"].map(
      (address): [string, Told[]] => [
        `by an address that everybody has: ${JSON.stringify(address)}`,
        [agent({ attributes: { addresses: [address] } }), guest({ attributes: { addresses: [address] } })],
      ],
    ),
    ...["02:42:ac:11:00:02", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "bc:24:11", ""].map(
      (mac): [string, Told[]] => [
        `by a card that is none: ${JSON.stringify(mac)}`,
        [agent({ attributes: { mac } }), guest({ attributes: { mac } })],
      ],
    ),
    [
      "by what is no text",
      [
        agent({ attributes: { mac: [1, null, {}], addresses: 7 } }),
        guest({ attributes: { mac: [1, null, {}], addresses: 7 } }),
      ],
    ],
  ];
  test.each(rows)("%s", (_, told) => {
    expect(found(told)).toEqual([]);
  });

  test("once a person has said that they are two", () => {
    expect(found([agent({ attributes: { mac: CARD } }), guest({ attributes: { mac: CARD } })], true)).toEqual(
      [],
    );
  });

  test("and a view is never the same as itself", () => {
    const one = view(agent({ attributes: { mac: CARD }, interfaces: [{ mac: CARD }] }));
    expect(findSame([one, one], () => false)).toEqual([]);
  });
});
