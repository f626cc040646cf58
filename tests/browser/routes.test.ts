import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { Tab } from "../support/browser.ts";
import { startReceiver } from "../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { misbuilt, poorlyReadable, seriousFindings, sideways, tooSmall, unnamed } from "./judges.ts";
import type { Pulse } from "./pulse.ts";
import { setStage } from "./stage.ts";

const flow = setStage();
/** What is told in these tests runs beside them. */
const ALLOWED = { env: { PULSE_OUTBOUND_ALLOW: "127.0.0.0/8" } };

/** As whoever is signed in there would add them. */
async function addChannels({ page }: Tab, pulse: Pulse, channels: Record<string, string>): Promise<void> {
  for (const [name, url] of Object.entries(channels)) {
    const answer = await page.request.post(`${pulse.url}/api/trpc/notifications.createChannel`, {
      data: { name, type: "webhook", config: { url, secret: WEBHOOK_SECRET } },
    });
    expect([name, answer.status()]).toEqual([name, 200]);
  }
}

const JUDGES = [seriousFindings, poorlyReadable, sideways, unnamed, misbuilt];

async function switchAllOff({ page }: Tab, pulse: Pulse): Promise<void> {
  const at = (name: string) => `${pulse.url}/api/trpc/notifications.${name}`;
  const { result } = await (await page.request.get(at("channels"))).json();
  for (const { id } of result.data.channels) {
    const answer = await page.request.post(at("updateChannel"), { data: { id, enabled: false } });
    expect(answer.status()).toBe(200);
  }
}

async function judged(page: Page, what: string, judges = [...JUDGES, tooSmall]): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [390, 1280]) {
      const where = `${what}, ${width} in ${colorScheme}`;
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      for (const judge of judges)
        expect([where, judge.name, await judge(page)]).toEqual([where, judge.name, []]);
    }
  }
}

const rows = (page: Page) =>
  page
    .getByRole("list", { name: "Routes" })
    .getByRole("listitem")
    .evaluateAll((all) => all.map((row) => row.querySelector("a")?.textContent));

