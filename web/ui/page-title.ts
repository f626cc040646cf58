import { type Accessor, createEffect, createSignal } from "solid-js";

const [badge, setBadge] = createSignal(0);

/** How many wait for somebody, and whether one of them is critical: in the title, on the icon, and on the app's. */
export function setBadges(count: number, isCritical: boolean): void {
  setBadge(count);
  const icon = count === 0 ? "/icon.svg" : isCritical ? "/icon-critical.svg" : "/icon-warning.svg";
  document.querySelector('link[rel="icon"]')?.setAttribute("href", icon);
  /* Only where Pulse is installed, and not in every browser. */
  const app = navigator as { setAppBadge?: (count: number) => Promise<void> };
  void app.setAppBadge?.(count).catch(() => {});
}

/** What stands in the browser's tab. The innermost page that says something wins: it runs last. */
export function setPageTitle(title: Accessor<string>): void {
  createEffect(() => {
    document.title = `${badge() > 0 ? `(${badge()}) ` : ""}${title()} · Pulse`;
  });
}
