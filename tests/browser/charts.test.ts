import { expect } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { PATIENCE_MS } from "../support/browser.ts";
import { until } from "../support/until.ts";
import { drag, drawnBetween, figureOf, frameOf, hover, inkBetween, windowIn } from "./plots.ts";
import { chartsDrawn, machinesShown, openMachine, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
/** Ten minutes without a report in the last hour, and two hours of them today. */
const HOLE = { from: 40, to: 30 };
const pulse = sharedPulse({
  past: "week",
  // So that the line of it is there from the start, and does not come when the machine of the tests is short of time.
  stolen: 1,
  holes: [HOLE, { from: 300, to: 180 }],
  machines: [{ name: "zz-large", cores: 64, disks: 12 }],
});

/**
 * Of the plot's width, where in the last hour the hole is now; its edges left out. The end is left out as well: between
 * the past and the first report of a server that takes long to start nothing is known.
 */
const inHole = () => [minutesAgo(HOLE.from) + EDGE, minutesAgo(HOLE.to) - EDGE] as const;
const beforeHole = () => [0.05, minutesAgo(HOLE.from) - EDGE] as const;
const afterHole = () => [minutesAgo(HOLE.to) + EDGE, minutesAgo(1)] as const;
const EDGE = 1.5 / 60;

/** What was so long ago when the past ended, as a share of a window that ends now. */
function minutesAgo(minutes: number, window = 60): number {
  const since = (Date.now() - pulse().furnishedAt) / 60_000;
  return Math.min(0.95, (window - minutes - since) / window);
}

flow("dragging over one chart zooms all of them; the address holds it, Escape goes back", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url);
  const wide = page.url();
  await drag(page, "CPU", 0.1, 0.3);
  await page.waitForURL(/[?&]from=\d+&to=\d+/);
  const { from, to } = windowIn(page);
  expect((to - from) / 60_000).toBeWithin(11, 13);

  for (const title of ["CPU", "Memory", "Throughput"]) {
    const shown = await openTable(page, title);
    const isZoomed = (time: string) =>
      clockMinutes(time) >= clockMinutes(clock(from)) - 0.4 &&
      clockMinutes(time) <= clockMinutes(clock(to)) + 0.4;
    await until(
      async () => {
        const times = await shown.allInnerTexts();
        return times.length > 10 && times.every(isZoomed);
      },
      { withinMs: PATIENCE_MS, what: `the table of ${title} to be of the minutes zoomed to` },
    );
  }
  // A zoom can be sent to somebody else.
  await page.reload();
  await chartsDrawn(page);
  expect(windowIn(page)).toEqual({ from, to });
  await page.keyboard.press("Escape");
  await page.waitForURL(wide);
  expect(page.url()).toBe(wide);
});

flow("a day can be zoomed down to minutes, and back", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url, "?range=24h");
  for (let zooms = 0; zooms < 3; zooms += 1) {
    const before = page.url();
    await drag(page, "Load", 0.9, 0.96);
    await page.waitForURL((address) => address.href !== before);
    await chartsDrawn(page);
    await drawnBetween(page, "Load", 0.4, 0.6);
  }
  expect((windowIn(page).to - windowIn(page).from) / 60_000).toBeLessThan(15);
  await page.keyboard.press("Escape");
  await page.waitForURL((address) => address.search === "?range=24h");
  await drawnBetween(page, "Load", 0.91, 0.95);
});

flow("a double click and the button both go back from a zoom, and so does the browser", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url);
  const wide = page.url();
  await drag(page, "Load", 0.6, 0.8);
  await page.waitForURL(/from=/);
  await drawnBetween(page, "Memory", 0.9, 0.95);
  await frameOf(page, "Memory").dblclick();
  await page.waitForURL(wide);

  await drag(page, "Load", 0.6, 0.8);
  await page.waitForURL(/from=/);
  await page.getByRole("button", { name: "Back to 1 h" }).click();
  await page.waitForURL(wide);

  await drag(page, "Load", 0.6, 0.8);
  await page.waitForURL(/from=/);
  await page.goBack();
  await page.waitForURL(wide);
  await chartsDrawn(page);
});

