import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { misbuilt, sideways, tooSmall } from "./judges.ts";
import { machinesShown, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
const LONG = "the-mail-server-of-everybody-who-has-ever-lived-in-this-house-and-of-their-friends";
const pulse = sharedPulse({
  things: [
    {
      kind: "host",
      key: "dock",
      name: "dock",
      status: "up",
      attributes: {},
      metrics: { cpu_percent: 20, memory_used_bytes: 4e9, memory_total_bytes: 16e9 },
    },
  ],
  containers: { on: "dock", count: 120, past: true, first: LONG },
});

flow("which container had most memory at some time today, and when, is told at a glance", async (stage) => {
  const { page } = await stage.open(pulse(), "/compare?range=24h");
  await ranked(page);
  expect((await names(page)).slice(0, 3)).toEqual([LONG, "app-1", "app-2"]);
  await page.getByText("Measured in this time: 120 of 120 containers. These are the first 50.").waitFor();

  await page.getByRole("button", { name: "Highest" }).click();
  await page.waitForURL(/by=max/);
  await until(page, "app-3");
  expect(await row(page, "app-3").innerText()).toMatch(/5\.59\s?GiB/);
  const told = await row(page, "app-3").locator("[title*=':']").first().getAttribute("title");
  const hoursAgo = (pulse().furnishedAt - Date.parse((told ?? "").replace(",", ""))) / 3_600_000;
  expect(hoursAgo).toBeWithin(2.7, 3.3);
  // Drawn is what stands first.
  await page.locator("main figure figcaption").getByText("app-3", { exact: true }).waitFor();

  // It can be sent to somebody else.
  await page.reload();
  await ranked(page);
  expect((await names(page))[0]).toBe("app-3");
});

flow("what passed by has a total, and is ranked by it", async (stage) => {
  const { page } = await stage.open(pulse(), "/compare?range=24h");
  await ranked(page);
  await page.getByLabel("What is compared").selectOption({ label: "Network in of containers" });
  await page.getByRole("button", { name: "In total" }).waitFor();
  expect(await page.getByLabel("Ranked by").inputValue()).toBe("total");
  // 50 KB a second on average, all day.
  await page
    .locator("main tbody tr", { hasText: /4\.\d\d\s?GiB/ })
    .first()
    .waitFor();
});

flow("a few are picked, drawn, and compared with each other alone", async (stage) => {
  const { page } = await stage.open(pulse(), "/compare?range=24h");
  await ranked(page);
  await page.getByRole("checkbox", { name: "Draw app-7" }).check();
  await page.getByRole("checkbox", { name: "Draw app-9" }).check();
  await page.waitForURL(/pick=/);
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("main figure figcaption a")].map((each) => each.textContent).join() ===
      "app-7,app-9",
  );
  await page.getByRole("button", { name: "Only those picked" }).click();
  await page.getByText("Measured in this time: 2 of 2 containers.").waitFor();
  expect(await names(page)).toEqual(["app-7", "app-9"]);
  await page.reload();
  await ranked(page);
  expect(await names(page)).toEqual(["app-7", "app-9"]);
  await page.locator("main h1").click();
  await page.keyboard.press("Escape");
  await page.getByText("120 of 120").waitFor();
  expect(new URL(page.url()).search).toBe("?range=24h");
});

flow("a row leads to its page at the same time, by keys as well", async (stage) => {
  const { page } = await stage.open(pulse(), "/compare?range=6h");
  await ranked(page);
  await page.locator("main [data-row]").first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/resources\/r[a-z2-7]{19}\?range=6h$/);
  await page.getByRole("heading", { level: 1, name: "app-1", exact: true }).waitFor();
  expect(await page.getByRole("button", { name: "6 h", exact: true }).getAttribute("aria-pressed")).toBe(
    "true",
  );
  await page.goBack();
  await ranked(page);
});

