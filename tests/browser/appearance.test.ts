import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { machinesShown, openMachine, setStage, sharedPulse } from "./stage.ts";

const flow = setStage();
const LONG =
  "db-primary-01.rack-17.floor-3.building-b.frankfurt.customers.example-hosting-company.internal.example.org";
const pulse = sharedPulse({
  past: "hour",
  machines: [
    { name: LONG, trouble: "full" },
    { name: "x".repeat(200), trouble: "failed-units" },
    { name: "nas", trouble: "down" },
    { name: "pve2", trouble: "silent" },
    { name: "Wohnzimmer-Fernseher mit Leerzeichen im Namen und noch einigen Wörtern mehr" },
  ],
});

// --- theme ---

for (const scheme of ["dark", "light"] as const) {
  flow(
    `a ${scheme} system shows the ${scheme} page from the first paint on, without a flash`,
    async (stage) => {
      const visit = await stage.visit(pulse(), { colorScheme: scheme });
      const { page } = await visit.tab();
      await recordThemes(page);
      // The program of the page is late: what is painted before is the theme's alone.
      const late = Promise.withResolvers<void>();
      await page.route("**/assets/*.js", async (route) => {
        await late.promise;
        await route.continue();
      });
      await page.goto(`${pulse().url}/`, { waitUntil: "commit" });
      await page.waitForFunction(() => performance.getEntriesByType("resource").length > 1 && document.body);
      await page.waitForFunction(() => getComputedStyle(document.body).fontFamily !== "");
      const painted = await background(page);
      late.resolve();
      await machinesShown(page);
      expect(await background(page)).toBe(painted);
      expect(await lightness(page)).toBeWithin(scheme === "dark" ? 0 : 0.9, scheme === "dark" ? 0.3 : 1.01);
      expect(await themesSeen(page)).toEqual([scheme]);
    },
  );
}

flow("a chosen theme outlives reload, wins over the system, and can follow it again", async (stage) => {
  const visit = await stage.visit(pulse(), { colorScheme: "light" });
  const { page } = await visit.tab(`${pulse().url}/settings`);
  const theme = () => page.evaluate(() => document.documentElement.dataset["theme"]);
  await page.getByRole("button", { name: "Dark", exact: true }).click();
  expect(await theme()).toBe("dark");
  await recordThemes(page);
  await page.reload();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  expect(await themesSeen(page)).toEqual(["dark"]);
  expect(await page.getByRole("button", { name: "Dark", exact: true }).getAttribute("aria-pressed")).toBe(
    "true",
  );

  // The browser's own frame (scrollbars, address bar of a phone) goes along.
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  await page.getByRole("button", { name: "System", exact: true }).click();
  expect(await theme()).toBe("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
});

flow("a page that is open follows the system when that turns dark", async (stage) => {
  const { page } = await stage.open(pulse(), "/", { colorScheme: "light" });
  await machinesShown(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
});

flow("signing out keeps the theme of this browser", async (stage) => {
  const server = await stage.pulse();
  const { page, expect: plan } = await stage.open(server, "/settings", { colorScheme: "light" });
  plan(/401/);
  await page.getByRole("button", { name: "Dark", exact: true }).click();
  await page.getByRole("button", { name: "Ada Lovelace" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
});

// --- sizes ---

const SIZES = [
  { width: 360, height: 740 },
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

flow(
  "no page scrolls sideways, from 360 to 1920 pixels, with very long names and everything broken",
  async (stage) => {
    const visit = await stage.visit(pulse());
    const { page } = await visit.tab(`${pulse().url}/`);
    await machinesShown(page);
    await page
      .getByText(/\d problems/)
      .first()
      .waitFor();
    const machine = page.locator('main a[href^="/machines/"]', { hasText: LONG }).first();
    const address = (await machine.getAttribute("href")) ?? "";
    const wide: string[] = [];
    const look = async (what: string) => {
      for (const viewport of SIZES) {
        await page.setViewportSize(viewport);
        const { over, past } = await page.evaluate(() => {
          const main = document.querySelector("main") ?? document.body;
          const edge = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
          const ends = [...main.querySelectorAll("h1, table, section, figure, article")]
            .filter((each) => each.checkVisibility() && !each.parentElement?.closest(".overflow-x-auto"))
            .map((each) => each.getBoundingClientRect().right - edge);
          return {
            over: (document.scrollingElement?.scrollWidth ?? 0) - window.innerWidth,
            past: Math.round(Math.max(0, ...ends)),
          };
        });
        if (over > 0) wide.push(`${what} at ${viewport.width}: ${over} px too wide`);
        if (past > 1) wide.push(`${what} at ${viewport.width}: ${past} px into its margin`);
      }
    };
    await look("overview, tiles");
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await page.locator("main table").waitFor();
    await look("overview, table");
    await page.goto(pulse().url + address);
    await page.locator("main canvas").first().waitFor();
    await look("machine");
    await page.goto(`${pulse().url}/settings`);
    await page.getByText("This one").waitFor();
    await look("settings");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await look("palette");
    await page.goto(`${pulse().url}/nowhere/${"x".repeat(200)}`);
    await page.getByRole("heading", { name: "There is no page here" }).waitFor();
    await look("not found");
    await visit.context.clearCookies();
    await page.goto(`${pulse().url}/sign-in`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await look("sign-in");
    expect(wide).toEqual([]);
  },
);

flow(
  "in the table of machines a name keeps room to be told from others, and nothing lies over anything",
  async (stage) => {
    const { page } = await stage.open(pulse(), "/");
    await machinesShown(page);
    await page.locator("main").getByText("has stopped reporting").first().waitFor();
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await page.locator("main tbody tr").first().waitFor();
    const cramped: string[] = [];
    for (const viewport of SIZES) {
      await page.setViewportSize(viewport);
      const found = await page.locator("main tbody tr").evaluateAll((rows) =>
        rows.flatMap((row) => {
          const cell = row.querySelector("td");
          const name = row.querySelector<HTMLElement>(".truncate");
          if (!cell || !name) return ["no name"];
          const wanted = Math.min(name.scrollWidth, 96);
          const narrow =
            name.clientWidth < wanted ? [`${name.textContent?.slice(0, 12)} has ${name.clientWidth} px`] : [];
          const end = cell.getBoundingClientRect().right;
          const over = [...cell.querySelectorAll("span")].some(
            (each) => each.getBoundingClientRect().right > end + 1,
          );
          return over ? [...narrow, `${name.textContent?.slice(0, 12)} lies over its neighbour`] : narrow;
        }),
      );
      for (const each of found) cramped.push(`${viewport.width}: ${each}`);
    }
    expect(cramped).toEqual([]);
  },
);

flow("on a phone every page is reached by thumb: navigation in sight and large enough", async (stage) => {
  const options = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { page } = await stage.open(pulse(), "/", options);
  await machinesShown(page);
  for (const name of ["Overview", "Settings", "Find", "Menu of Ada Lovelace"]) {
    const target = page.locator("header").locator(`[aria-label="${name}"]:visible`);
    const box = await target.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0), name).toBeGreaterThanOrEqual(44);
  }
  await page.locator('header [aria-label="Settings"]:visible').tap();
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await page.locator('header [aria-label="Overview"]:visible').tap();
  await machinesShown(page);
  await page.locator('header [aria-label="Find"]:visible').tap();
  await page.getByRole("combobox").fill("nas");
  await page.getByRole("option", { name: /^nas Machine/ }).tap();
  await page.getByRole("heading", { level: 1, name: "nas" }).waitFor();
  await page.locator('header [aria-label="Menu of Ada Lovelace"]:visible').tap();
  await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
  // The whole menu is on the screen.
  const menu = await page.getByRole("menu").boundingBox();
  expect((menu?.x ?? -1) >= 0 && (menu?.x ?? 0) + (menu?.width ?? 999) <= 390).toBe(true);
});

flow("a full name is never lost: what is cut short tells it on hover", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("body *")]
      .filter(
        (each) =>
          each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).textOverflow === "ellipsis",
      )
      .filter((each) => !each.title && !each.closest("[title]"))
      .map((each) => each.textContent),
  );
  expect(cut).toEqual([]);
});

