import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Visit } from "../support/browser.ts";
import { root } from "../support/checkout.ts";
import { Recorder } from "../support/recorder.ts";
import { ageSessions, CANARY, sharedHouse } from "./house.ts";
import { OWNER } from "./pulse.ts";
import { chartsDrawn, connectionSays, fillSignIn, firstMachine, machinesShown, setStage } from "./stage.ts";

const flow = setStage();
const house = sharedHouse();

/** Words a person with one home and one server never meets, and no program of theirs holds. */
const FORBIDDEN = [
  /organi[sz]ation|tenant|tenanc|workspace|membership|invitation|invit(?:e|es|ed|ing)\b/gi,
  /(?:(?<![A-Za-z])[Oo]rgs?|[a-z]Orgs?|(?<![A-Za-z])ORGS?)(?![a-z])/g,
  /\bmembers?\b/gi,
];
/** Names of hosts, and of files, which are made of chance. */
const ALLOWED = /\b(?:www\.w3|example|api\.telegram)\.org\b|(?<=\/|\.\/|")[\w-]{8}\.(?:js|css)\b/g;

/** What a caller may say about where it stands. */
const CLAIMS: Record<string, string>[] = [{}, { "x-pulse-org-id": "other" }, { "x-pulse-org-id": "!" }];

/** Addresses of pages that are there with the feature. */
const ELSEWHERE = [
  "/organizations",
  "/organizations/new",
  "/organizations/invitations",
  "/o/acme/",
  "/o/acme/settings",
  "/o/default/",
  "/settings/organization",
  "/settings/organizations",
  "/settings/access",
  "/settings/sharing",
  "/settings/plan",
  "/settings/licence",
  "/invitation",
  "/tenants",
];

/** Where the words stand in a text, with some of what is around them. */
function findings(where: string, text: string): string[] {
  const plain = text.replace(ALLOWED, "");
  const all = FORBIDDEN.flatMap((pattern) => [...plain.matchAll(pattern)]);
  return all.map(({ index }) => `${where}: …${plain.slice(Math.max(0, index - 40), index + 40)}…`);
}

/** Everything that has passed between browser and server. */
function passed(recorder: Recorder): string[] {
  return recorder.exchanges.flatMap(({ method, path, requestHeaders, requestBody, headers, body }) => [
    ...findings(`address of ${method} ${path}`, ELSEWHERE.includes(path) ? "" : path),
    ...findings(`request ${path}`, JSON.stringify({ ...requestHeaders, referer: "" }) + requestBody),
    ...findings(`headers of ${path}`, JSON.stringify(headers)),
    ...findings(`answer ${path}`, body),
  ]);
}

/** What a page shows and keeps, now. */
async function lookAt(page: Page, where: string): Promise<string[]> {
  const stored = await page.evaluate(async () =>
    JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      await indexedDB.databases(),
      await caches.keys(),
    ]),
  );
  const { cookies } = await page.context().storageState();
  return [
    ...findings(where, await page.content()),
    ...findings(where, await page.title()),
    ...findings(`storage at ${where}`, stored),
    ...findings(`cookies at ${where}`, JSON.stringify(cookies)),
  ];
}

type Look = (where: string) => Promise<void>;

/** Every page there is, and every dialog on it. Ends at the settings. */
async function walk(page: Page, url: string, look: Look): Promise<void> {
  await page.goto(`${url}/`);
  await machinesShown(page);
  await look("overview");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await look("overview, table");
  await page.goto(url + (await firstMachine(page)));
  await chartsDrawn(page);
  await page.getByRole("button", { name: "CPU as a table" }).click();
  await look("machine");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Find" }).waitFor();
  await look("palette");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Find" }).waitFor({ state: "hidden" });
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await look("keys");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: OWNER.name }).click();
  await page.getByRole("menu").waitFor();
  await look("menu");
  await page.keyboard.press("Escape");
  await walkSettings(page, url, look);
}

