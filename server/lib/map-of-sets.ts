/** Several values under one key; a key without values takes no memory. */
export class MapOfSets<Key, Value> {
  readonly #sets = new Map<Key, Set<Value>>();

  keys(): IterableIterator<Key> {
    return this.#sets.keys();
  }

  get(key: Key): Value[] {
    const set = this.#sets.get(key);
    return set ? [...set] : [];
  }

  add(key: Key, value: Value): void {
    const set = this.#sets.get(key);
    if (set) set.add(value);
    else this.#sets.set(key, new Set([value]));
  }

  delete(key: Key, value: Value): void {
    const set = this.#sets.get(key);
    if (set?.delete(value) && set.size === 0) this.#sets.delete(key);
  }
}
