import { expect } from "bun:test";
import { hostname } from "node:os";
import { focusWithoutSign, tabTo } from "./by-keys.ts";
import { OWNER } from "./pulse.ts";
import { chartsDrawn, machinesShown, openMachine, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
const machines = ["alpha", "beta", "gamma", "delta", "zeta"].map((name) => ({ name }));
const pulse = sharedPulse({ past: "hour", machines });

flow("signing in, looking at a machine and going back needs no mouse", async (stage) => {
  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse().url}/`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.keyboard.type(OWNER.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(OWNER.password);
  await page.keyboard.press("Enter");
  await machinesShown(page);

  await tabTo(page, (name) => name === "Skip to content");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "main");
  await tabTo(page, (name) => name.includes(hostname()));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: hostname() }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL(`${pulse().url}/`);
});

flow("Ctrl-K finds a machine by a part of its name and goes there", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type("amm");
  await page.getByRole("option", { name: /gamma/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "gamma" }).waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("settings");
  await page
    .getByRole("option", { name: /Settings/ })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("new sil");
  await page.getByRole("option", { name: "New silence" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "New silence" }).waitFor();
});

flow("what is typed after Ctrl-K is for the palette, also before it has come", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  const typed = Promise.withResolvers<void>();
  await page.route("**/assets/*.js", async (route) => {
    await typed.promise;
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  await page.keyboard.type("new ");
  expect(await page.getByRole("combobox").count()).toBe(0);
  /* Escape takes it back, with what was typed. */
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("new ");
  typed.resolve();
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type("sil");
  await page.getByRole("option", { name: "New silence" }).waitFor();
  expect(await page.getByRole("combobox").inputValue()).toBe("new sil");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "New silence" }).waitFor();
  /* At once: where the page before had the focus, the palette has it now. */
  await page.keyboard.press("Control+k");
  await page.keyboard.type("settings");
  await page
    .getByRole("option", { name: /Settings/ })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
});

flow("Escape closes the palette and gives the focus back to where it was", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await tabTo(page, (name) => name === "Overview");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.waitForFunction(() => document.activeElement?.textContent?.trim() === "Overview");
});

flow("? lists the keys, and each of them does what the list says", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard" });
  await list.waitFor();
  const said = await list.innerText();
  for (const key of ["Ctrl", "/", "[", "]", "Esc", "?"]) expect(said).toContain(key);
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "hidden" });

  await page.keyboard.press("/");
  await page.keyboard.type("bet");
  await page.getByText(/1 of 6/).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText(/1 of 6/).waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: /alpha/ }).first().press("Enter");
  await page.getByRole("heading", { level: 1, name: "alpha" }).waitFor();
  await page.keyboard.press("]");
  await page.getByRole("heading", { level: 1, name: "beta" }).waitFor();
  await page.keyboard.press("[");
  await page.getByRole("heading", { level: 1, name: "alpha" }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL(`${pulse().url}/`);
});

flow("keys typed into a field do not steer the page", async (stage) => {
  const { page } = await stage.open(pulse(), "/settings");
  const field = page.getByLabel("New password", { exact: true });
  await field.focus();
  await page.keyboard.type("a?b/c[d]");
  expect(await field.inputValue()).toBe("a?b/c[d]");
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(page.url()).toBe(`${pulse().url}/settings`);
});

flow("arrows move through the machines of the table, Enter opens one", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  const rows = page.locator("main table [data-row]");
  await rows.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  const focused = await page.evaluate(() => document.activeElement?.textContent ?? "");
  expect(focused).toBe(await rows.nth(1).evaluate((row) => row.textContent ?? ""));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/machines\//);
});

flow(
  "the menu of the person opens, moves and closes by key, and the focus returns to its button",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await machinesShown(page);
    await tabTo(page, (name) => name.includes(OWNER.name));
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role")?.startsWith("menuitem"));
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });
    await page.waitForFunction((name) => document.activeElement?.textContent?.includes(name), OWNER.name);
  },
);

for (const scheme of ["light", "dark"] as const) {
  flow(`what has the focus can be seen, everywhere (${scheme})`, async (stage) => {
    const visit = await stage.visit(pulse(), { colorScheme: scheme });
    const { page } = await visit.tab(`${pulse().url}/`);
    const invisible: string[] = [];
    const walk = async (where: string) => {
      for (const each of await focusWithoutSign(page)) invisible.push(`${where}: ${each}`);
    };
    await machinesShown(page);
    await walk("overview");
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await walk("overview, table");
    await openMachine(page, pulse().url);
    await chartsDrawn(page);
    await walk("machine");
    await page.goto(`${pulse().url}/settings`);
    await page.getByText("This one").waitFor();
    await walk("settings");
    await visit.context.clearCookies();
    await page.goto(`${pulse().url}/sign-in`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await walk("sign-in");
    expect(invisible).toEqual([]);
  });
}

flow("after a page has changed, the title tells which one it is", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page.getByRole("link", { name: /beta/ }).first().press("Enter");
  await page.getByRole("heading", { level: 1, name: "beta" }).waitFor();
  await page.waitForFunction(() => document.title === "beta · Pulse");
});

flow("after a page has changed, the focus is at its heading", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  const atHeading = (words: string) =>
    page.waitForFunction(
      (name) => document.activeElement?.tagName === "H1" && document.activeElement.textContent === name,
      words,
    );
  await page.locator("header").getByRole("link", { name: /beta/ }).click();
  await atHeading("beta");
  await page.keyboard.press("]");
  await atHeading("delta");
  await page.keyboard.press("Control+k");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
  await page.keyboard.type("gamma");
  await page.locator('[role="option"][aria-selected="true"]', { hasText: "gamma" }).waitFor();
  await page.keyboard.press("Enter");
  await atHeading("gamma");
  await page.getByRole("button", { name: OWNER.name }).click();
  await page.getByRole("menuitem", { name: "Settings" }).click();
  await atHeading("Settings");
});

flow("the list of keys gives the focus back, also to the menu it was opened from", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  const list = page.getByRole("dialog", { name: "Keyboard" });
  const focusIsOn = (name: string) =>
    page.waitForFunction((words) => document.activeElement?.textContent?.includes(words), name);
  await tabTo(page, (name) => name === "Settings");
  await page.keyboard.press("?");
  await list.waitFor();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "hidden" });
  await focusIsOn("Settings");
  await page.getByRole("button", { name: OWNER.name }).click();
  await page.getByRole("menuitem", { name: "Keyboard" }).click();
  await list.waitFor();
  await page.keyboard.press("Escape");
  await list.waitFor({ state: "hidden" });
  await focusIsOn(OWNER.name);
});
