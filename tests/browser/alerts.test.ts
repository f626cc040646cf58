import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { ReportedResource } from "../../server/contract/report.ts";
import { PATIENCE_MS } from "../support/browser.ts";
import { until } from "../support/until.ts";
import { misbuilt, poorlyReadable, seriousFindings, sideways, unnamed } from "./judges.ts";
import { drawnBetween, inkBetween } from "./plots.ts";
import { machinesShown, setStage, sharedPulse } from "./stage.ts";

const flow = setStage({ atOnce: 1 });
const pulse = sharedPulse({
  past: "hour",
  machines: [
    { name: "attic", trouble: "full" },
    { name: "cellar", trouble: "failed-units" },
    { name: "nas", trouble: "down" },
  ],
  things: shelf(14),
});

/** A machine on which so many disks fail. */
function shelf(disks: number): ReportedResource[] {
  const facts = { attributes: {}, metrics: {} };
  const failing = Array.from({ length: disks }, (_, n) => ({
    ...{ kind: "disk" as const, key: `shelf/${n}`, parent: "shelf", name: `bay-${n}` },
    ...{ status: "degraded" as const, ...facts },
  }));
  return [{ kind: "host", key: "shelf", name: "shelf", status: "up", ...facts }, ...failing];
}

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
    await page.getByRole("status").getByText("Acknowledged: nas is down").waitFor();
    await page
      .locator("[data-alert]")
      .filter({ hasText: /nas is down.*acknowledged by Ada Lovelace/s })
      .waitFor();
    await page.getByRole("heading", { level: 1, name: /not acknowledged$/ }).waitFor();
    const ends = await page
      .locator("[data-alert] time")
      .evaluateAll((times) => times.map((time) => Math.round(time.getBoundingClientRect().right)));
    expect(new Set(ends).size).toBe(1);
    expect(await page.getByRole("heading", { level: 2, name: "nas" }).count()).toBe(0);
    await page.locator("[data-alert]").filter({ hasText: "nas is down" }).focus();
    await page.keyboard.press("a");
    await page.getByRole("heading", { level: 1, name: /open alerts?$/ }).waitFor();
  },
);

flow(
  "of a place where much is wrong a few lines stand first; one key on its button takes all of it",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await openAlerts(page);
    const place = page.getByRole("list", { name: "Open alerts" }).locator("> li").filter({ hasText: "bay-" });
    await place.getByRole("heading", { level: 2, name: "shelf" }).waitFor();
    expect(await place.locator("[data-alert]").count()).toBe(10);
    await place.getByRole("button", { name: "and 4 more" }).click();
    expect(await place.locator("[data-alert]").count()).toBe(14);
    await place.getByRole("button", { name: "Acknowledge all 14 of shelf" }).focus();
    await page.keyboard.press("a");
    await place.locator("[data-alert]", { hasText: "acknowledged by Ada Lovelace" }).nth(13).waitFor();
    expect(await place.getByRole("button", { name: /^Acknowledge all/ }).count()).toBe(0);
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
    const incident = page.url();
    const timeline = page.getByRole("region", { name: "What happened" });
    const field = page.getByLabel("Note", { exact: true });
    await page.getByRole("button", { name: "Write a note" }).click();
    await page.keyboard.type("a lot of old");
    await page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await field.waitFor();
    expect(await field.inputValue()).toBe("a lot of old");
    await page.keyboard.press("End");
    await page.keyboard.type(" backups of the mail");
    await page.keyboard.press("Control+Enter");
    await timeline.getByText("a lot of old backups of the mail").waitFor();
    expect(await timeline.getByText("Acknowledged").count()).toBe(0);

    await page.keyboard.press("ArrowLeft");
    await page.waitForURL(/from=/);
    await page.getByRole("button", { name: "Back to the incident" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(incident);
    await page.keyboard.press("Escape");
    await page.waitForURL(/\/alerts$/);
    await page.goto(incident);
    await page.getByRole("heading", { level: 1 }).getByRole("link", { name: "attic" }).click();
    await page.waitForURL(/\/machines\//);
    await page
      .locator("header")
      .getByRole("link", { name: /is 97\.3\s% full/ })
      .click();
    await page.waitForURL(incident);
    await page.getByRole("button", { name: "Snooze" }).click();
    await page.getByRole("button", { name: "1 week" }).click();
    await timeline.getByText(/^Snoozed until \d+ \w{3}, \d\d:\d\d/).waitFor();
    await page.getByText(/· snoozed until \d+ \w{3}, \d\d:\d\d$/).waitFor();
    await page.getByRole("button", { name: "End the snooze" }).click();
    await timeline.getByText(/^Snooze over/).waitFor();
    await page.getByRole("button", { name: "Call it over…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Call it over" }).click();
    await timeline.getByText(/^Closed by hand/).waitFor();
    await page.getByText("Critical, closed by hand").waitFor();
    await page.goto(`${pulse().url}/alerts`);
    const over = page
      .getByRole("region", { name: "What is over" })
      .locator("[data-alert]", { hasText: "97.3" });
    expect(await over.textContent()).toMatch(/lasted \d+\s\w+( \d+\s\w+)?, over (just now|\d+\ss ago)$/);
  },
);

flow(
  "the time of an alert is tinted on the chart of its value alone; limits are lines across it",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await machinesShown(page);
    await page.getByRole("navigation", { name: "Machines" }).getByRole("link", { name: /attic/ }).click();
    const ruled = (title: string) => inkBetween(page, title, 0.1, 0.9, "rules");
    await drawnBetween(page, "Space used", 0.1, 0.9);
    await until(async () => (await ruled("Space used")) === 1, {
      withinMs: PATIENCE_MS,
      what: "it is tinted",
    });
    await drawnBetween(page, "Load", 0.1, 0.9);
    expect(await ruled("Load")).toBe(0);
    await drawnBetween(page, "Memory", 0.1, 0.9);
    const dashes = await ruled("Memory");
    expect(dashes).toBeGreaterThan(0.3);
    expect(dashes).toBeLessThan(0.9);
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
    const cellar = page
      .getByRole("listitem")
      .filter({ has: page.locator("[data-alert]", { hasText: "cellar" }) });
    await cellar.getByRole("button", { name: "Acknowledge", exact: true }).click();
    await cellar.getByRole("button", { name: "Take back" }).click();
    await cellar.getByRole("button", { name: "Acknowledge", exact: true }).waitFor();
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
