/**
 * What a flow needs: one browser per file, servers and visits that end with the test, and at its end the question
 * nobody asks by hand: did any page complain, did any server log an error?
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type BrowserOptions, openBrowser, PATIENCE_MS, type Tab, Visit } from "../support/browser.ts";
import type { Furniture } from "./furnish.ts";
import { Pulse, type PulseOptions } from "./pulse.ts";

export interface Stage {
  /** A server of this test alone. */
  pulse: (furniture?: Furniture, options?: PulseOptions) => Promise<Pulse>;
  /** A new browser profile; with a server it is signed in there. */
  visit: (signedInAt?: Pulse, options?: BrowserContextOptions) => Promise<Visit>;
  /** A new profile, signed in, with one page open. */
  open: (pulse: Pulse, path: string, options?: BrowserContextOptions) => Promise<Tab>;
}

interface StageOptions extends BrowserOptions {
  /** How many flows of the file run at a time. */
  atOnce?: number;
}

type Flow = (promise: string, body: (stage: Stage) => Promise<void>) => void;

/** Flows wait for reports and retries at times, so two of a file run at once; four took a tenth more of the processors for the same. */
const AT_ONCE = 2;
/** For a file that measures: nothing else runs meanwhile. */
export const ONE_AT_A_TIME = 1;
/** One try, begun when it is its turn; inside it every single wait has its own limit. */
const TRY_WITHIN_MS = 180_000;
/** Covers the wait for one's turn and both tries. */
const FLOW_TIMEOUT_MS = 900_000;
/** For a browser or a server to come up beside everything else that runs. */
const SET_UP_WITHIN_MS = 120_000;

/**
 * A flow that failed is played once more, alone, with a new browser and new servers: a machine with too much to do
 * looks like a broken page. What is broken fails again, and fails; that it was repeated is printed either way.
 */
export function setStage({ atOnce = AT_ONCE, ...options }: StageOptions = {}): Flow {
  let browser: Browser;
  const turns = new Turns(atOnce);
  beforeAll(async () => {
    browser = await openBrowser(options);
  }, SET_UP_WITHIN_MS);
  afterAll(async () => {
    await browser?.close();
  }, SET_UP_WITHIN_MS);

  const again = async (promise: string, body: (stage: Stage) => Promise<void>, failure: unknown) => {
    console.warn(`repeated once: "${promise}", because: ${inOneLine(failure)}`);
    await browser.close().catch(() => {});
    browser = await openBrowser(options);
    for (const renew of sharedServers) await renew();
    await play(browser, body);
  };
  return (promise, body) => {
    test.concurrent(
      promise,
      async () => {
        const first = await turns.take(() => outcome(play(browser, body)));
        if (first) await turns.takeAll(() => again(promise, body, first.failure));
      },
      FLOW_TIMEOUT_MS,
    );
  };
}

/** Undefined when it went well. */
function outcome(played: Promise<void>): Promise<{ failure: unknown } | undefined> {
  return played.then(
    () => undefined,
    (failure: unknown) => ({ failure }),
  );
}

function inOneLine(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure);
  return Bun.stripANSI(text).replace(/\s+/g, " ").trim().slice(0, 400);
}

/** Lets so many through at a time, in the order they came; who takes all is alone. */
class Turns {
  readonly #waiting: { share: number; begin: () => void }[] = [];
  #free: number;

  constructor(private readonly most: number) {
    this.#free = most;
  }

  take<T>(act: () => Promise<T>): Promise<T> {
    return this.#with(1, act);
  }

  takeAll<T>(act: () => Promise<T>): Promise<T> {
    return this.#with(this.most, act);
  }

  async #with<T>(share: number, act: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ share, begin });
      this.#next();
    });
    try {
      return await act();
    } finally {
      this.#free += share;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && first.share <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.share;
      first.begin();
    }
  }
}

/** How the servers that flows share are replaced by new ones; only while no flow runs. */
const sharedServers = new Set<() => Promise<void>>();

/** A server that all tests of a file look at and none changes. */
export function sharedPulse(furniture?: Furniture): () => Pulse {
  let pulse: Pulse | undefined;
  const errors: string[] = [];
  const end = async () => {
    const ended = pulse;
    pulse = undefined;
    await ended?.end();
    errors.push(...(ended?.errors ?? []));
  };
  const renew = async () => {
    await end();
    pulse = await Pulse.start(furniture);
    await pulse.settle();
  };
  beforeAll(async () => {
    await renew();
    sharedServers.add(renew);
  }, SET_UP_WITHIN_MS);
  afterAll(async () => {
    sharedServers.delete(renew);
    await end();
    expect(errors).toEqual([]);
  }, SET_UP_WITHIN_MS);
  return () => {
    if (!pulse) throw new Error("the shared server is not there");
    return pulse;
  };
}

async function play(browser: Browser, body: (stage: Stage) => Promise<void>): Promise<void> {
  const servers: Pulse[] = [];
  const visits: Visit[] = [];
  let over = false;
  const visit: Stage["visit"] = async (signedInAt, options) => {
    const begun = await Visit.begin(browser, options);
    visits.push(begun);
    if (signedInAt) await signedInAt.signIn(begun);
    return begun;
  };
  try {
    await inTime(
      body({
        async pulse(furniture, options) {
          const started = await Pulse.start(furniture, options);
          // Too late: nobody would end it.
          if (over) await started.end();
          else servers.push(started);
          return started;
        },
        visit,
        open: async (pulse, path, options) => (await visit(pulse, options)).tab(pulse.url + path),
      }),
    );
    expect(visits.flatMap((each) => each.trouble)).toEqual([]);
    expect(servers.flatMap((each) => each.errors)).toEqual([]);
  } finally {
    over = true;
    // A browser that is gone cannot end its visits, which must not keep a server from being ended.
    await Promise.allSettled(visits.map((each) => each.end()));
    await Promise.all(servers.map((each) => each.end()));
  }
}

/** What hangs is a failed try as well, and leaves time for another one. */
async function inTime(body: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`did not end within ${TRY_WITHIN_MS / 1_000} s`)),
    TRY_WITHIN_MS,
  );
  try {
    await Promise.race([body, late.promise]);
  } finally {
    clearTimeout(timer);
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
export function connectionSays(page: Page, words: string | RegExp, timeout = PATIENCE_MS): Promise<void> {
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
export async function nextReport(page: Page, before: string, withinMs = PATIENCE_MS): Promise<void> {
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