flow("who is told stands in order, is read aloud, and is changed with the keyboard", async (stage) => {
  const pulse = await stage.pulse(undefined, ALLOWED);
  const tab = await stage.open(pulse, "/settings/notifications");
  // What is refused is refused by the server.
  tab.expect(/400/);
  const { page } = tab;
  await addChannels(tab, pulse, { "Ops mail": "http://127.0.0.1:9/ops", Boss: "http://127.0.0.1:9/boss" });
  await page.reload();

  const section = page.getByRole("region", { name: "Who is told" });
  await section.getByText("every channel", { exact: false }).first().waitFor();
  await section.getByRole("button", { name: "Only watch for a day first" }).click();
  await section.getByText("Only watching").waitFor();
  await section.getByText(/In the last day there would have been/).waitFor();
  await section.getByRole("link", { name: "Look at them" }).click();
  const watching = page.getByText(/^Nobody is told: only watching until \d+ \w{3}, \d\d:\d\d\./);
  await watching.waitFor();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Overview" }).click();
  await watching.getByRole("link", { name: "Tell from now on" }).click();
  await section.getByRole("button", { name: "Tell from now on" }).click();
  await section
    .getByRole("button", { name: "Only watch for a day", exact: true })
    .and(page.locator(":focus"))
    .waitFor();

  await section.getByRole("link", { name: "Add a route" }).click();
  expect(await page.getByText("Who would be told?").count()).toBe(0);
  await page.getByRole("button", { name: "Cancel" }).click();
  await section.getByRole("link", { name: "Add a route" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const needed = page.getByText("What it is for, like Production at night.");
  await needed.waitFor();
  await page.getByLabel("Name").fill("Nights");
  await needed.waitFor({ state: "detached" });
  await page.getByLabel("How bad").selectOption("Critical alerts only");
  await page.getByRole("combobox", { name: "Tags" }).fill("prod");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Channels" }).getByLabel("Ops mail").check();
  await page.getByRole("button", { name: "Add a quiet time" }).click();
  await page.getByLabel("Tell again every").selectOption({ label: "4\u00a0h" });
  await page.getByLabel("Tell others after").selectOption({ label: "30\u00a0min" });
  const others = page.getByRole("group", { name: "The others" });
  expect(await others.getByLabel("Ops mail").count()).toBe(0);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await others.getByText("At least one of them.").waitFor();
  await others.getByLabel("Boss").check();
  await judged(page, "the form");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL(/\/settings\/notifications$/);
  const night = section.getByRole("listitem").filter({ hasText: "Nights" });
  await night.getByText(/What is tagged prod, when critical.*Ops mail/s).waitFor();
  for (const said of [
    /^Again every 4.h$/,
    /^After 30.min Boss as well$/,
    /^Quiet every day, 22:00 to 07:00 the next day, except for what is critical$/,
  ])
    await night.getByText(said).waitFor();

  // A second one, whose name has to be another.
  await section.getByRole("link", { name: "Add a route" }).click();
  await page.getByLabel("Name").fill("Nights");
  await page.getByRole("group", { name: "Channels" }).getByLabel("Boss").check();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("Is there twice.").waitFor();
  await page.getByLabel("Name").fill("All to the boss");
  await page.getByText("Is there twice.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL(/\/settings\/notifications$/);
  await section.getByRole("link", { name: "All to the boss", exact: true }).waitFor();
  expect(await rows(page)).toEqual(["Nights", "All to the boss", "Everything else"]);
  await section.getByRole("button", { name: "Move All to the boss up" }).press("Enter");
  await section
    .getByRole("listitem")
    .first()
    .getByRole("link", { name: "All to the boss", exact: true })
    .waitFor();
  expect(await rows(page)).toEqual(["All to the boss", "Nights", "Everything else"]);

  await page.getByRole("button", { name: "Turn off Boss", exact: true }).click();
  await section.getByText("Boss (off)", { exact: true }).waitFor();
  const on = page.getByRole("button", { name: "Turn on Boss", exact: true });
  await on.and(page.locator(":focus")).click();
  await section.getByText("Boss", { exact: true }).waitFor();

  // What is set is what would happen.
  await section.getByText("Who would be told?").click();
  const asked = section.getByRole("combobox", { name: "What it is about" });
  await asked.focus();
  await section.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await section.getByText("It would be told at once. By the route All to the boss.").waitFor();
  await judged(page, "the list");
  await section.getByRole("button", { name: "Turn off All to the boss" }).click();
  await section.getByText("· turned off").waitFor();
  await section.getByText("By the route All to the boss.").waitFor({ state: "detached" });

  await section.getByRole("link", { name: "Edit Nights" }).click();
  await page.getByText("Remove this quiet time").waitFor();
  await page.getByRole("button", { name: "Remove Nights" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.waitForURL(/\/settings\/notifications$/);
  await section.getByRole("link", { name: "Everything else", exact: true }).click();
  await page.getByLabel("Every channel").uncheck();
  await page.getByText("None: nobody is told.").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/\/settings\/notifications$/);
  await section.getByText("nobody", { exact: true }).waitFor();
  expect(await rows(page)).toEqual(["All to the boss", "Everything else"]);
});

flow(
  "nobody being told is said once; who was told, and what did not arrive, stands with the alert",
  async (stage) => {
    const receiver = startReceiver(webhookService());
    const pulse = await stage.pulse(
      { past: "hour", machines: [{ name: "attic", trouble: "full" }] },
      ALLOWED,
    );
    const tab = await stage.open(pulse, "/alerts");
    const { page } = tab;
    await page.getByText("Nobody is told yet.").waitFor();
    await page.getByRole("button", { name: "Not now" }).click();
    const asked = page.waitForResponse(/notifications\.trouble/);
    await page.reload();
    await page.locator("[data-alert]").first().waitFor();
    await asked;
    expect(await page.getByText("Nobody is told yet.").count()).toBe(0);

    await addChannels(tab, pulse, { Right: `${receiver.url}/hook`, Wrong: `${receiver.url}/elsewhere` });
    await pulse.stop();
    const machines = ["attic", "nas"].map((name) => ({ name, trouble: "full" as const }));
    await pulse.furnish({ past: "hour", machines });
    await pulse.start();
    await page.goto(`${pulse.url}/`);
    const trouble = page.getByRole("list", { name: "Channels in trouble" });
    await trouble.getByText(/Messages to Wrong have not arrived since/).waitFor();
    await judged(page, "the overview");
    await page.goto(`${pulse.url}/alerts`);
    await trouble.getByRole("link", { name: "Wrong" }).waitFor();
    await page.locator("[data-alert]").filter({ hasText: "nas" }).first().click();
    await page.getByText("Who was told?").click();
    const told = page.getByRole("group").filter({ hasText: "Who was told?" });
    await told.getByText(/^Told to Right at once\.$/).waitFor();
    await told.getByText(/It has not arrived: .* It is tried again\./).waitFor();
    // Its chart has handles for a mouse, which are small.
    await judged(page, "the incident", JUDGES);
    await told.getByRole("link", { name: "What was sent" }).click();
    await page
      .getByRole("region", { name: "What was sent" })
      .getByText(/^Right · sent in /)
      .first()
      .waitFor();
    await switchAllOff(tab, pulse);
    for (const path of ["/alerts", "/"]) {
      await page.goto(pulse.url + path);
      await page.getByText("Nobody is told: every channel is off.").waitFor();
    }
    await receiver.stop();
  },
);
