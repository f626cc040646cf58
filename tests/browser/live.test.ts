import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { PATIENCE_MS } from "../support/browser.ts";
import { until } from "../support/until.ts";
import {
  chartsDrawn,
  connectionSays,
  firstMachine,
  machinesShown,
  nextReport,
  openMachine,
  reportMoment,
  setStage,
} from "./stage.ts";

const flow = setStage();

/** What a browser says when nobody listens, or an answer is cut short: expected where a server ends. */
const NOBODY_THERE = /ERR_(CONNECTION|CONTENT_LENGTH|SOCKET|INCOMPLETE|EMPTY)/;

flow("figures on the overview change with the next report, without a reload", async (stage) => {
  const pulse = await stage.pulse();
  const { page } = await stage.open(pulse, "/");
  await machinesShown(page);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const figures = () => page.locator("main dl").first().innerText();
  const [before, at] = [await figures(), await reportMoment(page)];
  await nextReport(page, at);
  expect(await figures()).not.toBe(before);
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  flow(
    `a server that ends by ${signal} and comes back: said in words, nothing lost on the page, live by itself`,
    async (stage) => {
      const pulse = await stage.pulse({ past: "hour" });
      const visit = await stage.visit(pulse);
      visit.expect(NOBODY_THERE);
      const { page } = await visit.tab(`${pulse.url}/`);
      await machinesShown(page);
      await page.evaluate(() => Object.assign(window, { sameDocument: true }));
      const before = await reportMoment(page);

      await pulse.stop(signal);
      await page.getByText("The server does not answer.").waitFor();
      await connectionSays(page, /Server away since \d\d:\d\d/);
      expect(await page.locator("main dl").first().innerText()).toMatch(/\d %|\d\s*%/);
      expect(await reportMoment(page)).toBe(before);

      await pulse.start();
      await connectionSays(page, "Live");
      await page.getByText("The server does not answer.").waitFor({ state: "hidden" });
      await nextReport(page, before);
      expect(page.url()).toBe(`${pulse.url}/`);
      expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
    },
  );
}

flow(
  "a machine keeps its address although the server was killed seconds after first seeing it",
  async (stage) => {
    const pulse = await stage.pulse();
    const visit = await stage.visit(pulse);
    visit.expect(NOBODY_THERE);
    const { page } = await visit.tab(`${pulse.url}/`);
    await machinesShown(page);
    await nextReport(page, await reportMoment(page));
    const address = await firstMachine(page);
    await pulse.stop("SIGKILL");
    await pulse.start();
    await connectionSays(page, "Live");
    await page.reload();
    await machinesShown(page);
    expect(await firstMachine(page)).toBe(address);
  },
);

flow("history goes on after a restart: what was before is still drawn", async (stage) => {
  const pulse = await stage.pulse({ past: "hour" });
  const visit = await stage.visit(pulse);
  visit.expect(NOBODY_THERE);
  const { page } = await visit.tab();
  await openMachine(page, pulse.url, "?range=15m");
  const before = await drawnValues(page);
  expect(before).toBeGreaterThan(80);
  await pulse.stop("SIGKILL");
  await page.getByText("The server does not answer.").waitFor();
  // The picture of before stays while there is nobody to ask.
  expect(await drawnValues(page)).toBeGreaterThan(80);
  await pulse.start();
  await connectionSays(page, "Live");
  await page.reload();
  await chartsDrawn(page);
  expect(await drawnValues(page)).toBeGreaterThan(80);
});

flow("twelve tabs on plain HTTP/1.1 are all live over one connection", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit(pulse);
  const tabs: Page[] = [];
  for (let index = 0; index < 12; index += 1) tabs.push((await visit.tab(`${pulse.url}/`)).page);
  await Promise.all(tabs.map(machinesShown));
  const moments = await Promise.all(tabs.map(reportMoment));
  await Promise.all(tabs.map((page, index) => nextReport(page, moments[index] ?? "")));
  expect(await pulse.metric("pulse_live_streams")).toBe(1);

  // A tab that is closed takes nothing from the others; the last one takes the connection with it.
  await Promise.all(tabs.slice(1).map((page) => page.close()));
  expect(await pulse.metric("pulse_live_streams")).toBe(1);
  await tabs[0]?.close();
  await until(async () => (await pulse.metric("pulse_live_streams")) === 0, {
    withinMs: PATIENCE_MS,
    what: "no stream is open",
  });
});

/** Rows of the table behind the CPU chart that hold a figure. */
async function drawnValues(page: Page): Promise<number> {
  const button = page.getByRole("button", { name: "CPU as a table" });
  if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
  const cells = page.locator('[aria-label="CPU, figures"] tbody tr td:nth-child(2)');
  await cells.first().waitFor();
  const texts = await cells.allInnerTexts();
  const every = Math.max(1, Math.ceil(90 / texts.length));
  return texts.filter((text) => /\d/.test(text)).length * every;
}
