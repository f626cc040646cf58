/**
 * What machines say over time, made so that it is as hard to compress as the real thing: noise on everything that is
 * measured, bursts, days that differ from nights, memory that wanders, counts that seldom change. The figures have
 * the decimals collectors report.
 */
import { seeded } from "../tests/support/seeded.ts";

export const EVERY_MS = 10_000;
export const SERIES = 90;

export interface MachineData {
  times: Float64Array;
  series: Float64Array[];
}

export function machineData(
  seed: number,
  startAt: number,
  rows: number,
  count: number = SERIES,
): MachineData {
  const random = seeded(seed);
  const makes = [
    ...ownSeries(random),
    ...Array.from({ length: 10 }, (_, n) => containerSeries(random, n)).flat(),
  ];
  const jitter = Math.floor(random() * EVERY_MS * 0.9);
  const times = Float64Array.from(
    { length: rows },
    (_, n) => startAt + n * EVERY_MS + jitter + Math.floor(random() * 20),
  );
  const series = makes.slice(0, count).map((next) => Float64Array.from({ length: rows }, (_, n) => next(n)));
  return { times, series };
}

/** What it says next; rows of ten seconds are counted from the beginning, so that days differ from nights. */
export type Next = (row: number) => number;

function ownSeries(random: () => number): Next[] {
  const load = (level: number): Next => {
    const busy = process(random, level);
    let smooth = level;
    return (row) => {
      smooth += (busy(row) - smooth) * 0.1;
      return hundredths(smooth);
    };
  };
  return [
    percent(random, 8),
    load(1),
    memory(random, 4e6, 300, 1_024),
    bytes(random, 40_000),
    operations(random, 60),
    ...[2, 3, 5, 11, 14].map((level) => percent(random, level)),
    ...[0.5, 2].map(load),
    ...Array.from({ length: 6 }, (_, n) => memory(random, 2e6 * (n + 1), 300 * (n + 1), 1_024)),
    ...Array.from({ length: 7 }, (_, n) => operations(random, 20 * (n + 1))),
    ...Array.from({ length: 7 }, (_, n) => bytes(random, 8_000 * (n + 1))),
    ...Array.from({ length: 3 }, () => temperature(random)),
    ...Array.from({ length: 7 }, (_, n) => quiet(random, 100 + 50 * n)),
  ];
}

function containerSeries(random: () => number, n: number): Next[] {
  return [
    percent(random, 0.5 + n * 0.7),
    memory(random, 50_000 + random() * 2e5, 10, 4_096),
    bytes(random, 500 + n * 300),
    bytes(random, 700 + n * 200),
    quiet(random, 10 + n),
  ];
}

/** Something that works, more by day, with bursts. */
function process(random: () => number, level: number): Next {
  let mean = level;
  let burst = 0;
  return (row) => {
    if (random() < 0.002) burst = Math.abs(normal(random)) * level * 3;
    if (random() < 0.02) burst = 0;
    const daily = level * (1 + 0.3 * Math.sin((row / 8_640) * 2 * Math.PI));
    mean += 0.05 * (daily - mean) + normal(random) * level * 0.05;
    return Math.max(0, mean + burst + normal(random) * level * 0.1);
  };
}

export function percent(random: () => number, level: number): Next {
  const busy = process(random, level);
  return (row) => Math.min(100, hundredths(busy(row)));
}

export function operations(random: () => number, level: number): Next {
  const busy = process(random, level);
  return (row) => (random() < 0.3 ? 0 : Math.round(busy(row) * (random() < 0.05 ? 10 : 1)));
}

export function bytes(random: () => number, level: number): Next {
  const busy = process(random, level);
  return (row) => (random() < 0.2 ? 0 : Math.round(busy(row)));
}

export function memory(random: () => number, level: number, wander: number, unit: number): Next {
  let used = level;
  return () => {
    used = Math.max(
      level / 10,
      used + normal(random) * wander + (random() < 0.01 ? normal(random) * wander * 50 : 0),
    );
    return Math.round(used) * unit;
  };
}

export function temperature(random: () => number): Next {
  let degrees = 45;
  return () => {
    degrees += normal(random) * 0.3 + (45 - degrees) * 0.02;
    return Math.round(degrees * 10) / 10;
  };
}

function quiet(random: () => number, level: number): Next {
  let value = level;
  return () => {
    if (random() < 0.02) value = Math.max(0, value + Math.round(normal(random) * 2));
    return value;
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function normal(random: () => number): number {
  return (random() + random() + random() + random() + random() + random() - 3) * 1.41;
}
