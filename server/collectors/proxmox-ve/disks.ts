import type { ReportedResource } from "../../contract/report.ts";
import { clip, known, knownAttributes, resourceKey } from "../host/figures.ts";
import { type DiskPicture, keyOf, type Picture } from "./picture.ts";
import type { DiskRow, Smart } from "./requests.ts";

/** Pure. */
export function diskResources(picture: Picture): ReportedResource[] {
  return [...picture.nodes].flatMap(([node, { disks }]) => disks.map((disk) => diskResource(node, disk)));
}

function diskResource(node: string, { row, smart, maySleep }: DiskPicture): ReportedResource {
  const problem = healthProblem(smart);
  return {
    kind: "disk",
    key: resourceKey(keyOf.node(node), "disk", identityOf(row)),
    parent: resourceKey(keyOf.node(node)),
    name: clip(row.devpath.slice("/dev/".length)) || clip(row.devpath),
    status: problem ? "degraded" : "up",
    attributes: knownAttributes({
      problem,
      model: named(row.model),
      serial: named(row.serial),
      size_bytes: row.size || undefined,
      disk_type: row.type === "unknown" ? undefined : row.type && clip(row.type, 20),
      used_by: row.used && clip(row.used, 80),
      smart_health: smart?.health && clip(smart.health, 80),
      smart_not_read: maySleep ? "The disk may sleep, and reading its SMART state would wake it." : undefined,
    }),
    metrics: known({
      life_left_percent: smart && lifeLeft(smart),
      temperature_celsius: smart && temperature(smart),
    }),
  };
}

/** The letter of a disk changes with the order they are found in; its serial number does not. */
function identityOf(row: DiskRow): string {
  return named(row.serial) ?? named(row.wwn) ?? row.devpath;
}

function named(value: string | undefined): string | undefined {
  const name = value === undefined ? "" : clip(value);
  return name === "" || name === "unknown" ? undefined : name;
}

function healthProblem(smart: Smart | undefined): string | undefined {
  const health = smart?.health;
  if (!health || /^(?:PASSED|OK|UNKNOWN|SMART Disabled)/i.test(health)) return undefined;
  return clip(`The disk says of itself: ${health}`);
}

/** Names under which makers count down the life of flash, each from 100 to 0. */
const LIFE_LEFT = [
  /Media_Wearout_Indicator/,
  /SSD_Life_Left/,
  /(?:Remaining_Lifetime|Percent_Lifetime|Percent_Life|Perc_Rated_Life|Lifetime|PCT_Life)_?(?:Perc|Remain|Remaining|Left|Used)?/,
  /Wear_Leveling_Count/,
];

/**
 * What is left of the life the maker promises, not how much is worn: NVMe and SAS say how much was used
 * (more than 100 is possible), ATA counts a value down from 100.
 */
export function lifeLeft(smart: Smart): number | undefined {
  const used = /Percentage used(?: endurance indicator)?:\s*(\d+(?:\.\d+)?)%/i.exec(smart.text ?? "")?.[1];
  const left =
    smart.wearout ?? (used === undefined ? undefined : 100 - Number(used)) ?? fromAttributes(smart);
  return left === undefined ? undefined : Math.min(100, Math.max(0, left));
}

function fromAttributes(smart: Smart): number | undefined {
  for (const name of LIFE_LEFT) {
    const found = smart.attributes?.find((attribute) => name.test(attribute.name));
    if (found?.value !== undefined) return found.value;
  }
  return undefined;
}

/** Celsius. ATA writes "34 (Min/Max 20/45)" or "34". */
export function temperature(smart: Smart): number | undefined {
  const inText = /^(?:Current Drive )?Temperature:\s*(\d+) (?:C\b|Celsius)/m.exec(smart.text ?? "")?.[1];
  const attribute =
    smart.attributes?.find(({ id }) => id === 194) ?? smart.attributes?.find(({ id }) => id === 190);
  const read = inText ?? /^\d+/.exec(attribute?.raw ?? "")?.[0];
  const celsius = read === undefined ? undefined : Number(read);
  // A disk that does not know says 0, and some count in other units.
  return celsius !== undefined && celsius > 0 && celsius < 150 ? celsius : undefined;
}
