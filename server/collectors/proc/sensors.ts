/** hwmon gives thousandths of a degree. Undefined for what no working sensor says. */
export function parseCelsius(text: string): number | undefined {
  return /^-?\d+$/.test(text.trim()) ? believedCelsius(Number(text) / 1000) : undefined;
}

/** In steps of a tenth. */
export function believedCelsius(celsius: number): number | undefined {
  // Exactly 0 is an input nothing is connected to; 127 and -128 are eight bits all set or the first alone.
  const nonsense = !(celsius > -40 && celsius < 150) || celsius === 0 || celsius === 127;
  return nonsense ? undefined : Math.round(celsius * 10) / 10;
}

export function parseRpm(text: string): number | undefined {
  return /^\d+$/.test(text.trim()) ? believedRpm(Number(text)) : undefined;
}

export function believedRpm(rpm: number): number | undefined {
  return rpm >= 0 && rpm < 100_000 ? rpm : undefined;
}

/**
 * Name of a chip that stays the same when the kernel numbers its chips anew: the driver's name and
 * the device it sits on (`coretemp.0`, `nvme0`, `k10temp-0000:00:18.3`).
 */
export function chipName(driver: string, device: string | undefined): string {
  if (!device) return driver;
  return device.startsWith(driver) ? device : `${driver}-${device}`;
}

const CPU_CHIPS =
  /^(?:coretemp|k8temp|k10temp|zenpower|via_cputemp|x86_pkg_temp|soc[_-]thermal|(?:big|little|bigcore\d?|littlecore)?.*cpu.*therm.*)$/i;

export interface Reading {
  driver: string;
  label: string;
  celsius: number;
}

/** The hottest of the CPU's own sensors. */
export function hottestCpu(readings: Reading[]): number | undefined {
  const ofCpu = readings.filter((reading) => CPU_CHIPS.test(reading.driver));
  // AMD's Tctl steers the fans and is up to 27 degrees too high on some models; Tdie, if there, is true.
  const hasTrueOne = ofCpu.some((reading) => reading.label === "Tdie");
  const believed = ofCpu.filter((reading) => !(hasTrueOne && reading.label === "Tctl"));
  return believed.length === 0 ? undefined : Math.max(...believed.map((reading) => reading.celsius));
}