async function walkSettings(page: Page, url: string, look: Look): Promise<void> {
  const dialog = page.getByRole("dialog");
  await page.goto(`${url}/settings`);
  await page.getByText("This one").waitFor();
  await page.getByText("SQLite").waitFor();
  await look("settings");

  await page.goto(`${url}/settings/tokens`);
  await page.getByRole("button", { name: "New token" }).click();
  await dialog.getByLabel("Name").waitFor();
  await look("new token");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await look("new token, refused");
  await dialog.getByLabel("Name").fill("a script");
  await dialog.getByRole("button", { name: "Create token" }).click();
  await dialog.getByText("Copy it now.").waitFor();
  await look("token created");
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Revoke a script" }).click();
  await dialog.waitFor();
  await look("revoke a token");
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await dialog.waitFor({ state: "hidden" });

  await page.goto(`${url}/settings/people`);
  await page.getByRole("button", { name: "Add a person" }).click();
  await dialog.getByLabel("E-mail").waitFor();
  await look("add a person");
  await dialog.getByLabel("E-mail").fill(`eve${Date.now()}@example.org`);
  await dialog.getByLabel("Name").fill("Eve");
  await dialog.getByRole("button", { name: "Add" }).click();
  await page.getByRole("dialog", { name: /can sign in now|Confirm/ }).waitFor();
  const asks = page.getByRole("dialog", { name: "Confirm that it is you" });
  if (await asks.isVisible()) {
    await look("confirm that it is you");
    await asks.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await asks.getByRole("button", { name: "Confirm" }).click();
  }
  await page.getByText("Eve can sign in now").waitFor();
  await look("a person added");
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "New password for Eve" }).click();
  await dialog.waitFor();
  await look("new password");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Switch off the account of Eve" }).click();
  await dialog.waitFor();
  await look("switch off an account");
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await page.goto(`${url}/settings/history`);
  await page.getByLabel("Samples").fill("800");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator('[aria-invalid="true"]').first().waitFor();
  await look("history");

  await page.goto(`${url}/settings/notifications`);
  await page.getByText("No channels yet").waitFor();
  await look("notifications");
  await page.goto(`${url}/settings/notifications/new?type=webhook`);
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.locator('[aria-invalid="true"]').first().waitFor();
  await look("add a channel");

  await page.goto(`${url}/settings/audit`);
  const entries = page.locator("main li");
  await entries.getByText("Created a token").first().waitFor();
  await look("audit");
  await page.getByRole("button", { name: "Server", exact: true }).click();
  await entries.getByText("Created an account").first().waitFor();
  await look("audit of the server");
}

async function nothingThere(page: Page, url: string, look: Look): Promise<void> {
  for (const path of ELSEWHERE) {
    await page.goto(url + path);
    await page.getByRole("heading", { name: "There is no page here" }).waitFor();
    await look("not found");
  }
}

/** Chunks of the built page that were never asked for hold the words: else the walk would prove nothing. */
function requireHidden(recorder: Recorder): void {
  const folder = join(root, "dist/web");
  const fetched = new Set(recorder.exchanges.map(({ path }) => path));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const speaking = files.filter((path) => /organization/i.test(readFileSync(path, "utf8")));
  expect(speaking.length).toBeGreaterThan(5);
  expect(speaking.map((path) => path.slice(folder.length)).filter((path) => fetched.has(path))).toEqual([]);
  expect([...fetched].filter((path) => path.endsWith(".js")).length).toBeGreaterThan(15);
}