flow("it is found from a machine's containers, from all resources and by its name", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page.locator("main").getByRole("link", { name: /dock/ }).first().click();
  await page.getByRole("heading", { level: 1, name: "dock" }).waitFor();
  await page.getByRole("button", { name: "24 h", exact: true }).click();
  await page.getByRole("link", { name: "Which used most?" }).click();
  await page.waitForURL(/\/compare\?kind=container&within=r[a-z2-7]{19}&range=24h$/);
  await ranked(page);
  expect(await page.getByLabel("Where").locator("option:checked").innerText()).toBe("In dock");

  await page.goto(`${pulse().url}/resources`);
  await page.getByRole("link", { name: "Compare", exact: true }).click();
  await page.waitForURL(`${pulse().url}/compare`);
  await page.goto(`${pulse().url}/`);
  await machinesShown(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("used most");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${pulse().url}/compare`);
  await page.getByRole("heading", { level: 1, name: "Compare" }).waitFor();
});

flow("last night is one click, and Escape leads back from it", async (stage) => {
  const { page } = await stage.open(pulse(), "/compare");
  await ranked(page);
  const night = page.getByRole("button", { name: "Last night" });
  await night.click();
  await page.waitForURL(/from=\d+&to=\d+/);
  expect(await night.getAttribute("aria-pressed")).toBe("true");
  const asked = new URL(page.url()).searchParams;
  const [from, to] = [new Date(Number(asked.get("from"))), new Date(Number(asked.get("to")))];
  expect([from.getHours(), from.getMinutes()]).toEqual([22, 0]);
  // Late in the evening and in the small hours it is still going on.
  expect(to.getHours() === 6 || Date.now() - to.getTime() < 120_000).toBe(true);
  await page.locator("main h1").click();
  await page.keyboard.press("Escape");
  await page.waitForURL(`${pulse().url}/compare`);
});

flow("a time or a place with nothing in it is said to be so", async (stage) => {
  const { page } = await stage.open(pulse(), "/compare?from=1500000000000&to=1500000600000");
  await page.getByText("None of 120 containers was measured in this time.").waitFor();
  await page.goto(`${pulse().url}/compare?tag=nobody-has-this`);
  await page.getByText("There are no containers here.").waitFor();
  expect(await page.getByLabel("Where").locator("option:checked").innerText()).toBe("Tagged nobody-has-this");
});

flow("what cannot be ranked is told, with what is known before still there", async (stage) => {
  const { page, expect: expectTrouble } = await stage.open(pulse(), "/compare?range=24h");
  await ranked(page);
  expectTrouble(/502/);
  await page.route("**/history.top*", (route) => route.fulfill({ status: 502, body: "Bad gateway" }));
  await page.getByLabel("Ranked by").selectOption("max");
  await page.getByText("This could not be ranked.").waitFor();
  expect((await names(page))[0]).toBe(LONG);
});

flow("where nothing is watched, the page says what it will be for", async (stage) => {
  const empty = await stage.pulse(undefined, { env: { PULSE_LOCAL_AGENT: "false" } });
  const { page } = await stage.open(empty, "/compare");
  await page.getByText(/^Nothing is watched yet\. As soon as/).waitFor();
});

flow("on a phone nothing reaches beyond the side, and a finger hits everything", async (stage) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { page } = await stage.open(pulse(), "/compare?range=24h", phone);
  await ranked(page);
  await page
    .getByText(/^at most 1\.\d\d\sGiB/)
    .first()
    .waitFor();
  expect([await sideways(page), await tooSmall(page), await misbuilt(page)]).toEqual([[], [], []]);
});

async function ranked(page: Page): Promise<void> {
  await page.getByRole("table", { name: "Ranking" }).waitFor();
}

function names(page: Page): Promise<string[]> {
  return page
    .locator("main table [data-row] > :first-child")
    .evaluateAll((all) => all.map((each) => each.textContent ?? ""));
}

function row(page: Page, name: string) {
  return page.locator("main tbody tr", { has: page.getByText(name, { exact: true }) });
}

/** Waits until this one stands first. */
async function until(page: Page, name: string): Promise<void> {
  await page.locator("main tbody tr").first().getByText(name, { exact: true }).waitFor();
}
