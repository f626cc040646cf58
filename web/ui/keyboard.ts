import { onCleanup, onMount } from "solid-js";

/** Keys of the page. A key is left alone while someone types, or when a layer above has taken it. */
type Handler = (event: KeyboardEvent) => boolean;

const escapes: (() => boolean)[] = [];

export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Escape goes one step back: the newest handler that can do something does it. */
export function onEscape(stepBack: () => boolean): void {
  onMount(() => escapes.push(stepBack));
  onCleanup(() => {
    const index = escapes.indexOf(stepBack);
    if (index >= 0) escapes.splice(index, 1);
  });
}

/** Listens for as long as the component lives. The handler answers whether the key was for it. */
export function onKey(handle: Handler): void {
  const listen = (event: KeyboardEvent) => {
    if (!event.defaultPrevented && handle(event)) event.preventDefault();
  };
  onMount(() => document.addEventListener("keydown", listen));
  onCleanup(() => document.removeEventListener("keydown", listen));
}

/** What is typed while this lives, before anything else can take it for a key of its own. */
export function takeTyping(take: (character: string) => void): void {
  const listen = (event: KeyboardEvent) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.key);
  };
  onMount(() => document.addEventListener("keydown", listen, { capture: true }));
  onCleanup(() => document.removeEventListener("keydown", listen, { capture: true }));
}

export function stepBack(): boolean {
  /* A dialog above the page is what is stepped back from, wherever the focus has gone. */
  if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return false;
  return escapes.toReversed().some((step) => step());
}

/** Up and down move through the links of a list or table, as Tab would but without leaving it. */
export function moveThroughRows(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const here = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[here + step];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
}
