/**
 * Counters, gauges and histograms in Prometheus text format (version 0.0.4). Label values come from
 * closed sets only (procedure names, reasons, status codes): never from input, never an org.
 */
type Labels = Record<string, string | number>;

/** Label combinations one metric may hold; past it new ones are folded into the first. */
const MAX_SERIES = 2_000;

class Metric {
  readonly values = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly type: "counter" | "gauge" | "histogram",
  ) {}

  key(labels: Labels): string {
    const key = Object.entries(labels)
      .map(([name, value]) => `${name}="${String(value).replace(/[\\"\n]/g, "_")}"`)
      .join(",");
    if (this.values.has(key) || this.values.size < MAX_SERIES) return key;
    return this.values.keys().next().value ?? key;
  }

  lines(): string[] {
    return [...this.values].map(([key, value]) => `${this.name}${key && `{${key}}`} ${value}`);
  }
}

export class Counter extends Metric {
  add(labels: Labels = {}, by = 1): void {
    const key = this.key(labels);
    this.values.set(key, (this.values.get(key) ?? 0) + by);
  }

  total(): number {
    let sum = 0;
    for (const value of this.values.values()) sum += value;
    return sum;
  }
}

export class Gauge extends Metric {
  set(value: number, labels: Labels = {}): void {
    this.values.set(this.key(labels), value);
  }
}

const SECONDS_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export class Histogram extends Metric {
  readonly #series = new Map<string, { buckets: number[]; count: number; sum: number }>();

  observe(value: number, labels: Labels = {}): void {
    const key = this.key(labels);
    let series = this.#series.get(key);
    if (!series) {
      series = { buckets: SECONDS_BUCKETS.map(() => 0), count: 0, sum: 0 };
      this.#series.set(key, series);
      this.values.set(key, 0);
    }
    series.count++;
    series.sum += value;
    for (const [index, bound] of SECONDS_BUCKETS.entries()) {
      if (value <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
    }
  }

  override lines(): string[] {
    const lines: string[] = [];
    for (const [key, series] of this.#series) {
      const labels = key && `${key},`;
      for (const [index, bound] of SECONDS_BUCKETS.entries()) {
        lines.push(`${this.name}_bucket{${labels}le="${bound}"} ${series.buckets[index]}`);
      }
      lines.push(`${this.name}_bucket{${labels}le="+Inf"} ${series.count}`);
      lines.push(`${this.name}_sum${key && `{${key}}`} ${series.sum}`);
      lines.push(`${this.name}_count${key && `{${key}}`} ${series.count}`);
    }
    return lines;
  }
}

export class MetricRegistry {
  readonly #metrics: Metric[] = [];

  counter(name: string, help: string): Counter {
    return this.#add(new Counter(name, help, "counter"));
  }
  gauge(name: string, help: string): Gauge {
    return this.#add(new Gauge(name, help, "gauge"));
  }
  histogram(name: string, help: string): Histogram {
    return this.#add(new Histogram(name, help, "histogram"));
  }

  render(): string {
    const lines = this.#metrics.flatMap((metric) => [
      `# HELP ${metric.name} ${metric.help}`,
      `# TYPE ${metric.name} ${metric.type}`,
      ...metric.lines(),
    ]);
    return `${lines.join("\n")}\n`;
  }

  #add<M extends Metric>(metric: M): M {
    this.#metrics.push(metric);
    return metric;
  }
}
