/**
 * What a flow needs: one browser per file, servers and visits that end with the test, and at its end the question
 * nobody asks by hand: did any page complain, did any server log an error?
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { openBrowser, type Tab, Visit } from "../support/browser.ts";
import type { Furniture } from "./furnish.ts";
import { Pulse } from "./pulse.ts";

export interface Stage {
  /** A server of this test alone. */
  pulse: (furniture?: Furniture) => Promise<Pulse>;
  /** A new browser profile; with a server it is signed in there. */
  visit: (signedInAt?: Pulse, options?: BrowserContextOptions) => Promise<Visit>;
  /** A new profile, signed in, with one page open. */
  open: (pulse: Pulse, path: string, options?: BrowserContextOptions) => Promise<Tab>;
}

type Flow = (promise: string, body: (stage: Stage) => Promise<void>) => void;

/** Flows wait for reports and retries most of the time, so a few of a file run at once. */
const AT_ONCE = 4;
/** For a file that measures: nothing else runs meanwhile. */
export const ONE_AT_A_TIME = 1;
/** Covers the wait for one's turn; inside a flow every single wait has its own limit. */
const FLOW_TIMEOUT_MS = 110_000;

export function setStage(atOnce = AT_ONCE): Flow {
  let browser: Browser;
  const turn = turns(atOnce);
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  return (promise, body) => {
    test.concurrent(promise, () => turn(() => play(browser, body)), FLOW_TIMEOUT_MS);
  };
}

/** Lets so many through at a time, in the order they came. */
function turns(most: number): (act: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (act) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      await act();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

/** A server that all tests of a file look at and none changes. */
export function sharedPulse(furniture?: Furniture): () => Pulse {
  let pulse: Pulse;
  beforeAll(async () => {
    pulse = await Pulse.start(furniture);
    await pulse.settle();
  });
  afterAll(async () => {
    const errors = pulse?.errors;
    await pulse?.end();
    expect(errors).toEqual([]);
  });
  return () => pulse;
}

async function play(browser: Browser, body: (stage: Stage) => Promise<void>): Promise<void> {
  const servers: Pulse[] = [];
  const visits: Visit[] = [];
  const visit: Stage["visit"] = async (signedInAt, options) => {
    const begun = await Visit.begin(browser, options);
    visits.push(begun);
    if (signedInAt) await signedInAt.signIn(begun);
    return begun;
  };
  try {
    await body({
      async pulse(furniture) {
        const started = await Pulse.start(furniture);
        servers.push(started);
        return started;
      },
      visit,
      open: async (pulse, path, options) => (await visit(pulse, options)).tab(pulse.url + path),
    });
    expect(visits.flatMap((each) => each.trouble)).toEqual([]);
    expect(servers.flatMap((each) => each.errors)).toEqual([]);
  } finally {
    await Promise.all(visits.map((each) => each.end()));
    await Promise.all(servers.map((each) => each.end()));
  }
}

// --- where things stand on the pages ---

/** Waits until the overview shows at least one machine with figures. */
export async function machinesShown(page: Page): Promise<void> {
  await page.locator('main a[href^="/machines/"]').first().waitFor();
}

/** The address of the first machine on the overview. */
export async function firstMachine(page: Page): Promise<string> {
  const link = page.locator('section[aria-label="Machines"] a[href^="/machines/"]').first();
  return (await link.getAttribute("href")) ?? "";
}

/** Opens the page of the first machine. */
export async function openMachine(page: Page, url: string, query = ""): Promise<void> {
  await page.goto(`${url}/`);
  await machinesShown(page);
  await page.goto(url + (await firstMachine(page)) + query);
  await chartsDrawn(page);
}

/** Waits until the connection is said to be as expected, in the words beside its dot. */
export function connectionSays(page: Page, words: string | RegExp, timeout = 20_000): Promise<void> {
  return page.locator("header:visible").getByText(words).first().waitFor({ timeout, state: "attached" });
}

/** Waits until every chart has something on it. */
export async function chartsDrawn(page: Page): Promise<void> {
  await page.locator("main canvas").first().waitFor();
  await page.waitForFunction(() => {
    const values = [...document.querySelectorAll("main figure figcaption")].map((each) => each.textContent);
    return values.length > 0 && values.some((text) => /\d/.test(text ?? ""));
  });
}

/** The moment of the newest report, as the overview tells it; changes with every report. */
export function reportMoment(page: Page): Promise<string> {
  return page.locator('main [title^="Last report"]').first().getAttribute("title").then(String);
}

/** Waits for a report newer than `before`. */
export async function nextReport(page: Page, before: string, withinMs = 15_000): Promise<void> {
  await page.waitForFunction(
    (known) => {
      const shown = document.querySelector('main [title^="Last report"]')?.getAttribute("title");
      return shown !== null && shown !== undefined && shown !== known;
    },
    before,
    { timeout: withinMs },
  );
}

export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
