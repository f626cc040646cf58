/** How long a fact that hardly ever changes (the model of a disk, the speed of a link) is believed. */
const BELIEVED_MS = 60_000;

/** Facts about things that come and go, found out anew once a minute. Forgets what is not asked for. */
export class Remembered<Fact> {
  private facts = new Map<string, { fact: Fact; until: number }>();

  constructor(private readonly findOut: (name: string) => Fact) {}

  /** Facts of exactly these names, in their order; every other one is forgotten. */
  of(names: string[], nowMs: number): Map<string, Fact> {
    const kept = new Map<string, { fact: Fact; until: number }>();
    for (const name of names) {
      const held = this.facts.get(name);
      const isFresh = held !== undefined && nowMs < held.until;
      kept.set(name, isFresh ? held : { fact: this.findOut(name), until: nowMs + BELIEVED_MS });
    }
    this.facts = kept;
    return new Map([...kept].map(([name, { fact }]) => [name, fact]));
  }
}