flow("what is wrong stands at the top, worst first, in words", async (stage) => {
  const { page } = await stage.open(pulse(), "/");
  await machinesShown(page);
  await page.waitForFunction(() =>
    /4 problems, 2 critical/.test(document.querySelector("h1")?.textContent ?? ""),
  );
  const problems = await page.locator('section[aria-label="What is wrong now"] li').allInnerTexts();
  expect(problems.map((text) => text.split("\n")[0]?.trim())).toEqual([
    "Critical",
    "Critical",
    "Warning",
    "Warning",
  ]);
  const all = problems.join("\n");
  for (const words of [
    /is 97\.3\s*% full/,
    /nas\s+is down/,
    /pve2\s+has stopped reporting/,
    /2 units failed/,
  ])
    expect(all).toMatch(words);
});

flow("every file that the page and its manifest name is there", async (stage) => {
  const visit = await stage.visit();
  const { page } = await visit.tab(`${pulse().url}/sign-in`);
  const named = await page.evaluate(async () => {
    const links = [...document.querySelectorAll<HTMLLinkElement>("link[href]")].map((link) => link.href);
    const manifest = (await (await fetch("/manifest.webmanifest")).json()) as { icons: { src: string }[] };
    return [...links, ...manifest.icons.map(({ src }) => new URL(src, location.href).href)];
  });
  const missing: string[] = [];
  for (const address of new Set(named))
    if (!(await fetch(address)).ok) missing.push(new URL(address).pathname);
  expect(missing).toEqual([]);
});

flow("with little motion wanted nothing moves", async (stage) => {
  const visit = await stage.visit(pulse(), { reducedMotion: "reduce" });
  const { page } = await visit.tab();
  await openMachine(page, pulse().url);
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll("body *")]
        .map((each) => getComputedStyle(each))
        .filter((style) =>
          [style.transitionDuration, style.animationDuration].some((text) => parseFloat(text) > 0.01),
        ).length,
  );
  expect(moving).toBe(0);
});

// --- colours, from outside ---

/** Notes every value the theme ever had in this document. */
async function recordThemes(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { themesSeen: seen });
    const note = () => {
      const theme = document.documentElement?.dataset["theme"];
      if (theme && theme !== seen.at(-1)) seen.push(theme);
    };
    new MutationObserver(note).observe(document, { attributes: true, subtree: true, childList: true });
  });
}

function themesSeen(page: Page): Promise<unknown> {
  return page.evaluate(() => (window as unknown as { themesSeen: string[] }).themesSeen);
}

function background(page: Page): Promise<string> {
  return page.evaluate(() => {
    const body = getComputedStyle(document.body).backgroundColor;
    return /, 0\)|\/ 0\)/.test(body) ? getComputedStyle(document.documentElement).backgroundColor : body;
  });
}

async function lightness(page: Page): Promise<number> {
  const color = await background(page);
  const oklch = /oklch\(([\d.]+)/.exec(color)?.[1];
  if (oklch) return Number(oklch);
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
  return (red + green + blue) / 765;
}
