import { expect } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { misbuilt, poorlyReadable, seriousFindings, sideways, unnamed } from "./judges.ts";
import type { Pulse } from "./pulse.ts";
import { setStage } from "./stage.ts";

const flow = setStage();

const ROOM = "Room on a filesystem";

async function openRule(page: Page, pulse: Pulse, title: string): Promise<void> {
  await page.goto(`${pulse.url}/alerts/rules`);
  await page.getByRole("button", { name: title, exact: true }).click();
}

const focusIsOn = (one: Locator) => one.and(one.page().locator(":focus")).waitFor();

const rowOf = (page: Page, title: string) =>
  page.getByRole("row").filter({ has: page.getByRole("button", { name: title, exact: true }) });

flow("a limit that is changed is what alerts are told by, and one click takes it back", async (stage) => {
  const pulse = await stage.pulse();
  const tab = await stage.open(pulse, "/");
  const { page } = tab;
  // What somebody else was faster with is refused by the server.
  tab.expect(/409/);
  await openRule(page, pulse, ROOM);
  const form = page.getByRole("form", { name: ROOM });
  const warning = form.getByRole("group", { name: "Warning" });
  await warning.getByLabel("At or above").fill("much");
  await form.getByRole("button", { name: "Save" }).click();
  await warning.getByText("A number, in %.").waitFor();
  await warning.getByLabel("At or above").fill("1");
  expect(await warning.getByLabel("Over at").inputValue()).toBe("1");
  await warning.getByLabel("Over at").fill("0,5");
  // What is no time is said when its field is left.
  await warning.getByLabel("After").fill("soon");
  await warning.getByLabel("Over at").focus();
  await warning.getByText("A time like 30 s, 5 min or 2 h.").waitFor();
  await warning.getByLabel("After").fill("at once");
  await form.getByText(/beyond that now/).waitFor();

  // Somebody else changes another rule meanwhile: neither change is lost.
  const others = { rules: { swap: { off: false } }, overrides: [], own: [] };
  const answer = await page.request.post(`${pulse.url}/api/trpc/alerts.setRules`, {
    data: { revision: 0, settings: others },
    headers: { origin: pulse.url },
  });
  expect(await answer.text()).toContain('"revision":1');
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText(/Somebody else has changed the rules meanwhile/).waitFor();
  expect(await warning.getByLabel("At or above").inputValue()).toBe("1");
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "detached" });
  const row = rowOf(page, ROOM);
  await row.getByText("Changed", { exact: true }).waitFor();
  await row.getByRole("cell", { name: "at 1 %" }).waitFor();
  await rowOf(page, "Swap of a machine").getByText("Changed").waitFor();

  // The machine this runs on reports how full its filesystems are.
  await row.getByRole("link", { name: /^\d+ open$/ }).click();
  await page
    .getByRole("list", { name: "Open alerts" })
    .getByText(/% full/)
    .first()
    .waitFor();
  await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name: "Rules" }).click();
  await page.getByRole("button", { name: `Back to default: ${ROOM}` }).click();
  await rowOf(page, ROOM).getByText("Changed").waitFor({ state: "detached" });
  await rowOf(page, ROOM).getByRole("link", { name: /open$/ }).waitFor({ state: "detached" });
});

