import { type Accessor, createSignal } from "solid-js";

/**
 * A choice that stays in this browser. Every tab reads it at its start, and with `everyTab` whenever another tab
 * changes it; storage may be refused.
 */
export function createPreference<Value extends string>(
  name: string,
  allowed: readonly Value[],
  standard: Value,
  { everyTab = false } = {},
): [Accessor<Value>, (value: Value) => void] {
  const key = `pulse.${name}`;
  const read = (): Value => {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
      return allowed.find((value) => value === stored) ?? standard;
    } catch {
      return standard;
    }
  };
  const [value, setValue] = createSignal<Value>(read());
  if (everyTab)
    addEventListener("storage", (event) => {
      if (event.key === key) setValue(read);
    });
  const choose = (next: Value) => {
    setValue(() => next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // Kept for as long as the tab lives.
    }
  };
  return [value, choose];
}

/** The same for some of many. Undefined: nothing was chosen. */
export function createListPreference(
  name: string,
  allowed: readonly string[],
): [Accessor<readonly string[] | undefined>, (value: readonly string[] | undefined) => void] {
  const key = `pulse.${name}`;
  const read = () => {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
      return Array.isArray(stored) ? allowed.filter((value) => stored.includes(value)) : undefined;
    } catch {
      return undefined;
    }
  };
  const [value, setValue] = createSignal<readonly string[] | undefined>(read());
  const choose = (next: readonly string[] | undefined) => {
    setValue(next);
    try {
      if (next) localStorage.setItem(key, JSON.stringify(next));
      else localStorage.removeItem(key);
    } catch {
      // Kept for as long as the tab lives.
    }
  };
  return [value, choose];
}
