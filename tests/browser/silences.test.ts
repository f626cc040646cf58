import { expect } from "bun:test";
import type { Furniture } from "./furnish.ts";
import { misbuilt, poorlyReadable, seriousFindings, sideways, unnamed } from "./judges.ts";
import { setStage } from "./stage.ts";

const flow = setStage();
const FULL: Furniture = { past: "hour", machines: [{ name: "attic", trouble: "full" }] };

flow(
  "from an incident a silence is two clicks away, covers it at once, and is ended again",
  async (stage) => {
    const pulse = await stage.pulse(FULL);
    const { page } = await stage.open(pulse, "/alerts");
    await page.locator("[data-alert]").filter({ hasText: "97.3" }).first().click();
    await page.getByRole("link", { name: "Silence…" }).click();
    const whom = page.getByRole("group", { name: "Whom" });
    await whom.getByRole("button", { name: "Take Room on a filesystem away" }).waitFor();
    // A tag that nothing has is taken, and said to cover nothing.
    await page.getByText(/^Covers .*, 1 open alert now\.$/).waitFor();
    await page.getByRole("combobox", { name: "Tags" }).fill("nosuchtag");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing has nosuchtag now.").waitFor();
    await page.getByText("Covers nothing that is there now.").waitFor();
    await page.getByRole("button", { name: "Take nosuchtag away" }).click();
    await page.getByText(/^Covers .*, 1 open alert now\.$/).waitFor();
    await page.getByLabel("Name").fill("Emptying the attic");
    await page.getByRole("button", { name: "8 hours" }).click();
    await page.getByText(/^Quiet: .* \(8\sh\)/).waitFor();
    await page.getByRole("button", { name: "Make the silence" }).click();
    const list = page.getByRole("list", { name: "Silences" });
    await list.getByText(/^Active, ends in 8\sh$/).waitFor();
    await list.getByText(/by the rule Room on a filesystem$/).waitFor();

    await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name: "Open" }).click();
    await page.getByRole("heading", { level: 1, name: "Nothing to tell; 1 silenced, critical" }).waitFor();
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Overview" }).click();
    await page.getByRole("heading", { level: 1, name: "Nothing to tell; 1 silenced, critical" }).waitFor();
    await page.getByRole("link", { name: "A silence is active: Emptying the attic" }).waitFor();
    await page.getByRole("link", { name: "what is kept quiet" }).click();
    await page.getByRole("link", { name: "A silence is active: Emptying the attic" }).waitFor();
    await page.getByRole("region", { name: "Not told now" }).getByText(/97\.3/).waitFor();
    await page.locator("[data-alert]").filter({ hasText: "97.3" }).click();
    await page.getByText(/· silenced until (\d+ \w{3}, )?\d\d:\d\d by Emptying the attic$/).waitFor();
    await page.getByText("Covered by the silence Emptying the attic").waitFor();
    await page.getByRole("link", { name: "Emptying the attic" }).first().click();
    await page.getByRole("heading", { level: 1, name: "Emptying the attic" }).waitFor();
    await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name: "Open" }).click();
    await page.getByRole("link", { name: "A silence is active: Emptying the attic" }).click();
    await page.getByRole("button", { name: "End Emptying the attic" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
    await page.getByText("No silences yet").waitFor();
    await page.getByRole("link", { name: "New silence" }).and(page.locator(":focus")).waitFor();
    await page.getByRole("navigation", { name: "Alerts" }).getByRole("link", { name: "Open" }).click();
    await page.getByRole("list", { name: "Open alerts" }).getByText(/97\.3/).waitFor();
  },
);

