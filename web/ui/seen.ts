import { type Accessor, createSignal, onCleanup, onMount } from "solid-js";

/** Whether an element has been on the screen, or nearly: what nobody scrolls to is never asked for. */
export function createSeen(element: () => Element | undefined): Accessor<boolean> {
  const [seen, setSeen] = createSignal(false);
  onMount(() => {
    const target = element();
    if (!target) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: "300px" },
    );
    observer.observe(target);
    onCleanup(() => observer.disconnect());
  });
  return seen;
}

/** Whether it is there now, or nearly. */
export function createInSight(element: () => Element | undefined): Accessor<boolean> {
  const [inSight, setInSight] = createSignal(false);
  onMount(() => {
    const target = element();
    if (!target) return;
    const observer = new IntersectionObserver(
      (entries) => setInSight(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: "300px" },
    );
    observer.observe(target);
    onCleanup(() => observer.disconnect());
  });
  return inSight;
}
