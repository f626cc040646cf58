import type { ReportedResource } from "../../contract/report.ts";
import { hottestCpu, type Reading } from "../proc/sensors.ts";
import { clip, known, knownAttributes, resourceKey } from "./figures.ts";

/** Inputs of one machine that are reported. */
export const SENSOR_LIMIT = 64;

/** What one input of one chip says now; neither figure when it says nothing. */
export interface Sighting {
  /** As it is shown, the same at every start of the machine. */
  chip: string;
  driver: string;
  label: string;
  highCelsius?: number | undefined;
  criticalCelsius?: number | undefined;
  celsius?: number | undefined;
  rpm?: number | undefined;
}

/** Sensors as they are reported, whoever read them. */
export class SensorReport {
  /** Inputs that gave a sensible value (a fan: that turned) at some time in this run. */
  private readonly proven = new Set<string>();

  read(sightings: Sighting[]): { hottestCpu?: number | undefined; sensors: ReportedResource[] } {
    const readings = sightings.flatMap(({ driver, label, celsius }): Reading[] =>
      celsius === undefined ? [] : [{ driver, label, celsius }],
    );
    const sensors = sightings.filter((sighting) => this.isReal(sighting)).slice(0, SENSOR_LIMIT);
    this.forgetGone(sightings);
    return { hottestCpu: hottestCpu(readings), sensors: sensors.map(sensor) };
  }

  /** An input nothing is connected to is no sensor; one that worked and stopped is one of unknown state. */
  private isReal(sighting: Sighting): boolean {
    const key = keyOf(sighting);
    const { celsius, rpm } = sighting;
    if (celsius !== undefined || (rpm !== undefined && rpm > 0)) this.proven.add(key);
    return this.proven.has(key);
  }

  private forgetGone(sightings: Sighting[]): void {
    const present = new Set(sightings.map(keyOf));
    for (const key of this.proven) if (!present.has(key)) this.proven.delete(key);
  }
}

/** A label two inputs of one chip have is told apart by the input's number. */
export function distinctLabel(given: string, number: string, taken: (label: string) => boolean): string {
  const label = clip(given, 80) || number;
  return taken(label) ? `${label} (${number})` : label;
}

function keyOf({ chip, label }: Sighting): string {
  return resourceKey("host", "sensor", chip, label);
}

function sensor(sighting: Sighting): ReportedResource {
  const { chip, label, celsius, rpm } = sighting;
  return {
    kind: "sensor",
    key: keyOf(sighting),
    parent: "host",
    name: clip(`${chip} ${label}`),
    status: celsius === undefined && rpm === undefined ? "unknown" : "up",
    attributes: knownAttributes({
      chip: clip(chip),
      label,
      high_celsius: sighting.highCelsius,
      critical_celsius: sighting.criticalCelsius,
    }),
    metrics: known({ temperature_celsius: celsius, fan_rpm: rpm }),
  };
}
