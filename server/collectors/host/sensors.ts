import { chipName, parseCelsius, parseRpm } from "../proc/sensors.ts";
import { clip } from "./figures.ts";
import { Patience } from "./patience.ts";
import { distinctLabel, SENSOR_LIMIT, SensorReport, type Sighting } from "./sensor-report.ts";
import type { Tree } from "./tree.ts";

/** Chips of one machine that are looked at. */
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

/**
 * Temperatures and fans, from hwmon, or from thermal zones on boards that have only these. Behind a
 * sensor stands a device: the temperature of a drive is a command to the drive, which may hang for
 * as long as the drive does. So sensors are the one part of /sys that is not read synchronously.
 */
export class Sensors {
  private chips: Chip[] = [];
  private found = "";
  private readonly search: Patience;
  private readonly report = new SensorReport();

  constructor(
    private readonly tree: Tree,
    private readonly timeoutMs: number,
  ) {
    this.search = new Patience(timeoutMs);
  }

  async read(): Promise<ReturnType<SensorReport["read"]>> {
    await this.findChips();
    return this.report.read((await Promise.all(this.chips.map((chip) => this.readChip(chip)))).flat());
  }

  private async readChip(chip: Chip): Promise<Sighting[]> {
    const texts = await chip.patience.ask(async () => {
      const read: (string | undefined)[] = [];
      for (const input of chip.inputs) read.push(await this.tree.textLater(input.path));
      return read;
    });
    return chip.inputs.map((input, index): Sighting => {
      const text = texts?.[index];
      const { label, highCelsius, criticalCelsius } = input;
      const seen = { chip: chip.name, driver: chip.driver, label, highCelsius, criticalCelsius };
      if (text === undefined) return seen;
      return input.kind === "fan"
        ? { ...seen, rpm: parseRpm(text) }
        : { ...seen, celsius: parseCelsius(text) };
    });
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
    const given = (await this.tree.textLater(`${folder}/${number}_label`)) ?? "";
    const label = distinctLabel(given, number, (taken) => before.some((input) => input.label === taken));
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