flow("ranges from 15 minutes to 7 days: the address says which, the figures reach as far", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url);
  const ranges = [
    // With a stretch near its end in which nothing is missing.
    { label: "15 min", query: "?range=15m", days: 0, late: [minutesAgo(2, 15), minutesAgo(1, 15)] },
    { label: "6 h", query: "?range=6h", days: 0, late: [0.96, 0.98] },
    { label: "24 h", query: "?range=24h", days: 1, late: [0.9, 0.95] },
    { label: "7 d", query: "?range=7d", days: 7, late: [0.9, 0.95] },
    { label: "1 h", query: "", days: 0, late: [minutesAgo(4), minutesAgo(1)] },
  ] satisfies { label: string; query: string; days: number; late: [number, number] }[];
  for (const { label, query, days, late } of ranges) {
    await page.getByRole("button", { name: label, exact: true }).click();
    await page.waitForURL((address) => address.search === query);
    expect(await page.getByRole("button", { name: label, exact: true }).getAttribute("aria-pressed")).toBe(
      "true",
    );
    if (days > 0) {
      const oldest = new Date(Date.now() - days * 86_400_000);
      await page.getByText(new RegExp(`^${oldest.getDate()} [A-Z][a-z]{2}, \\d\\d:\\d\\d –`)).waitFor();
    }
    // Drawn from edge to edge, but for the holes.
    await drawnBetween(page, "CPU", 0.03, 0.1);
    await drawnBetween(page, "CPU", ...late);
  }
});

flow("a time without reports is a gap in the chart and no figure in the table", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url);
  for (const title of ["CPU", "Load", "Memory", "Space used", "Throughput"]) {
    await drawnBetween(page, title, ...beforeHole());
    await drawnBetween(page, title, ...afterHole());
    expect(await inkBetween(page, title, ...inHole()), title).toBe(0);
  }
  await page.getByRole("button", { name: "Load as a table" }).click();
  const shareOfEmpty = async () => {
    const rows = await page.locator('[aria-label="Load, figures"] tbody tr').allInnerTexts();
    return rows.filter((row) => row.includes("–")).length / rows.length;
  };
  await until(async () => ((share) => share > 0.12 && share < 0.22)(await shareOfEmpty()), {
    withinMs: PATIENCE_MS,
    what: "a sixth of the rows without a figure",
  });
});

flow("the cursor is shared: over one chart, every chart tells its figures of that time", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url);
  await drawnBetween(page, "CPU", ...afterHole());
  const [start, end] = inHole();
  await hover(page, "CPU", (start + end) / 2);
  // In the hole nothing is known, in any of those in sight.
  await page.waitForFunction(headsInSight, "unknown" as const);
  await page.getByText(/^\d+ [A-Z][a-z]{2}, \d\d:\d\d:\d\d$/).waitFor();
  await hover(page, "Load", 0.2);
  await page.waitForFunction(headsInSight, "known" as const);
});

flow("a chart can be read without seeing it", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await openMachine(page, pulse().url);
  const charts = page.locator("main figure");
  for (const chart of await charts.all()) {
    const name = await chart.getByRole("heading", { level: 3 }).innerText();
    expect(await chart.getByRole("img").first().getAttribute("aria-label")).toContain(name);
    await chart.getByRole("button", { name: `${name} as a table` }).click();
    const cells = chart.getByRole("region", { name: `${name}, figures` }).locator("td");
    await until(async () => (await cells.count()) > 20, {
      withinMs: PATIENCE_MS,
      what: `the figures of ${name} in a table`,
    });
  }
});

flow("a machine with a hundred parts shows the history of every one of them", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page
    .locator("main")
    .getByRole("link", { name: /zz-large/ })
    .click();
  await page.getByRole("heading", { level: 1, name: "zz-large" }).waitFor();
  for (const title of ["CPU", "Cores", "Busy", "Load"]) await drawnBetween(page, title, 0.3, 0.9);
  await page.getByRole("button", { name: "Cores as a table" }).click();
  const row = page.locator('[aria-label="Cores, figures"] tbody tr').nth(20).locator("td");
  await until(async () => (await row.count()) > 64, { withinMs: PATIENCE_MS, what: "a row for all cores" });
  /* The questions travel in several requests, and their answers come one by one. */
  const unknown = async () => (await row.allInnerTexts()).filter((text) => text === "–").length;
  await until(async () => (await unknown()) === 0, { withinMs: PATIENCE_MS, what: "a figure in every cell" });
});

flow(
  "a metric that is missing from reports keeps its chart and its history, and no chart is drawn anew",
  async (stage) => {
    const visit = await stage.visit(pulse());
    const { page } = await visit.tab();
    await page.addInitScript(takeStream);
    await openMachine(page, pulse().url);
    const titles = ["CPU", "Busy", "Operations"];
    for (const title of titles) await drawnBetween(page, title, ...afterHole());
    // What has not been in sight has no canvas yet.
    for (const frame of await page.locator('main figure [role="img"]').all()) {
      await frame.scrollIntoViewIfNeeded();
      await frame.locator("canvas").waitFor();
    }
    await page.evaluate(() => {
      for (const canvas of document.querySelectorAll("main canvas")) canvas.setAttribute("data-first", "");
    });
    const table = page.getByRole("table", { name: "Disks" });
    const figures = await table.innerText();
    await page.evaluate(sendWithout, [
      "disk_busy_percent",
      "disk_read_wait_seconds",
      "disk_write_wait_seconds",
    ]);
    await until(async () => (await table.innerText()) !== figures, { withinMs: PATIENCE_MS });
    for (const title of titles) await drawnBetween(page, title, ...afterHole());
    expect(await page.locator("main canvas:not([data-first])").count()).toBe(0);
    // A disk that was idle all the time has nothing to draw here, and its chart all the same.
    await figureOf(page, "Wait per operation").waitFor();
  },
);

