import { createSignal } from "solid-js";

/**
 * Where this tab stands. The address says it, so that two tabs can stand in two places; on a server with
 * one place for everybody nothing is ever named.
 */
export interface Place {
  /** Undefined where there is nothing to name, and while nobody is signed in. */
  slug: string | undefined;
  /** What the addresses of its pages begin with. */
  base: string;
  /** What its requests say about it. */
  headers: Record<string, string>;
  /** Aborted when the place is left: what was asked there is of no use elsewhere. */
  signal: AbortSignal;
}

/** It has no address of its own: its pages are those of the server. */
const UNPREFIXED = "default";

let leaving = new AbortController();
const [place, setPlace] = createSignal<Place>({
  slug: undefined,
  base: "",
  headers: {},
  signal: leaving.signal,
});
const forgetting: ((next: string | undefined) => void)[] = [];

export { place };

/** The place an address names. */
export function slugIn(pathname: string): string {
  return /^\/o\/([^/]+)/.exec(pathname)?.[1]?.toLowerCase() ?? UNPREFIXED;
}

export function baseOf(slug: string): string {
  return slug === UNPREFIXED ? "" : `/o/${slug}`;
}

/** Leaves one place for another. Whatever keeps something of the old one listens, and forgets it first. */
export function moveTo(slug: string | undefined, headers: Record<string, string> = {}): void {
  if (place().slug === slug) return;
  leaving.abort();
  leaving = new AbortController();
  for (const forget of forgetting) forget(slug);
  setPlace({ slug, base: slug === undefined ? "" : baseOf(slug), headers, signal: leaving.signal });
}

/** Runs whenever the place is left. */
export function onSwitched(forget: (next: string | undefined) => void): void {
  forgetting.push(forget);
}
