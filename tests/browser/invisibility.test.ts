import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/checkout.ts";
import { OWNER } from "./pulse.ts";
import { chartsDrawn, connectionSays, fillSignIn, firstMachine, machinesShown, setStage } from "./stage.ts";

const flow = setStage();

/** Words a person with one home and one server never meets. */
const FORBIDDEN = /organi[sz]ation|tenant|tenanc|workspace|multi.?tenant/i;

/** What a caller may say about where it stands. */
const CLAIMS: Record<string, string>[] = [{}, { "x-pulse-org-id": "other" }, { "x-pulse-org-id": "!" }];

/** Where the words stand in a text, with some of what is around them. */
function findings(where: string, text: string): string[] {
  const all = text.matchAll(new RegExp(FORBIDDEN.source, "gi"));
  return [...all].map(({ index }) => `${where}: …${text.slice(Math.max(0, index - 40), index + 40)}…`);
}

flow(
  "whoever walks through every page, state and trouble of it never meets the word organization",
  async (stage) => {
    const pulse = await stage.pulse();
    const link = await pulse.setupLink();
    const visit = await stage.visit();
    visit.expect(/ERR_|40\d|50\d/);
    const { page } = await visit.tab();
    const found: string[] = [];
    const bodies: Promise<void>[] = [];
    visit.context.on("response", (response) => {
      const url = new URL(response.url());
      if (response.status() === 304 || url.pathname.endsWith("live.events")) return;
      const read = response.text().catch(() => "");
      bodies.push(read.then((text) => void found.push(...findings(`answer ${url.pathname}`, text))));
      const heads = JSON.stringify(response.headers());
      found.push(...findings(`headers of ${url.pathname}`, heads));
    });
    const look = async (where: string) => {
      found.push(...findings(where, await page.content()), ...findings(where, await page.title()));
      const stored = await page.evaluate(() =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
      );
      found.push(...findings(`storage at ${where}`, stored));
    };

    await page.goto(`${pulse.url}/`);
    await page.getByRole("heading", { name: "This server is new" }).waitFor();
    await look("new server");
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByLabel("Name").fill(OWNER.name);
    await page.getByRole("button", { name: "Create account" }).click();
    await look("set-up, refused");
    await page.getByLabel("E-mail").fill(OWNER.email);
    await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await machinesShown(page);
    await look("overview");
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await look("overview, table");
    const machine = await page.locator('main a[href^="/machines/"]').first().getAttribute("href");
    await page.goto(pulse.url + machine);
    await chartsDrawn(page);
    await look("machine");
    await page.goto(`${pulse.url}/settings`);
    await page.getByText("This one").waitFor();
    await page.getByText("SQLite").waitFor();
    await look("settings");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await look("palette");
    await page.keyboard.type("organization");
    await page.getByText(/Nothing here is called/).waitFor();
    expect(await page.getByRole("option").count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await look("keys");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: OWNER.name }).click();
    await page.getByRole("menu").waitFor();
    await look("menu");
    for (const path of ["/organizations", "/tenants", "/settings/organization", "/orgs/default"]) {
      await page.goto(pulse.url + path);
      await page.getByRole("heading", { name: "There is no page here" }).waitFor();
      await look("not found");
    }
    await page.goto(`${pulse.url}/`);
    await machinesShown(page);
    await pulse.stop();
    await page.getByText("The server does not answer.").waitFor();
    await look("server away");
    await pulse.start();
    await connectionSays(page, "Live");
    await visit.context.clearCookies();
    await page.goto(`${pulse.url}/`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await fillSignIn(page, OWNER.email, "wrong and wrong again");
    await page.getByRole("alert").waitFor();
    await look("sign-in, refused");
    await Promise.all(bodies);
    expect([...new Set(found)]).toEqual([]);
  },
);

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
      "resources.list",
      `resources.get${input({ id })}`,
      `resources.get${input({ id: "raaaaaaaaaaaaaaaaaaa" })}`,
      `history.latest${input({ resourceId: id })}`,
      `history.range${input({ resourceId: id, metrics: ["cpu_percent"], ...window })}`,
      `history.range${input({ nonsense: true })}`,
      "no.such.procedure",
      "org.list",
      "organizations.list",
    ];
    const found: string[] = [];
    for (const path of asked) {
      for (const headers of CLAIMS) {
        const answer = await visit.context.request.get(`${pulse.url}/api/trpc/${path}`, { headers });
        const { pathname } = new URL(answer.url());
        const text = `${await answer.text()} ${JSON.stringify(answer.headers())}`;
        // A refusal repeats the name that was asked for; that is the caller's word, not ours.
        found.push(...findings(path, text.replaceAll(pathname.slice("/api/trpc/".length), "")));
      }
    }
    found.push(
      ...findings("live.events", await beginningOfStream(`${pulse.url}/api/trpc/live.events`, visit)),
    );
    for (const path of ["/healthz", "/readyz", "/api/nothing", "/theme.js"]) {
      found.push(...findings(path, await (await fetch(pulse.url + path)).text()));
    }
    expect(found).toEqual([]);
  },
);

flow("no file that a browser can download contains it", async () => {
  const folder = join(root, "dist/web");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(5);
  const found = files.flatMap((file) => {
    const path = join(file.parentPath, file.name);
    return findings(path.slice(folder.length), readFileSync(path, "utf8") + file.name);
  });
  expect(found).toEqual([]);
});

flow("the help of the program and what its commands answer do not contain it", async (stage) => {
  const pulse = await stage.pulse();
  const said: Record<string, string> = {};
  for (const words of [
    ["help"],
    ["--help"],
    ["serve", "--help"],
    ["user"],
    ["version"],
    ["doctor"],
    ["user", "list"],
    ["nonsense"],
  ])
    said[words.join(" ")] = await pulse.command(...words);
  expect(said["help"]).toContain("pulse serve");
  expect(Object.entries(said).flatMap(([command, text]) => findings(`pulse ${command}`, text))).toEqual([]);
});

/** The first event of the stream, which holds all that is watched. */
async function beginningOfStream(
  url: string,
  visit: { context: { cookies: () => Promise<{ name: string; value: string }[]> } },
): Promise<string> {
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
