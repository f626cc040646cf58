/** Temperatures and fans of a page of node_exporter. */
import { labelOf, type Sample } from "../exposition/parse.ts";
import { clip } from "../host/figures.ts";
import { distinctLabel, SENSOR_LIMIT, type Sighting } from "../host/sensor-report.ts";
import { believedCelsius, believedRpm, chipName } from "../proc/sensors.ts";
import type { NodePage } from "./node-page.ts";

/** Inputs that are looked at: 64 chips with 64 inputs, as our collector does. */
const INPUT_LIMIT = SENSOR_LIMIT * SENSOR_LIMIT;

export function nodeSensors(page: NodePage): Sighting[] {
  const chips = new Chips(page);
  const inputs = [
    ...page.all("node_hwmon_temp_celsius").map((sample) => chips.sighting(sample, "celsius")),
    ...page.all("node_hwmon_fan_rpm").map((sample) => chips.sighting(sample, "rpm")),
  ].filter((sighting) => sighting !== undefined);
  const hasTemperature = inputs.some((input) => input.celsius !== undefined);
  return (hasTemperature ? inputs : [...inputs, ...zones(page)]).slice(0, INPUT_LIMIT);
}

class Chips {
  private readonly drivers: Map<string, Sample>;
  private readonly labels: Map<string, string>;
  private readonly highs: Map<string, number>;
  private readonly criticals: Map<string, number>;
  /** Chip and label of the inputs that are named already. */
  private readonly taken = new Set<string>();

  constructor(page: NodePage) {
    this.drivers = page.described("chip", "node_hwmon_chip_names");
    this.labels = new Map(
      page.all("node_hwmon_sensor_label").map((sample) => [idOf(sample), labelOf(sample, "label") ?? ""]),
    );
    const values = (name: string) => new Map(page.all(name).map((sample) => [idOf(sample), sample.value]));
    this.highs = values("node_hwmon_temp_max_celsius");
    this.criticals = values("node_hwmon_temp_crit_celsius");
  }

  sighting(sample: Sample, what: "celsius" | "rpm"): Sighting | undefined {
    const [chip, sensor] = [labelOf(sample, "chip"), labelOf(sample, "sensor")];
    if (chip === undefined || sensor === undefined) return undefined;
    const named = this.drivers.get(chip);
    const driver = (named && labelOf(named, "chip_name")) ?? chip;
    const id = idOf(sample);
    const label = distinctLabel(this.labels.get(id) ?? "", sensor, (one) =>
      this.taken.has(`${chip}\n${one}`),
    );
    this.taken.add(`${chip}\n${label}`);
    return {
      chip: chipName(driver, chip === plainName(driver) ? undefined : deviceOf(chip)),
      driver,
      label,
      highCelsius: believed(this.highs.get(id)),
      criticalCelsius: believed(this.criticals.get(id)),
      ...(what === "celsius" ? { celsius: believed(sample.value) } : { rpm: believedRpm(sample.value) }),
    };
  }
}

function idOf(sample: Sample): string {
  return `${labelOf(sample, "chip")}\n${labelOf(sample, "sensor")}`;
}

function believed(celsius: number | undefined): number | undefined {
  return celsius === undefined ? undefined : believedCelsius(celsius);
}

/** What boards without hwmon have. */
function zones(page: NodePage): Sighting[] {
  return page.all("node_thermal_zone_temp").map((sample) => {
    const type = labelOf(sample, "type") ?? "";
    return {
      chip: `thermal_zone${labelOf(sample, "zone") ?? ""}`,
      driver: type,
      label: clip(type, 80) || "temp",
      celsius: believedCelsius(sample.value),
    };
  });
}

/** As node_exporter makes a name safe. */
function plainName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9:_]/g, "_");
}

/**
 * The device's own name, of which node_exporter kept the letters: `platform_coretemp_0` is coretemp.0,
 * `pci0000:00_0000:00:18_3` is 0000:00:18.3, `nvme_nvme0` is nvme0, `i2c_0_0_0050` is 0-0050.
 */
function deviceOf(chip: string): string {
  const [, pci, pciFunction] = /([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2})_([0-7])$/.exec(chip) ?? [];
  if (pci !== undefined) return `${pci}.${pciFunction}`;
  const scsi = /_(\d+:\d+:\d+:\d+)$/.exec(chip)?.[1];
  if (scsi !== undefined) return scsi;
  const [, platform, number] = /^platform_(.+?)(?:_(\d+))?$/.exec(chip) ?? [];
  if (platform !== undefined) return number === undefined ? platform : `${platform}.${number}`;
  const [, bus, address] = /_(\d+)_([0-9a-f]{4})$/.exec(chip) ?? [];
  if (bus !== undefined) return `${bus}-${address}`;
  return /_((?:nvme|thermal_zone|phy|BAT|card)\d+)$/i.exec(chip)?.[1] ?? chip;
}
