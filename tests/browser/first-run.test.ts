import { expect } from "bun:test";
import { hostname } from "node:os";
import { OWNER } from "./pulse.ts";
import { connectionSays, fillSignIn, firstMachine, machinesShown, setStage } from "./stage.ts";

const flow = setStage();

flow("the printed link makes the first account and opens on this machine, live", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit();
  const { page } = await visit.tab(await pulse.setupLink());
  await page.getByRole("heading", { name: "Create the first account" }).waitFor();
  await page.waitForURL(`${pulse.url}/setup`);

  await page.getByLabel("Name").fill(OWNER.name);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.getByRole("button", { name: "Create account" }).click();

  await page.waitForURL(`${pulse.url}/`);
  await page.getByRole("heading", { name: hostname(), exact: true }).waitFor();
  await connectionSays(page, "Live");
  const cpu = page.locator("main dl div", { has: page.getByText("CPU", { exact: true }) }).first();
  await cpu.getByText(/^\d+(\.\d)?\s*%$/).waitFor();
  expect(await page.getByRole("heading", { level: 1 }).innerText()).toMatch(
    /^(All well: 1 machine|\d problem)/,
  );
});

flow("the token of the link is nowhere to be found afterwards", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit();
  const { page } = await visit.tab(await pulse.setupLink());
  await page.getByRole("heading", { name: "Create the first account" }).waitFor();
  await page.waitForURL(`${pulse.url}/setup`);
  const token = await pulse.setupToken();
  const addresses = await page.evaluate(() => [location.href, document.referrer, document.title]);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  const history = await page.evaluate(() => JSON.stringify(window.history.state));
  expect([...addresses, stored, history].filter((text) => text.includes(token))).toEqual([]);
  await page.goBack();
  expect(page.url()).not.toContain(token);
});

flow("the link, opened again, says that it is done and leads on", async (stage) => {
  const pulse = await stage.pulse();
  const link = await pulse.setupLink();
  await pulse.settle();
  const stranger = await stage.visit();
  const { page } = await stranger.tab(link);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByText(/already|is done|has been (used|set up)|is set up/i).waitFor();
  expect(page.url()).not.toContain("token");
  await fillSignIn(page, OWNER.email, OWNER.password);
  await machinesShown(page);
});

flow("the link, opened again by someone signed in, says so and leads to the overview", async (stage) => {
  const pulse = await stage.pulse();
  const link = await pulse.setupLink();
  const visit = await stage.visit(pulse);
  const { page } = await visit.tab(link);
  await page.getByText("Set-up is done already.").waitFor();
  await machinesShown(page);
  expect(page.url()).toBe(`${pulse.url}/`);
});

flow("a set-up page without its token says where the link is", async (stage) => {
  const pulse = await stage.pulse();
  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse.url}/`);
  await page.waitForURL(`${pulse.url}/setup`);
  await page.getByRole("heading", { name: "This server is new" }).waitFor();
  expect(await page.locator("main").innerText()).toContain("/setup#token=");
});

flow(
  "an account with a short password or no address is refused in words, and nothing is sent",
  async (stage) => {
    const pulse = await stage.pulse();
    const visit = await stage.visit();
    const { page } = await visit.tab(await pulse.setupLink());
    await page.getByLabel("E-mail").fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("short");
    const sent: string[] = [];
    page.on("request", (request) => sent.push(request.method()));
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Must look like name@example.org.").waitFor();
    await page.getByText("7 more characters needed: at least 12.").waitFor();
    expect(await page.getByLabel("E-mail").getAttribute("aria-invalid")).toBe("true");
    expect(sent).not.toContain("POST");
  },
);

flow("signing in leads to the page one was going to, and survives a reload", async (stage) => {
  const pulse = await stage.pulse();
  const owner = await stage.open(pulse, "/");
  await machinesShown(owner.page);
  const machine = await firstMachine(owner.page);

  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse.url}${machine}?range=6h`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await fillSignIn(page, OWNER.email, OWNER.password);
  await page.waitForURL(`${pulse.url}${machine}?range=6h`);
  await page.getByRole("heading", { level: 1, name: hostname() }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: hostname() }).waitFor();
  expect(page.url()).toBe(`${pulse.url}${machine}?range=6h`);
});

flow("a way back that leads to another site is not followed", async (stage) => {
  const pulse = await stage.pulse();
  await pulse.settle();
  const visit = await stage.visit();
  for (const to of ["//evil.example/", "/\\evil.example", "https://evil.example/"]) {
    const { page } = await visit.tab(`${pulse.url}/sign-in?to=${encodeURIComponent(to)}`);
    await fillSignIn(page, OWNER.email, OWNER.password);
    await page.waitForURL(`${pulse.url}/`);
    await page.close();
    await visit.context.clearCookies();
  }
});

flow("a wrong password and an unknown person get the same words, and focus to try again", async (stage) => {
  const pulse = await stage.pulse();
  await pulse.settle();
  const visit = await stage.visit();
  visit.expect(/401.*session\.signIn|session\.signIn.*401/);
  const { page } = await visit.tab(`${pulse.url}/sign-in`);
  const said: string[] = [];
  for (const email of [OWNER.email, "nobody@example.org"]) {
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("username");
    await fillSignIn(page, email, "not the password at all");
    await page.getByRole("alert").waitFor();
    said.push(await page.locator("main").innerText());
    expect(await page.getByRole("alert").innerText()).toBe("E-mail or password is wrong.");
    // What was typed stays; the cursor is where it has to be corrected.
    expect(await page.getByLabel("E-mail").inputValue()).toBe(email);
    const focused = () =>
      page.waitForFunction(() => document.activeElement?.getAttribute("autocomplete") === "current-password");
    await focused();
  }
  expect(said[0]).toBe(said[1] ?? "");
});

flow("an empty sign-in says what is missing beside the field", async (stage) => {
  const pulse = await stage.pulse();
  await pulse.settle();
  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse.url}/sign-in`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Enter your e-mail address.").waitFor();
  await page.getByText("Enter your password.").waitFor();
  const described = await page.getByLabel("E-mail").getAttribute("aria-describedby");
  expect(await page.locator(`[id="${described}"]`).innerText()).toBe("Enter your e-mail address.");
});

flow("after many wrong passwords the page asks to wait, even with the right one", async (stage) => {
  const pulse = await stage.pulse();
  await pulse.settle();
  const visit = await stage.visit();
  visit.expect(/(401|429).*session\.signIn|session\.signIn.*(401|429)/);
  for (let tries = 0; tries < 10; tries += 1) {
    const data = { email: OWNER.email, password: `wrong number ${tries}` };
    const answer = await visit.context.request.post(`${pulse.url}/api/trpc/session.signIn`, { data });
    expect(answer.status()).toBe(401);
  }
  const { page } = await visit.tab(`${pulse.url}/sign-in`);
  await fillSignIn(page, OWNER.email, OWNER.password);
  expect(await page.getByRole("alert").innerText()).toMatch(/\bwait\b|try again in/i);
});
