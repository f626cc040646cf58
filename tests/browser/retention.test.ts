import { expect } from "bun:test";
import type { HistoryRetention } from "../../server/contract/history.ts";
import { setStage } from "./stage.ts";

const flow = setStage();

flow(
  "what is kept is shown, what less would delete is said before, and it goes when it was confirmed",
  async (stage) => {
    const pulse = await stage.pulse({ sealedDays: 12 });
    const { page } = await stage.open(pulse, "/settings/history");
    const kept = async () =>
      (JSON.parse(await pulse.command("history", "--json")) as HistoryRetention).keepDays;
    const row = (name: string) => page.getByRole("row").filter({ hasText: name });
    await row("Samples").getByText("2 years").waitFor();
    await page.getByText(/^It grows by .* a day and will take/).waitFor();

    const save = page.getByRole("button", { name: "Save" });
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel("Samples").fill("800");
    await save.click();
    await page.getByText("At least as long as samples: 800 days.").waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
    await page.getByLabel("Take at most").fill("much");
    await page.getByText("An amount like 500 MB or 2 GiB, or nothing.").waitFor();
    await page.getByLabel("Take at most").fill("");

    await page.getByLabel("Samples").fill("7");
    await page.getByText(/^This deletes 5 days of samples \(\S+\sKiB\)\.$/).waitFor();
    expect((await kept()).samples).toBe(730);
    await save.click();
    const dialog = page.getByRole("dialog", { name: "Delete old history?" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "hidden" });
    expect((await kept()).samples).toBe(730);

    await save.click();
    const confirm = dialog.getByRole("button", { name: "Delete" });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel("Type “delete” to confirm").fill("delete");
    await confirm.click();
    await row("Samples").getByText("7 days").waitFor();
    expect((await kept()).samples).toBe(7);
    await page.getByText("Being deleted").waitFor({ state: "hidden" });

    await page.getByLabel("Take at most").fill("1.5 GB");
    await save.click();
    await page.getByText(/of at most 1\.40\sGiB/).waitFor();
    await page.goto(`${pulse.url}/settings/audit`);
    await page.locator("main li").getByText("Changed how long history is kept").first().waitFor();
  },
);

flow("who may not change it sees what is kept, and whom to ask", async (stage) => {
  const pulse = await stage.pulse({ sealedDays: 2 });
  await stage.visit(pulse);
  const made = await pulse.command("user", "create", "vera@example.org", "--role", "viewer", "--json");
  const { password } = JSON.parse(made) as { password: string };
  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse.url}/sign-in`);
  await page.getByLabel("E-mail").fill("vera@example.org");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${pulse.url}/`);
  await page.goto(`${pulse.url}/settings/history`);
  await page.getByRole("row").filter({ hasText: "Hourly steps" }).getByText("5 years").waitFor();
  await page.getByText("Admins set how long it is kept.").waitFor();
  expect(await page.getByRole("textbox").count()).toBe(0);
});
