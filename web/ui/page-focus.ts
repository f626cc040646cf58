import { type Accessor, createEffect, on } from "solid-js";

/** How long a new page may take to draw its heading, or to draw it anew when what it shows has come. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;

/**
 * After a page has changed, keyboard and screen reader go on at its main heading. A field of the new page that
 * asked for the focus keeps it, whoever moves on is left alone, and nothing scrolls.
 */
export function focusNewPages(path: Accessor<string>): void {
  createEffect(on(path, (page) => soon(() => followHeading(() => path() === page)), { defer: true }));
}

/** When the frame is drawn, and after whatever gives the focus back as it closes. */
function soon(act: () => void): void {
  requestAnimationFrame(() => setTimeout(act));
}

/** A heading that is drawn anew takes the focus with it into nowhere: then the new one gets it. */
function followHeading(isStillThere: () => boolean): void {
  const deadline = performance.now() + PATIENCE_MS;
  let given = false;
  const look = () => {
    if (!isStillThere()) return;
    const isOver = performance.now() > deadline;
    const main = document.querySelector("main");
    const focused = document.activeElement;
    const isLost = focused === null || focused === document.body;
    const isElsewhere = !isWithin(main, focused) && !focused?.closest('[role="dialog"]');
    if (isLost || (!given && isElsewhere)) given = give(main, isOver);
    if (!isOver) setTimeout(look, LOOK_EVERY_MS);
  };
  look();
}

function give(main: Element | null, isLastChance: boolean): boolean {
  const target =
    main?.querySelector<HTMLElement>("h1") ?? (isLastChance ? (main as HTMLElement | null) : null);
  if (!target) return false;
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  return true;
}

function isWithin(main: Element | null, focused: Element | null): boolean {
  return main !== null && focused !== main && main.contains(focused);
}

/** For what is drawn after the router has looked for what the address names. */
export function showIfNamed(element: HTMLElement): void {
  if (location.hash === `#${element.id}`) queueMicrotask(() => element.scrollIntoView());
}
