import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { misbuilt, poorlyReadable, seriousFindings, sideways, unnamed } from "./judges.ts";
import { machinesShown, setStage, sharedPulse } from "./stage.ts";

const flow = setStage(1);
const pulse = sharedPulse({
  past: "hour",
  machines: [
    { name: "attic", trouble: "full" },
    { name: "cellar", trouble: "failed-units" },
    { name: "nas", trouble: "down" },
  ],
});

async function openAlerts(page: Page): Promise<void> {
  await page.goto(`${pulse().url}/alerts`);
  await page.getByRole("heading", { level: 1, name: /open alert/ }).waitFor();
}

const lines = (page: Page) =>
  page
    .getByRole("list", { name: "Open alerts" })
    .locator("[data-alert]")
    .evaluateAll((rows) => rows.map((row) => row.textContent?.replaceAll(/\s+/g, " ") ?? ""));

flow(
  "what is wrong stands by urgency, under its machine; one key takes it, another gives it back",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await machinesShown(page);
    await page.waitForFunction(() => /^\(\d+\) Overview/.test(document.title));
    await page
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name: /^Alerts open: \d/ })
      .click();
    await page.getByRole("heading", { level: 1, name: /open alert/ }).waitFor();
    const before = await lines(page);
    const levels = before.map((line) => line.startsWith("Critical"));
    expect(levels).toEqual(levels.toSorted((a, b) => Number(b) - Number(a)));
    expect(before.some((line) => /attic: .* is 97\.3 % full/.test(line))).toBe(true);
    expect(before.some((line) => /nas is down/.test(line))).toBe(true);
    expect(before.some((line) => /cellar: 2 units failed/.test(line))).toBe(true);

    const row = page.locator("[data-alert]").filter({ hasText: "nas is down" });
    await row.focus();
    await page.keyboard.press("a");
    await page
      .locator("[data-alert]")
      .filter({ hasText: /nas is down.*acknowledged by Ada Lovelace/s })
      .waitFor();
    await page.getByRole("heading", { level: 1, name: /not acknowledged$/ }).waitFor();
    await page.locator("[data-alert]").filter({ hasText: "nas is down" }).focus();
    await page.keyboard.press("a");
    await page.getByRole("heading", { level: 1, name: /open alerts?$/ }).waitFor();
  },
);

flow(
  "an incident tells what happened, with the value around it; a note, a snooze and the end are written there",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await openAlerts(page);
    await page.locator("[data-alert]").filter({ hasText: "97.3" }).first().click();
    await page.getByRole("heading", { level: 1, name: /is 97\.3\s% full/ }).waitFor();
    await page.locator("canvas").first().waitFor();
    const marked = page.getByRole("region", { name: "Marked on the charts" });
    await marked.getByText(/is 97\.3\s% full/).waitFor();
    await page.getByRole("button", { name: "Write a note" }).click();
    await page.getByLabel("Note", { exact: true }).fill("old backups of the mail");
    await page.getByRole("button", { name: "Save" }).click();
    const timeline = page.getByRole("region", { name: "What happened" });
    await timeline.getByText("old backups of the mail").waitFor();
    await page.getByRole("button", { name: "Snooze" }).click();
    await page.getByRole("button", { name: "1 hour" }).click();
    await timeline.getByText(/^Snoozed until/).waitFor();
    await page.getByRole("button", { name: "End the snooze" }).click();
    await timeline.getByText(/^Snooze over/).waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await timeline.getByText(/^Closed by hand/).waitFor();
    await page.goto(`${pulse().url}/alerts`);
    await page.getByRole("region", { name: "What is over" }).getByText(/97\.3/).waitFor();
  },
);

flow("both pages are readable and usable by everybody, on every width, in both themes", async (stage) => {
  for (const [width, colorScheme] of [
    [390, "light"],
    [1280, "dark"],
  ] as const) {
    const { page } = await stage.open(pulse(), "/", { viewport: { width, height: 900 }, colorScheme });
    await openAlerts(page);
    const path = await page.locator("[data-alert]").first().getAttribute("href");
    for (const shown of ["/alerts", path ?? ""]) {
      await page.goto(pulse().url + shown);
      await page.getByRole("heading", { level: 1 }).waitFor();
      const where = `${shown} at ${width} in ${colorScheme}`;
      expect([where, await seriousFindings(page)]).toEqual([where, []]);
      expect([where, await poorlyReadable(page)]).toEqual([where, []]);
      expect([where, await sideways(page)]).toEqual([where, []]);
      expect([where, await unnamed(page)]).toEqual([where, []]);
      expect([where, await misbuilt(page)]).toEqual([where, []]);
    }
  }
});
