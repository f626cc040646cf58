/** Reads history for the rules, one after the other and a few at a look, so that nobody else waits for it. */
export class SeldomReading {
  readonly #onFailure: (error: unknown) => void;
  #reading: Promise<void> | undefined;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get isBusy(): boolean {
    return this.#reading !== undefined;
  }

  async settled(): Promise<void> {
    await this.#reading;
  }

  /** Nothing is begun while something is read. What cannot be read is told of and left out. */
  begin<T>(wanted: readonly T[], read: (one: T) => Promise<void>): void {
    if (this.#reading || wanted.length === 0) return;
    this.#reading = this.#oneByOne(wanted, read).finally(() => {
      this.#reading = undefined;
    });
  }

  async #oneByOne<T>(wanted: readonly T[], read: (one: T) => Promise<void>): Promise<void> {
    for (const one of wanted) await read(one).catch(this.#onFailure);
  }
}