flow(
  "what repeats stands in the calendar by the reader's clock, also over the day it is set",
  async (stage) => {
    const pulse = await stage.pulse();
    const zone = { timezoneId: "Europe/Berlin", locale: "en-GB" };
    const tab = await stage.open(pulse, "/alerts/silences", zone);
    tab.expect(/400/);
    const { page } = tab;
    await page.getByRole("link", { name: "New silence" }).click();
    await page.getByText("so this covers everything: nobody is told of anything").waitFor();
    await page.getByLabel("Name").fill("Patch day");
    await page.getByRole("button", { name: "Every month" }).click();
    await page.getByRole("button", { name: "Take Europe/Berlin away" }).waitFor();
    await page.getByRole("combobox", { name: "Time zone" }).fill("new york");
    await page.keyboard.press("Enter");
    await page.getByLabel("From", { exact: true }).fill("20:00");
    await page.getByLabel("To", { exact: true }).fill("23:00");
    await page.getByText(/the second Tuesday of a month, 20:00 to 23:00, America\/New York time/).waitFor();
    // What only the server can tell stands at its field as well.
    await page.getByLabel("Last day").fill("2020-01-01");
    await page.getByRole("button", { name: "Make the silence" }).click();
    await page.getByText("Is in the past.").waitFor();
    await page.getByLabel("Last day").fill("");
    await page.getByRole("button", { name: "Make the silence" }).click();
    const row = page.getByRole("list", { name: "Silences" }).getByRole("listitem");
    await row.getByText(/^Begins in \d+/).waitFor();
    // Two o'clock in Berlin, or one where only one of both has set its clocks.
    const calendar = page.getByRole("region", { name: "Coming weeks" });
    const named = await calendar
      .getByRole("link", { name: /Patch day/ })
      .first()
      .textContent();
    expect(named).toMatch(/^0[12]:00 Patch day, \d+ \w{3}, 0[12]:00 to 0[45]:00$/);

    await calendar
      .getByRole("link", { name: /Patch day/ })
      .first()
      .click();
    await page.getByRole("heading", { level: 1, name: "Patch day" }).waitFor();
    await page.getByRole("button", { name: "Every week" }).click();
    await page.getByRole("button", { name: "Mon–Fri" }).click();
    await page.getByRole("button", { name: "Fri", exact: true }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await row.getByText(/^Mon–Thu, 20:00 to 23:00, America\/New York time/).waitFor();
    expect(await calendar.getByRole("link", { name: /Patch day/ }).count()).toBeGreaterThan(10);
  },
);

flow(
  "a machine says which rules there are for it and why, and one is made different there",
  async (stage) => {
    const pulse = await stage.pulse(FULL);
    const { page } = await stage.open(pulse, "/");
    await page.getByRole("region", { name: "Machines" }).getByRole("link", { name: "attic" }).click();
    await page.getByText("what is watched here, and why it is told or not").click();
    const rules = page.getByRole("list", { name: /^Rules for/ });
    await rules
      .getByRole("listitem")
      .filter({ hasText: "Swap of a machine" })
      .getByText("Off by default.")
      .waitFor();
    await rules
      .getByRole("listitem")
      .filter({ hasText: "CPU of a machine" })
      .getByText("as it comes")
      .waitFor();
    const part = await page
      .getByLabel("Rules for", { exact: true })
      .locator("option", { hasText: /^Filesystem/ })
      .first();
    await page
      .getByLabel("Rules for", { exact: true })
      .selectOption((await part.getAttribute("value")) ?? "");
    const room = rules.getByRole("listitem").filter({ hasText: "Room on a filesystem" });
    await room.getByRole("link", { name: /97\.3/ }).waitFor();
    await room.getByText("It is wrong now.").waitFor();
    await room.getByRole("button", { name: /^Different here/ }).click();
    const form = page.getByRole("form", { name: "Room on a filesystem, different for some" });
    await form.getByRole("group", { name: "Critical" }).getByLabel("At or above").fill("99");
    await form.getByRole("group", { name: "Warning" }).getByLabel("At or above").fill("98");
    await form.getByText("Nothing there is beyond that now.").waitFor();
    await form.getByRole("button", { name: "Save" }).click();
    await room.getByText(/warns at 98\s%, critical at 99\s%/).waitFor();
    await room
      .getByRole("link", { name: /^Room on a filesystem/ })
      .and(page.locator(":focus"))
      .waitFor();
    await room.getByRole("button", { name: /^As elsewhere/ }).click();
    await room.getByText("changed everywhere").waitFor();
    await room.getByRole("button", { name: /^Off here/ }).click();
    await room.getByText(/^Switched off: resource/).waitFor();
  },
);

flow(
  "silences and their form are readable and usable by everybody, on every width, in both themes",
  async (stage) => {
    const pulse = await stage.pulse();
    const { page: first } = await stage.open(pulse, "/alerts/silences");
    const when = { type: "weekly", days: [0, 3], from: "22:00", to: "06:00", timeZone: "Europe/Berlin" };
    const made = await first.request.post(`${pulse.url}/api/trpc/alerts.createSilence`, {
      data: { name: "Nights", scope: { kinds: ["disk"] }, when },
      headers: { origin: pulse.url },
    });
    expect(made.status()).toBe(200);
    for (const [width, colorScheme] of [
      [390, "light"],
      [1280, "dark"],
    ] as const) {
      const { page } = await stage.open(pulse, "/", { viewport: { width, height: 900 }, colorScheme });
      for (const path of ["/alerts/silences", "/alerts/silences/new"]) {
        await page.goto(pulse.url + path);
        if (path.endsWith("new")) await page.getByRole("button", { name: "Every week" }).click();
        else await page.getByRole("region", { name: "Coming weeks" }).getByRole("link").first().waitFor();
        const where = `${path} at ${width} in ${colorScheme}`;
        expect([where, await seriousFindings(page)]).toEqual([where, []]);
        expect([where, await poorlyReadable(page)]).toEqual([where, []]);
        expect([where, await sideways(page)]).toEqual([where, []]);
        expect([where, await unnamed(page)]).toEqual([where, []]);
        expect([where, await misbuilt(page)]).toEqual([where, []]);
      }
    }
  },
);