flow(
  "nothing a browser downloads, asks, shows or keeps speaks of it: every page and dialog",
  async (stage) => {
    const pulse = await stage.pulse();
    await using recorder = new Recorder(pulse);
    const { url } = recorder;
    const found: string[] = [];
    const visit = await stage.visit();
    visit.expect(/ERR_|40\d|50\d/);
    const { page } = await visit.tab();
    const look: Look = async (where) => void found.push(...(await lookAt(page, where)));

    await page.goto(`${url}/`);
    await page.getByRole("heading", { name: "This server is new" }).waitFor();
    await look("new server");
    await page.goto("about:blank");
    await page.goto(`${url}/setup#token=${await pulse.setupToken()}`);
    await page.getByLabel("Name").fill(OWNER.name);
    await page.getByRole("button", { name: "Create account" }).click();
    await look("set-up, refused");
    await page.getByLabel("E-mail").fill(OWNER.email);
    await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await machinesShown(page);
    await walk(page, url, look);
    await nothingThere(page, url, look);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${url}/settings`);
    await page.getByText("This one").waitFor();
    await look("settings on a phone");
    await page.getByRole("button", { name: `Menu of ${OWNER.name}` }).click();
    await page.getByRole("menu").waitFor();
    await look("menu on a phone");
    await page.setViewportSize({ width: 1280, height: 800 });

    await page.goto(`${url}/`);
    await machinesShown(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("organization");
    await page.getByText(/Nothing here is called/).waitFor();
    expect(await page.getByRole("option").count()).toBe(0);
    await page.keyboard.press("Escape");
    await recorder.pause();
    await page.getByText("The server does not answer.").waitFor();
    await look("server away");
    recorder.resume();
    await connectionSays(page, "Live");
    await visit.context.clearCookies();
    await page.goto(`${url}/`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await fillSignIn(page, OWNER.email, "wrong and wrong again");
    await page.getByRole("alert").waitFor();
    await look("sign-in, refused");

    expect([...new Set([...found, ...passed(recorder)])]).toEqual([]);
    expect(recorder.exchanges.some(({ path }) => path.startsWith("/api/trpc/live.events"))).toBe(true);
    expect(recorder.exchanges.some(({ path }) => path.includes("live-worker"))).toBe(true);
    requireHidden(recorder);
  },
);

flow("after it was switched off on the running server, nothing speaks of it either", async (stage) => {
  const pulse = await house().start(stage);
  await pulse.stop();
  // Also the question for the password is one of the dialogs.
  ageSessions(pulse.dataDir);
  await pulse.start();
  await pulse.command("multi-tenant", "off");
  await using recorder = new Recorder(pulse);
  const visit = await house().visit(stage, "ada", pulse);
  visit.expect(/40\d|501/);
  const { page } = await visit.tab();
  const found: string[] = [];
  const look: Look = async (where) => void found.push(...(await lookAt(page, where)));
  await walk(page, recorder.url, look);
  await nothingThere(page, recorder.url, look);

  // The past knows of what was done to organizations, in words of its own that no page shows.
  const audit = /audit\.list|system\.audit/;
  const spoken = passed(recorder).filter((each) => !audit.test(each));
  expect([...new Set([...found, ...spoken])]).toEqual([]);
  const everything = recorder.exchanges.map(({ body }) => body).join("");
  for (const canary of Object.values(CANARY)) expect(everything).not.toContain(canary);
  requireHidden(recorder);
});

flow(
  "no answer of an ordinary procedure and no refusal speaks of it, nor does the live stream",
  async (stage) => {
    const pulse = await stage.pulse();
    const visit = await stage.visit(pulse);
    const { page } = await visit.tab(`${pulse.url}/`);
    await machinesShown(page);
    const id = (await firstMachine(page)).split("/").at(-1);
    const input = (value: unknown) => `?input=${encodeURIComponent(JSON.stringify(value))}`;
    const window = { from: Date.now() - 60_000, to: Date.now() };
    const asked = [
      "features.list",
      "session.me",
      "session.list",
      "system.status",
      "system.people",
      "system.audit",
      "system.license",
      "audit.list",
      "tokens.list",
      "resources.list",
      `resources.get${input({ id })}`,
      `resources.get${input({ id: "raaaaaaaaaaaaaaaaaaa" })}`,
      `history.latest${input({ resourceId: id })}`,
      `history.range${input({ resourceId: id, metrics: ["cpu_percent"], ...window })}`,
      `history.range${input({ nonsense: true })}`,
      `history.top${input({ metric: "cpu_percent", ...window })}`,
      "no.such.procedure",
      "org.list",
      "orgs.list",
      "members.list",
      "shares.list",
      "organizations.list",
    ];
    const found: string[] = [];
    for (const path of asked) {
      for (const headers of CLAIMS) {
        const answer = await visit.context.request.get(`${pulse.url}/api/trpc/${path}`, { headers });
        const { pathname } = new URL(answer.url());
        const text = `${await answer.text()} ${JSON.stringify(answer.headers())}`;
        // A refusal repeats the name that was asked for; that is the caller's word, not ours.
        // That a claim has no form is the contract's word, for who has made one.
        const ours = text
          .replaceAll(pathname.slice("/api/trpc/".length), "")
          .replace('"reason":"invalid_org"', "");
        found.push(...findings(path, ours));
      }
    }
    found.push(
      ...findings("live.events", await beginningOfStream(`${pulse.url}/api/trpc/live.events`, visit)),
    );
    for (const path of ["/healthz", "/readyz", "/api/nothing", "/theme.js", "/manifest.webmanifest"]) {
      found.push(...findings(path, await (await fetch(pulse.url + path)).text()));
    }
    expect([...new Set(found)]).toEqual([]);
  },
);

flow("the help of the program and what its commands answer do not contain it", async (stage) => {
  const pulse = await stage.pulse();
  const said: Record<string, string> = {};
  for (const words of [
    ["help"],
    ["--help"],
    ["serve", "--help"],
    ["user"],
    ["token"],
    ["license"],
    ["license", "show"],
    ["version"],
    ["doctor"],
    ["user", "list"],
    ["token", "list"],
    ["nonsense"],
  ])
    said[words.join(" ")] = await pulse.command(...words);
  expect(said["help"]).toContain("pulse serve");
  // What the contract leaves there: the line how it is switched on, and where the files are.
  const left = /pulse multi-tenant status\|on\n|\borgs\/default\/org\.db\b/g;
  const found = Object.entries(said).flatMap(([command, text]) =>
    findings(`pulse ${command}`, text.replace(left, "")),
  );
  expect(found).toEqual([]);
});

/** The first event of the stream, which holds all that is watched. */
async function beginningOfStream(url: string, visit: Visit): Promise<string> {
  const cookie = (await visit.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const stop = new AbortController();
  const answer = await fetch(url, { headers: { cookie }, signal: stop.signal });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (/\nid: .*\n\n/.test(text)) break;
  }
  stop.abort();
  expect(text).toContain('"type":"snapshot"');
  return text;
}
