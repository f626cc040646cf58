import { type Family, labelOf, type Sample } from "../exposition/parse.ts";

/** What a page of node_exporter says, by the names of its samples. */
export class NodePage {
  private readonly samples = new Map<string, Sample[]>();

  constructor(families: readonly Family[]) {
    for (const family of families) {
      for (const sample of family.samples) {
        const same = this.samples.get(sample.name);
        if (same) same.push(sample);
        else this.samples.set(sample.name, [sample]);
      }
    }
  }

  has(name: string): boolean {
    return this.samples.has(name);
  }

  all(name: string): readonly Sample[] {
    return this.samples.get(name) ?? [];
  }

  /** Of a metric that is there once. */
  value(name: string): number | undefined {
    const value = this.samples.get(name)?.[0]?.value;
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  }

  /** By one of its labels; of a metric that is there twice for the same, the first counts. */
  by(label: string, name: string): Map<string, number> {
    const values = new Map<string, number>();
    for (const sample of this.all(name)) {
      const key = labelOf(sample, label);
      if (key !== undefined && !values.has(key) && Number.isFinite(sample.value))
        values.set(key, sample.value);
    }
    return values;
  }

  /** A label of a metric that says what something is, and is there once. */
  text(name: string, label: string): string | undefined {
    const sample = this.samples.get(name)?.[0];
    return sample && labelOf(sample, label);
  }

  /** Samples that say what several things are, by the label that names the thing. */
  described(label: string, name: string): Map<string, Sample> {
    const found = new Map<string, Sample>();
    for (const sample of this.all(name)) {
      const key = labelOf(sample, label);
      if (key !== undefined && !found.has(key)) found.set(key, sample);
    }
    return found;
  }
}
