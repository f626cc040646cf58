import type { ReportedResource } from "../../contract/report.ts";
import { chipName, hottestCpu, parseCelsius, parseRpm, type Reading } from "../proc/sensors.ts";
import { clip, known, knownAttributes, resourceKey } from "./figures.ts";
import { Patience } from "./patience.ts";
import type { Tree } from "./tree.ts";

/** Inputs of one machine that are reported, and chips that are looked at. */
const SENSOR_LIMIT = 64;
const CHIP_LIMIT = 64;

interface Input {
  path: string;
  kind: "temperature" | "fan";
  label: string;
  highCelsius?: number;
  criticalCelsius?: number;
}

interface Chip {
  name: string;
  driver: string;
  inputs: Input[];
  patience: Patience;
}

interface Sighting {
  chip: Chip;
  input: Input;
  celsius?: number;
  rpm?: number;
}

/**
 * Temperatures and fans, from hwmon, or from thermal zones on boards that have only these. Behind a
 * sensor stands a device: the temperature of a drive is a command to the drive, which may hang for
 * as long as the drive does. So sensors are the one part of /sys that is not read synchronously.
 */
export class Sensors {
  private chips: Chip[] = [];
  private found = "";
  private readonly search: Patience;
  /** Inputs that gave a sensible value (a fan: that turned) at some time in this run. */
  private readonly proven = new Set<string>();

  constructor(
    private readonly tree: Tree,
    private readonly timeoutMs: number,
  ) {
    this.search = new Patience(timeoutMs);
  }

  async read(): Promise<{ hottestCpu?: number; sensors: ReportedResource[] }> {
    await this.findChips();
    const sightings = (await Promise.all(this.chips.map((chip) => this.readChip(chip)))).flat();
    const readings = sightings.flatMap(({ chip, input, celsius }): Reading[] =>
      celsius === undefined ? [] : [{ driver: chip.driver, label: input.label, celsius }],
    );
    const sensors = sightings.filter((sighting) => this.isReal(sighting)).slice(0, SENSOR_LIMIT);
    return { hottestCpu: hottestCpu(readings), sensors: sensors.map(sensor) };
  }

  private async readChip(chip: Chip): Promise<Sighting[]> {
    const texts = await chip.patience.ask(async () => {
      const read: (string | undefined)[] = [];
      for (const input of chip.inputs) read.push(await this.tree.textLater(input.path));
      return read;
    });
    return chip.inputs.map((input, index): Sighting => {
      const text = texts?.[index];
      if (text === undefined) return { chip, input };
      return input.kind === "fan"
        ? { chip, input, rpm: parseRpm(text) }
        : { chip, input, celsius: parseCelsius(text) };
    });
  }

  /** An input nothing is connected to is no sensor; one that worked and stopped is one of unknown state. */
  private isReal({ chip, input, celsius, rpm }: Sighting): boolean {
    const key = keyOf(chip, input);
    if (celsius !== undefined || (rpm !== undefined && rpm > 0)) this.proven.add(key);
    return this.proven.has(key);
  }

  /** Looks at the chips again when a driver was loaded or a drive plugged in. */
  private async findChips(): Promise<void> {
    const monitors = this.tree.list("/sys/class/hwmon").slice(0, CHIP_LIMIT);
    const zones = this.tree.list("/sys/class/thermal").filter((name) => /^thermal_zone\d+$/.test(name));
    const found = [...monitors, ...zones].join(" ");
    if (found === this.found) return;
    const chips = await this.search.ask(async () => {
      const all = await Promise.all(monitors.map((name) => this.findChip(`/sys/class/hwmon/${name}`)));
      const hasTemperature = all.some((chip) => chip?.inputs.some((input) => input.kind === "temperature"));
      if (!hasTemperature) all.push(...zones.slice(0, CHIP_LIMIT).map((name) => this.findZone(name)));
      return all.filter((chip) => chip !== undefined);
    });
    if (!chips) return;
    this.chips = chips;
    this.found = found;
    const present = new Set(chips.flatMap((chip) => chip.inputs.map((input) => keyOf(chip, input))));
    for (const key of this.proven) if (!present.has(key)) this.proven.delete(key);
  }

  private async findChip(folder: string): Promise<Chip | undefined> {
    // Before kernel 3.15 the files are in the folder of the device.
    const at = this.tree.has(`${folder}/name`) ? folder : `${folder}/device`;
    const driver = this.tree.value(`${at}/name`);
    if (driver === undefined) return undefined;
    const numbers = this.tree.list(at).flatMap((file) => /^((temp|fan)\d+)_input$/.exec(file)?.[1] ?? []);
    const inputs: Input[] = [];
    for (const number of numbers.slice(0, SENSOR_LIMIT))
      inputs.push(await this.findInput(at, number, inputs));
    const name = chipName(driver, this.tree.linkName(`${folder}/device`));
    return { name, driver, inputs, patience: new Patience(this.timeoutMs) };
  }

  private async findInput(folder: string, number: string, before: Input[]): Promise<Input> {
    const given = clip((await this.tree.textLater(`${folder}/${number}_label`)) ?? "", 80) || number;
    const isTaken = before.some((input) => input.label === given);
    const label = isTaken ? `${given} (${number})` : given;
    const path = `${folder}/${number}_input`;
    if (number.startsWith("fan")) return { path, kind: "fan", label };
    return {
      path,
      kind: "temperature",
      label,
      highCelsius: parseCelsius((await this.tree.textLater(`${folder}/${number}_max`)) ?? ""),
      criticalCelsius: parseCelsius((await this.tree.textLater(`${folder}/${number}_crit`)) ?? ""),
    };
  }

  private findZone(name: string): Chip | undefined {
    const folder = `/sys/class/thermal/${name}`;
    const type = this.tree.value(`${folder}/type`);
    if (type === undefined) return undefined;
    const input: Input = { path: `${folder}/temp`, kind: "temperature", label: clip(type, 80) };
    return { name, driver: type, inputs: [input], patience: new Patience(this.timeoutMs) };
  }
}

function keyOf(chip: Chip, input: Input): string {
  return resourceKey("host", "sensor", chip.name, input.label);
}

function sensor({ chip, input, celsius, rpm }: Sighting): ReportedResource {
  return {
    kind: "sensor",
    key: keyOf(chip, input),
    parent: "host",
    name: clip(`${chip.name} ${input.label}`),
    status: celsius === undefined && rpm === undefined ? "unknown" : "up",
    attributes: knownAttributes({
      chip: clip(chip.name),
      label: input.label,
      high_celsius: input.highCelsius,
      critical_celsius: input.criticalCelsius,
    }),
    metrics: known({ temperature_celsius: celsius, fan_rpm: rpm }),
  };
}
