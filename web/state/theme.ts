import { createEffect, createRoot, createSignal } from "solid-js";
import { createPreference } from "./preferences.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const [theme, setTheme] = createPreference<Theme>("theme", THEMES, "system");
const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const [systemDark, setSystemDark] = createSignal(darkSystem.matches);
darkSystem.addEventListener("change", (event) => setSystemDark(event.matches));

export { setTheme, theme };

/** What is on the screen, with "system" resolved; /theme.js has set it before the first paint. */
export function shownTheme(): "light" | "dark" {
  const chosen = theme();
  if (chosen !== "system") return chosen;
  return systemDark() ? "dark" : "light";
}

/** Read once: a chart asks for a few of them for every line it draws. */
const colors = new Map<string, string>();

/** Painted tokens of the page, for what is drawn on a canvas. Tracks the theme. */
export function themeColor(token: string): string {
  shownTheme();
  const key = `${document.documentElement.dataset["theme"]} ${token}`;
  let color = colors.get(key);
  if (color === undefined) {
    color = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
    colors.set(key, color);
  }
  return color;
}

createRoot(() => {
  createEffect(() => {
    document.documentElement.dataset["theme"] = shownTheme();
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", themeColor("--page"));
  });
});