flow("one rule can be different for some, and there are rules of one's own", async (stage) => {
  const pulse = await stage.pulse({ machines: [{ name: "attic", trouble: "full" }] });
  const { page } = await stage.open(pulse, "/");
  await openRule(page, pulse, ROOM);
  await page.getByRole("button", { name: "Different for…" }).click();
  const form = page.getByRole("form", { name: `${ROOM}, different for some` });
  await focusIsOn(form.getByLabel("Different for", { exact: true }));
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("Find the one it is for.").waitFor();
  await form.getByRole("combobox", { name: "Which" }).fill("atti");
  await page.keyboard.press("Enter");
  await form.getByRole("checkbox", { name: "On" }).uncheck();
  await form.getByLabel("Why").fill("being emptied");
  await form.getByText("Nothing there is beyond that now.").waitFor();
  await form.getByRole("button", { name: "Save" }).click();
  const different = page.getByRole("region", { name: "Different for" });
  await different.getByText("attic: off").waitFor();
  await different.getByText("being emptied").waitFor();
  await focusIsOn(page.getByRole("button", { name: "Different for…" }));
  await page.keyboard.press("Escape");
  await rowOf(page, ROOM).getByText("different for attic").waitFor();
  await rowOf(page, ROOM).getByRole("link", { name: /open$/ }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "New rule" }).click();
  const own = page.getByRole("form", { name: "A rule of your own" });
  await own.getByLabel("Title").fill("Much to do");
  await own.getByRole("combobox", { name: "Metric" }).fill("memory used percent");
  await page.getByRole("option", { name: /^memory_used_percent.*Share of memory/ }).click();
  await own.getByRole("group", { name: "Warning" }).getByLabel("At or above").fill("0.1");
  await own.getByRole("group", { name: "Warning" }).getByLabel("After").fill("0");
  await own.getByText(/beyond that now/).waitFor();
  await own.getByRole("button", { name: "Add" }).click();
  const row = rowOf(page, "Much to do");
  await row.getByRole("cell", { name: "at 0.1 %" }).waitFor();
  await focusIsOn(page.getByRole("button", { name: "New rule" }));
  await row.getByRole("link", { name: /^\d+ open$/ }).waitFor();
  await page.getByRole("button", { name: "Much to do", exact: true }).click();
  await page.getByRole("button", { name: "Remove this rule…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await row.waitFor({ state: "detached" });
});

flow("an alert leads to its rule, which goes off there with a click; for a machine all do", async (stage) => {
  const pulse = await stage.pulse({
    machines: [
      { name: "attic", trouble: "full" },
      { name: "cellar", trouble: "full" },
    ],
  });
  const { page } = await stage.open(pulse, "/");
  const open = page.getByRole("list", { name: "Open alerts" });
  await page.getByRole("navigation", { name: "Machines" }).getByRole("link", { name: /attic/ }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Find/ }).waitFor();
  await page.keyboard.type("attic 97.3");
  await page
    .getByRole("option", { name: /^attic.*97\.3/ })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("Which rule?").click();
  const rule = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: ROOM }) });
  await rule.getByText("Open", { exact: true }).waitFor();
  await rule.getByRole("button", { name: `Off here: ${ROOM}` }).click();
  await rule.getByText("Off", { exact: true }).waitFor();
  await focusIsOn(rule.getByRole("link", { name: ROOM }));
  await page.getByText("Warning, over").or(page.getByText("Critical, over")).waitFor();
  await rule.getByRole("button", { name: `As elsewhere: ${ROOM}` }).click();
  await rule.getByText("Open", { exact: true }).waitFor();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("room on");
  await page.getByRole("option", { name: ROOM }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("form", { name: ROOM }).waitFor();
  const all = page.getByRole("region", { name: "Every rule, different for" });
  await all.getByRole("button", { name: "All off for…" }).click();
  const form = all.getByRole("form", { name: "All rules off for some" });
  await focusIsOn(form.getByLabel("All off for", { exact: true }));
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("Find the one it is for.").waitFor();
  await form.getByRole("combobox", { name: "Which" }).fill("atti");
  await page.keyboard.press("Enter");
  await form.getByLabel("Why").fill("given away");
  await form.getByRole("button", { name: "Save" }).click();
  await all.getByText("attic: off").waitFor();
  await all.getByText("given away").waitFor();
  await focusIsOn(all.getByRole("button", { name: "All off for…" }));
  await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name: "Open" }).click();
  await open.locator("[data-alert]", { hasText: "cellar" }).first().waitFor();
  await open.locator("[data-alert]", { hasText: "attic" }).waitFor({ state: "detached" });

  await page
    .getByRole("navigation", { name: "Machines" })
    .getByRole("link", { name: /cellar/ })
    .click();
  await page.getByRole("heading", { level: 2, name: "Rules" }).click();
  // What goes off keeps its place until the section is opened anew.
  const rules = page.getByRole("list", { name: "Rules for cellar" });
  const titles = () => rules.locator("[data-row]").allTextContents();
  await rules.locator("[data-row]").first().waitFor();
  const [first = ""] = await titles();
  await rules.getByRole("button", { name: `Off here: ${first}` }).click();
  await rules.getByRole("listitem").first().getByText("Off", { exact: true }).waitFor();
  expect((await titles())[0]).toBe(first);
  await focusIsOn(rules.getByRole("link", { name: first, exact: true }));
  await page.getByRole("heading", { level: 2, name: "Rules" }).click();
  await page.getByRole("heading", { level: 2, name: "Rules" }).click();
  await rules.getByRole("listitem").last().getByText("Off", { exact: true }).waitFor();
  expect((await titles())[0]).not.toBe(first);

  await page.getByRole("button", { name: "All off here" }).click();
  await focusIsOn(page.getByRole("button", { name: "All as elsewhere" }));
  await rules.getByText("Off", { exact: true }).first().waitFor();
});

flow("whoever may not change rules reads them, finds them, and opens them by key", async (stage) => {
  const pulse = await stage.pulse();
  await stage.visit(pulse);
  const made = await pulse.command("user", "create", "vera@example.org", "--role", "editor", "--json");
  const { password } = JSON.parse(made) as { password: string };
  const visit = await stage.visit();
  await visit.context.request.post(`${pulse.url}/api/trpc/session.signIn`, {
    data: { email: "vera@example.org", password },
  });
  const { page } = await visit.tab(`${pulse.url}/alerts/rules`);
  await page.getByText("Admins change it.").waitFor();
  // The field to type in comes with the rules.
  await rowOf(page, ROOM).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("inodes");
  await rowOf(page, "Inodes of a filesystem").getByRole("cell", { name: "at 90 %" }).waitFor();
  await page.getByRole("button", { name: ROOM, exact: true }).waitFor({ state: "detached" });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("without one no file can be made").waitFor();
  expect(await page.getByRole("button", { name: /^(?:New rule|Save|Different for…)$/ }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByText("without one no file can be made").waitFor({ state: "detached" });
});

flow("the rules are readable and usable by everybody, on every width, in both themes", async (stage) => {
  const pulse = await stage.pulse();
  for (const [width, colorScheme] of [
    [390, "light"],
    [1280, "dark"],
  ] as const) {
    const { page } = await stage.open(pulse, "/", { viewport: { width, height: 900 }, colorScheme });
    await page.goto(`${pulse.url}/alerts/rules?rule=filesystem`);
    await page.getByRole("button", { name: "Different for…" }).click();
    await page.getByRole("combobox", { name: "Which" }).click();
    await page.getByRole("listbox", { name: "Which" }).getByRole("option").first().waitFor();
    const where = `rules at ${width} in ${colorScheme}`;
    expect([where, await seriousFindings(page)]).toEqual([where, []]);
    expect([where, await poorlyReadable(page)]).toEqual([where, []]);
    expect([where, await sideways(page)]).toEqual([where, []]);
    expect([where, await unnamed(page)]).toEqual([where, []]);
    expect([where, await misbuilt(page)]).toEqual([where, []]);
  }
});
