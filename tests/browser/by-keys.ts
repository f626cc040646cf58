/** Where the focus is and goes, from outside. */
import type { Page } from "playwright-core";

/** Presses Tab until what has the focus is named so. */
export async function tabTo(page: Page, wanted: (name: string) => boolean): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const focused = document.activeElement;
      return (focused?.getAttribute("aria-label") ?? focused?.textContent ?? "").trim();
    });
    if (wanted(name)) return;
    seen.push(name);
  }
  throw new Error(`Tab never came there; it went: ${seen.join(" | ")}`);
}

/** Goes once round by Tab; what has the focus without an outline, a ring or a frame that differs from before. */
export async function focusWithoutSign(page: Page): Promise<string[]> {
  const invisible: string[] = [];
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!(focused instanceof HTMLElement) || focused === document.body || "walked" in focused.dataset)
        return { end: true, sign: true, name: "" };
      focused.dataset["walked"] = "";
      const clear = /^(transparent|rgba\(.*, 0\)|.*\/ 0\))$/;
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(focused);
      const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 && !clear.test(outlineColor);
      const box = focused.getBoundingClientRect();
      const inView = box.bottom > 0 && box.top < innerHeight && box.width > 0;
      const ring = boxShadow !== "none" && boxShadow !== "";
      return { end: false, sign: (outlined || ring) && inView, name: focused.outerHTML.slice(0, 140) };
    });
    if (found.end) break;
    if (!found.sign) invisible.push(found.name);
  }
  await page.evaluate(() => {
    for (const each of document.querySelectorAll<HTMLElement>("[data-walked]")) delete each.dataset["walked"];
  });
  return invisible;
}