flow("history that could not be read is missed on its chart, the others are drawn", async (stage) => {
  const { page, expect: expectTrouble } = await stage.open(pulse(), "/");
  expectTrouble(/502/);
  // Of a machine with so many parts the questions travel in several requests; the first has its load.
  await page.route("**/history.range*", async (route) => {
    if (route.request().url().includes("load1")) await route.continue();
    else await route.fulfill({ status: 502, body: "Bad gateway" });
  });
  await machinesShown(page);
  const link = page.locator("main").getByRole("link", { name: /zz-large/ });
  await link.click();
  await drawnBetween(page, "Load", 0.3, 0.9);
  const missed = "Part of this history could not be read.";
  await figureOf(page, "Cores").getByText(missed).waitFor();
  expect(await figureOf(page, "Load").getByText(missed).count()).toBe(0);
});

flow("a finger that moves over a chart scrolls the page", async (stage) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { page } = await stage.open(pulse(), "/", phone);
  await openMachine(page, pulse().url);
  const address = page.url();
  const { x, y, width } = (await frameOf(page, "CPU").boundingBox()) ?? { x: 0, y: 0, width: 0 };
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove", moved: number) =>
    cdp.send("Input.dispatchTouchEvent", { type, touchPoints: [{ x: x + width / 2, y: y + 120 - moved }] });
  await touch("touchStart", 0);
  for (let moved = 20; moved <= 200; moved += 20) await touch("touchMove", moved);
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await page.waitForFunction(() => scrollY > 100);
  expect(page.url()).toBe(address);
});

flow("an address with a window that makes no sense shows the standard one", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  for (const query of ["?range=13y", "?from=5&to=1", "?from=9999999999999&to=1", "?from=x&to=y"]) {
    await openMachine(page, pulse().url, query);
    expect(await page.getByRole("button", { name: "1 h", exact: true }).getAttribute("aria-pressed")).toBe(
      "true",
    );
  }
});

flow("an address of a machine that is not here says so and leads on", async (stage) => {
  const { page } = await stage.open(pulse(), "/machines/raaaaaaaaaaaaaaaaaaa");
  await page.getByRole("heading", { level: 1, name: "This machine is not here" }).waitFor();
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await page.waitForURL(`${pulse().url}/`);
});

// --- charts, from outside ---

/** In the page, before it loads: its tab has a stream of its own, on which a test can say something too. */
function takeStream(): void {
  Reflect.deleteProperty(window, "SharedWorker");
  const Real = Worker;
  window.Worker = class extends Real {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      Object.assign(window, { stream: this });
      this.addEventListener("message", ({ data: { event } }) => {
        if (event?.type === "snapshot") Object.assign(window, { resources: event.data.resources });
      });
    }
  };
}

/** In the page: the next report of every machine leaves some metrics out. */
function sendWithout(metrics: string[]): void {
  const { stream, resources } = window as unknown as {
    stream: Worker;
    resources: { id: string; kind: string; metrics: object }[];
  };
  const at = Date.now();
  const gone = Object.fromEntries(metrics.map((metric) => [metric, null]));
  const changed = resources
    .filter(({ kind }) => kind === "host" || kind === "disk")
    .map(({ id, kind }) => ({ id, lastSeenAt: at, ...(kind === "disk" ? { metrics: gone } : {}) }));
  const event = { id: "", type: "resources", at, data: { changed, removed: [] } };
  stream.dispatchEvent(new MessageEvent("message", { data: { type: "event", event } }));
}

/** In the page: whether the heads of all charts in sight hold figures, or none does. */
function headsInSight(wanted: "known" | "unknown"): boolean {
  const heads = [...document.querySelectorAll("main figure figcaption > div")].filter((head) => {
    const { top, bottom } = head.getBoundingClientRect();
    return top > 0 && bottom < innerHeight;
  });
  const figure = /^\d[\d.,]*\s?(%|[KMGT]?i?B|\/s|ms|$)/;
  const known = heads.map((head) =>
    [...head.querySelectorAll("span")].some((each) => figure.test((each.textContent ?? "").trim())),
  );
  return heads.length > 2 && known.every((each) => each === (wanted === "known"));
}

/** The times in the table of a chart. */
async function openTable(page: Page, title: string): Promise<Locator> {
  const figure = figureOf(page, title);
  await figure.getByRole("button", { name: `${title} as a table` }).click();
  return figure.locator("tbody tr td:first-child");
}

function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function clockMinutes(clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes + seconds / 60;
}
