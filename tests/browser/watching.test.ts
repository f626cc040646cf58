/** The window that moves: what it says, what it asks of the machine, and that it lets go of it. */
import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { PATIENCE_MS } from "../support/browser.ts";
import { until } from "../support/until.ts";
import { chartsDrawn, openMachine, setStage } from "./stage.ts";

const flow = setStage();

/** What is said of how often the machine reports. */
const says = (page: Page, words: string | RegExp) =>
  page.getByRole("status").filter({ hasText: words }).waitFor({ timeout: PATIENCE_MS });

/** Calls of these procedures, as they are made. */
function callsOf(page: Page, ...paths: string[]): string[] {
  const made: string[] = [];
  page.on("request", (request) => {
    for (const path of paths) if (request.url().includes(path)) made.push(path);
  });
  return made;
}

/** As if somebody looked at another tab, or came back. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** Rows of the table behind the CPU chart: when, and how much. */
async function rows(page: Page): Promise<string[]> {
  const button = page.getByRole("button", { name: "CPU as a table" });
  if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
  const table = page.locator('[aria-label="CPU, figures"] tbody tr');
  await table.first().waitFor();
  return table.allInnerTexts();
}

const WATCH = "resources.watch";
const UNWATCH = "resources.unwatch";

flow(
  "this machine reports each second while its live window is open, and says so; nothing jumps",
  async (stage) => {
    const pulse = await stage.pulse({ past: "hour" });
    const { page } = await stage.open(pulse, "/");
    await openMachine(page, pulse.url, "?range=15m");
    const calls = callsOf(page, WATCH, UNWATCH);
    await page.getByRole("button", { name: "Live", exact: true }).click();
    await page.waitForURL(/[?&]range=live/);
    await says(page, "Every second");
    expect(calls).toEqual([WATCH]);

    const places = () =>
      page.locator("main h1, main h2, main h3, main canvas").evaluateAll((all) =>
        all.map((each) => {
          const { x, y, width } = each.getBoundingClientRect();
          return [x, y, width].map(Math.round).join(" ");
        }),
      );
    const before = await places();
    const newest = async () => (await rows(page)).at(0) ?? "";
    const seen = new Set<string>();
    await until(async () => seen.add(await newest()).size >= 4, {
      withinMs: PATIENCE_MS,
      what: "new figures",
    });
    await page.getByRole("button", { name: "CPU as a table" }).click();
    expect(await places()).toEqual(before);

    await hide(page, true);
    await until(() => calls.includes(UNWATCH), { withinMs: PATIENCE_MS, what: "a hidden tab lets go" });
    await hide(page, false);
    await says(page, "Every second");
    const asked = calls.length;
    await page.getByRole("button", { name: "1 h", exact: true }).click();
    await until(() => calls.length > asked, { withinMs: PATIENCE_MS, what: "another range lets go" });
    expect(calls.at(-1)).toBe(UNWATCH);
    await page.getByText("Every second").waitFor({ state: "hidden" });
  },
);

flow("what reports seldom says how often, and why, in the same window", async (stage) => {
  const pulse = await stage.pulse({ machines: [{ name: "zz-elsewhere" }] });
  const { page } = await stage.open(pulse, "/");
  await page
    .getByRole("link", { name: /zz-elsewhere/ })
    .first()
    .click();
  await chartsDrawn(page);
  await page.getByRole("button", { name: "Live", exact: true }).click();
  await says(page, /^Every .+: its source is not asked more often$/);
});

flow("after an hour the window asks whether to go on, and goes on when it is told to", async (stage) => {
  const pulse = await stage.pulse({ past: "hour" });
  const { page } = await stage.open(pulse, "/");
  const over = [{ result: { data: { intervalMs: 10_000, usualMs: 10_000, why: "over" } } }];
  await page.route(`**/${WATCH}*`, (route) => route.fulfill({ json: over }));
  await openMachine(page, pulse.url, "?range=live");
  await says(page, /^Every 10.s: an hour of reports each second is over$/);
  await page.unroute(`**/${WATCH}*`);
  await page.getByRole("button", { name: "Go on" }).click();
  await says(page, "Every second");
});

flow("who wants little motion sees the window move with each second, not between", async (stage) => {
  const pulse = await stage.pulse({ past: "hour" });
  const { page } = await stage.open(pulse, "/", { reducedMotion: "reduce" });
  await openMachine(page, pulse.url, "?range=live");
  await says(page, "Every second");
  const moves = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const canvas = document.querySelector("main canvas") as HTMLCanvasElement;
        const context = canvas.getContext("2d") as CanvasRenderingContext2D;
        const clear = context.clearRect.bind(context);
        let count = 0;
        context.clearRect = (...place) => {
          count += 1;
          clear(...place);
        };
        setTimeout(() => resolve(count), 4_000);
      }),
  );
  /* One with each second, one with each report. */
  expect(moves).toBeWithin(2, 11);
});
