import { expect } from "bun:test";
import { startReceiver } from "../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { misbuilt, poorlyReadable, seriousFindings, sideways, tooSmall, unnamed } from "./judges.ts";
import { setStage } from "./stage.ts";

const flow = setStage();
/** What is told in these tests runs beside them. */
const ALLOWED = { env: { PULSE_OUTBOUND_ALLOW: "127.0.0.0/8" } };

flow("a channel is tried before it is kept, and its secret is in no page afterwards", async (stage) => {
  const receiver = startReceiver(webhookService());
  const pulse = await stage.pulse(undefined, ALLOWED);
  const tab = await stage.open(pulse, "/settings/notifications");
  // What is refused is refused by the server.
  tab.expect(/400/);
  const { page } = tab;
  await page.getByText("Nothing is sent until there is a channel").waitFor();
  await page.getByRole("link", { name: "Add a channel" }).click();
  await page.getByRole("link", { name: /^Webhook/ }).click();
  await page.getByLabel("Address").and(page.locator(":focus")).waitFor();

  // What can be told without the server stands under its field, and so does what only the server can tell.
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("Must not be empty.").waitFor();
  await page.getByLabel("Address").fill("ftp://example.org");
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("Must be an http or https address.").waitFor();

  await page.getByLabel("Address").fill(`${receiver.url}/elsewhere`);
  await page.getByLabel("Secret", { exact: true }).fill(WEBHOOK_SECRET);
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("There is nothing that takes messages at this address (404).").waitFor();
  await page.getByText("Look at the address and the settings of this channel.").waitFor();

  await page.getByRole("button", { name: "Add", exact: true }).click();
  const doubt = page.getByRole("dialog", { name: "The test did not arrive. Add it anyway?" });
  await doubt.getByRole("button", { name: "Cancel" }).click();

  await page.getByLabel("Address").fill(`${receiver.url}/hook`);
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("It was taken. Look whether it has arrived.").waitFor();
  expect(receiver.taken.map(({ title }) => title)).toEqual(["Test: Messages from Pulse arrive here"]);
  await page.getByLabel("Name").fill("Own receiver");
  await page.getByLabel("Told of").selectOption("Critical alerts only");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.waitForURL(/\/settings\/notifications$/);
  const row = page.getByRole("list", { name: "Channels" }).getByRole("listitem");
  await row.getByText("Webhook · told of critical alerts only").waitFor();
  await row.getByText("Nothing was sent yet.").waitFor();

  await row.getByRole("button", { name: "Send a test to Own receiver" }).click();
  await row.getByText("It was taken. Look whether it has arrived.").waitFor();
  expect(receiver.taken.length).toBe(2);
  await row.getByRole("button", { name: "Turn off Own receiver" }).click();
  await row.getByText("Turned off: it is told nothing.").waitFor();
  await row.getByRole("button", { name: "Turn on Own receiver" }).and(page.locator(":focus")).waitFor();

  await row.getByRole("link", { name: "Edit Own receiver" }).click();
  await page.getByText("Kept. Enter it again to change it.").waitFor();
  expect(await page.getByLabel("Secret", { exact: true }).inputValue()).toBe("");
  expect(await page.content()).not.toContain(WEBHOOK_SECRET);
  // Nobody has it used at a server of their own.
  await page.getByLabel("Address").fill("http://127.0.0.2:9/hook");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Must be entered again.").waitFor();

  await page.getByRole("button", { name: "Remove Own receiver" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.waitForURL(/\/settings\/notifications$/);
  await page.getByText("No channels yet").waitFor();
  await receiver.stop();
});

flow("who may not change channels is told who may", async (stage) => {
  const pulse = await stage.pulse();
  await stage.visit(pulse);
  const made = await pulse.command("user", "create", "vera@example.org", "--role", "editor", "--json");
  const { password } = JSON.parse(made) as { password: string };
  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse.url}/sign-in`);
  await page.getByLabel("E-mail").fill("vera@example.org");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${pulse.url}/`);
  await page.goto(`${pulse.url}/settings/notifications`);
  await page.getByText("Channels are set up by admins.").waitFor();
  expect(await page.getByRole("link", { name: "Add a channel" }).count()).toBe(0);
});

flow("what was sent stands in the log, and what did not arrive says why and what to do", async (stage) => {
  const receiver = startReceiver(webhookService());
  const pulse = await stage.pulse(undefined, ALLOWED);
  const { page } = await stage.open(pulse, "/settings/notifications/new?type=webhook");
  for (const [name, path] of [
    ["Right", "/hook"],
    ["Wrong", "/elsewhere"],
  ]) {
    await page.goto(`${pulse.url}/settings/notifications/new?type=webhook`);
    await page.getByLabel("Address").fill(`${receiver.url}${path}`);
    await page.getByLabel("Secret", { exact: true }).fill(WEBHOOK_SECRET);
    await page.getByLabel("Name").fill(`${name} one`);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.waitForURL(/\/settings\/notifications$/);
  }
  await page.getByText("Messages stand here for 7 days").waitFor();

  await pulse.stop();
  await pulse.furnish({ past: "hour", machines: [{ name: "attic", trouble: "full" }] });
  await pulse.start();
  const log = page.getByRole("region", { name: "What was sent" });
  await log
    .getByText(/^Right one · sent in /)
    .first()
    .waitFor();
  const failed = log
    .getByRole("listitem")
    .filter({ hasText: /Wrong one · waits/ })
    .first();
  await failed.getByText("There is nothing that takes messages at this address (404).").waitFor();
  await failed.getByText("Look at the address and the settings of this channel.").waitFor();
  expect(receiver.taken.length).toBeGreaterThan(0);
  const channels = page.getByRole("list", { name: "Channels" }).getByRole("listitem");
  await channels
    .filter({ hasText: "Right one" })
    .getByText(/^Last message /)
    .waitFor();
  await channels
    .filter({ hasText: "Wrong one" })
    .getByText(/\d+ messages? waiting\./)
    .waitFor();
  await channels.getByRole("button", { name: "Send a test to Wrong one" }).click();
  await channels.getByRole("status").getByText("(404)").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [390, 1280]) {
      const where = `${width} in ${colorScheme}`;
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 900 });
      for (const judge of [seriousFindings, poorlyReadable, sideways, unnamed, misbuilt, tooSmall])
        expect([where, judge.name, await judge(page)]).toEqual([where, judge.name, []]);
    }
  }
  await receiver.stop();
});
