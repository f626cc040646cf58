/**
 * Chromium as a person uses it, with a witness on every page: what the console says, what fails to load and what
 * throws is collected, and a visit that was not quiet fails its test. What a test provokes on purpose it announces
 * with `expect`.
 */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { findWindowlessBrowser, getBrowser } from "./system-tools.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a page may take for anything that is waited for, also where everything runs at once on two cores. */
export const PATIENCE_MS = 30_000;

export interface BrowserOptions {
  /** With all a person's browser does around a page, such as notifications: takes nearly twice the processor. */
  whole?: boolean;
}

export function openBrowser({ whole = false }: BrowserOptions = {}): Promise<Browser> {
  const executablePath = (whole ? undefined : findWindowlessBrowser()) ?? getBrowser();
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

export interface Tab {
  page: Page;
  /** What went wrong in it so far. */
  trouble: string[];
  /** From now on trouble that matches is part of the plan. */
  expect: (pattern: RegExp) => void;
}

/** One browser profile: its own cookies and storage. */
export class Visit {
  readonly context: BrowserContext;
  readonly #tabs: Tab[] = [];
  readonly #expected: RegExp[] = [];

  constructor(context: BrowserContext) {
    this.context = context;
    context.setDefaultTimeout(PATIENCE_MS);
  }

  static async begin(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
    return new Visit(await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options }));
  }

  async tab(path?: string): Promise<Tab> {
    const tab = watch(await this.context.newPage(), this.#expected);
    this.#tabs.push(tab);
    if (path !== undefined) await tab.page.goto(path);
    return tab;
  }

  expect(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** Everything any of its tabs complained about. */
  get trouble(): string[] {
    return this.#tabs.flatMap((tab) => tab.trouble);
  }

  async end(): Promise<void> {
    await this.context.close();
  }
}

function watch(page: Page, shared: readonly RegExp[]): Tab {
  const trouble: string[] = [];
  const expected: RegExp[] = [];
  const note = (words: string) => {
    if (![...shared, ...expected].some((pattern) => pattern.test(words))) trouble.push(words);
  };
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    note(`console ${message.type()}: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => note(`page error: ${error.stack ?? error.message}`));
  page.on("crash", () => note("the page crashed"));
  page.on("response", (response) => {
    if (response.status() >= 400) note(`answer ${response.status()}: ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // A page that is left gives up what it was still asking for.
    if (why !== "net::ERR_ABORTED") note(`request failed: ${why} ${request.url()}`);
  });
  return { page, trouble, expect: (pattern) => expected.push(pattern) };
}
