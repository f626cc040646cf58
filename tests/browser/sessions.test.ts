import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { OWNER } from "./pulse.ts";
import { fillSignIn, machinesShown, setStage } from "./stage.ts";

const flow = setStage();
const WITHIN_MS = 5_000;

async function signedOutWithWords(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "Sign in" }).waitFor({ timeout: WITHIN_MS });
  await page.getByText(/You have been signed out|Your session has ended|Your access has changed/).waitFor({
    timeout: WITHIN_MS,
  });
  // Nothing of what was watched remains in the page.
  expect(await page.locator('a[href^="/machines/"]').count()).toBe(0);
}

flow("signing out in one tab signs out the others, and says so there", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit(pulse);
  const first = await visit.tab(`${pulse.url}/`);
  const others = [await visit.tab(`${pulse.url}/`), await visit.tab(`${pulse.url}/settings`)];
  await machinesShown(first.page);
  await machinesShown(others[0]?.page ?? first.page);
  visit.expect(/401/);

  await first.page.getByRole("button", { name: OWNER.name }).click();
  await first.page.getByRole("menuitem", { name: "Sign out" }).click();
  await first.page.getByRole("heading", { name: "Sign in" }).waitFor();
  for (const { page } of others) await signedOutWithWords(page);
  const { cookies } = await visit.context.storageState();
  expect(cookies.filter(({ value }) => value !== "")).toEqual([]);
  expect(await pulse.metric("pulse_live_streams")).toBe(0);

  // Another person at the same browser starts from nothing, and every tab can be used again.
  await fillSignIn(first.page, OWNER.email, OWNER.password);
  await machinesShown(first.page);
});

flow("a session ended from another browser ends here within seconds", async (stage) => {
  const pulse = await stage.pulse();
  const here = await stage.open(pulse, "/");
  await machinesShown(here.page);
  here.expect(/401/);
  const there = await stage.open(pulse, "/settings", {
    userAgent: "Mozilla/5.0 (Windows NT 10.0) Firefox/150.0",
  });
  await there.page.getByText("This one").waitFor();
  await there.page.getByRole("button", { name: /^End the session of Chrome/ }).click();
  await signedOutWithWords(here.page);
  await there.page.getByRole("button", { name: /^End the session/ }).waitFor({ state: "hidden" });
  expect(await there.page.getByText("Firefox on Windows").count()).toBe(1);
});

flow("a changed password ends every other session and keeps the one it was changed in", async (stage) => {
  const pulse = await stage.pulse();
  const here = await stage.open(pulse, "/");
  await machinesShown(here.page);
  here.expect(/401/);
  const there = await stage.open(pulse, "/settings");
  const { page } = there;
  await page.getByLabel("Current password", { exact: true }).fill(OWNER.password);
  await page.getByLabel("New password", { exact: true }).fill("another horse, another staple");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("Password changed. Your other sessions have ended.").waitFor();
  await signedOutWithWords(here.page);

  await page.reload();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await fillSignIn(here.page, OWNER.email, "another horse, another staple");
  await machinesShown(here.page);
});

flow("a wrong current password changes nothing and is said beside its field", async (stage) => {
  const pulse = await stage.pulse();
  const { page, expect: plan } = await stage.open(pulse, "/settings");
  plan(/400/);
  await page.getByLabel("Current password", { exact: true }).fill("not my password");
  await page.getByLabel("New password", { exact: true }).fill("another horse, another staple");
  await page.getByRole("button", { name: "Change password" }).click();
  const field = page.getByLabel("Current password", { exact: true });
  await page.locator('input[aria-invalid="true"]').first().waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
});

flow("a session that ends while the server is away is noticed when it is back", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit(pulse);
  visit.expect(/ERR_|401/);
  const { page } = await visit.tab(`${pulse.url}/`);
  await machinesShown(page);
  await pulse.stop();
  await pulse.command("user", "reset-password", OWNER.email);
  await page.getByText("The server does not answer.").waitFor();
  await pulse.start();
  await page.getByRole("heading", { name: "Sign in" }).waitFor({ timeout: 20_000 });
  await page.getByText(/You have been signed out|Your session has ended/).waitFor();
});
