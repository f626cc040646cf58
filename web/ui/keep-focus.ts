import { onCleanup } from "solid-js";

/** A form that opens is gone on with at its first field. */
export function focusFirst(form: HTMLElement): void {
  queueMicrotask(() => form.querySelector<HTMLElement>("input, select, textarea")?.focus());
}

interface Had {
  element: HTMLElement;
  name: string;
  row: HTMLLIElement | null;
  /** Which of the rows. */
  at: number;
}

/**
 * What had the focus in here may be gone after it was pressed, or drawn anew. Then the focus goes to the button or
 * link of the same name, or to the row it was in or that has come in its place, or to the last button.
 */
export function keepFocus(container: HTMLElement): void {
  let had: Had | undefined;
  container.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    const row = target.closest("li");
    had = { element: target, name: nameOf(target), row, at: row ? rowsIn(container).indexOf(row) : -1 };
  });
  /* Whoever leaves it by themselves is not brought back. */
  container.addEventListener("focusout", () =>
    queueMicrotask(() => {
      if (had?.element.isConnected) had = undefined;
    }),
  );
  const watch = new MutationObserver(() => {
    if (!had || had.element.isConnected || document.activeElement !== document.body) return;
    const next = placeOf(had, container);
    had = undefined;
    next?.focus({ preventScroll: true });
  });
  watch.observe(container, { childList: true, subtree: true });
  onCleanup(() => watch.disconnect());
}

function placeOf({ name, row, at }: Had, container: HTMLElement): HTMLElement | undefined {
  const same = pressable(container).find(
    (one) => name !== "" && nameOf(one) === name && !one.closest("form"),
  );
  if (same) return same;
  const rows = rowsIn(container);
  const place = row?.isConnected ? row : at < 0 ? undefined : (rows[at] ?? rows.at(-1));
  const [first] = place ? pressable(place) : [];
  return first ?? pressable(container).at(-1);
}

function rowsIn(container: HTMLElement): HTMLLIElement[] {
  return [...container.querySelectorAll("li")];
}

function pressable(container: HTMLElement): HTMLElement[] {
  return [...container.querySelectorAll<HTMLElement>("a[href], button:not(:disabled)")];
}

function nameOf(element: HTMLElement): string {
  return element.getAttribute("aria-label") ?? element.textContent?.trim() ?? "";
}
