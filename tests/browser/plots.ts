/** Charts, from outside: where they are, what is drawn on them, and what a hand does over them. */
import type { Locator, Page } from "playwright-core";
import { PATIENCE_MS } from "../support/browser.ts";
import { until } from "../support/until.ts";

export function figureOf(page: Page, title: string): Locator {
  const heading = page.getByRole("heading", { level: 3, name: title, exact: true });
  return page.locator("main figure", { has: heading }).first();
}

/** The frame of a chart. What is inside comes anew when its lines change, so it is never held on to. */
export function frameOf(page: Page, title: string): Locator {
  return figureOf(page, title).locator('[role="img"]');
}

export async function drag(page: Page, title: string, from: number, to: number): Promise<void> {
  const at = await pointsOf(page, title);
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at((from + to) / 2));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}

export async function hover(page: Page, title: string, share: number): Promise<void> {
  const at = await pointsOf(page, title);
  await page.mouse.move(...at(share - 0.01));
  await page.mouse.move(...at(share));
}

/** Places on the middle line of a plot, by their share of its width. */
export async function pointsOf(
  page: Page,
  title: string,
): Promise<(share: number) => [x: number, y: number]> {
  await drawnBetween(page, title, 0.55, 0.65);
  // What follows a hand is fetched when the pointer comes near.
  await frameOf(page, title).hover();
  await frameOf(page, title).locator("[data-moves]").waitFor();
  const { x, y, width, height } = await frameOf(page, title).evaluate((frame) => {
    const plot = frame.querySelector(".u-over")?.getBoundingClientRect();
    return { x: plot?.x ?? 0, y: plot?.y ?? 0, width: plot?.width ?? 0, height: plot?.height ?? 0 };
  });
  return (share) => [x + width * share, y + height / 2];
}

export function windowIn(page: Page): { from: number; to: number } {
  const query = new URL(page.url()).searchParams;
  return { from: Number(query.get("from")), to: Number(query.get("to")) };
}

/** Share of the columns of a part of a chart in which something is drawn in a data colour (the grid is grey). */
export function inkBetween(
  page: Page,
  title: string,
  from: number,
  to: number,
  what: "lines" | "rules" = "lines",
): Promise<number> {
  return frameOf(page, title).evaluate(
    (frame, [start, end, wanted]) => {
      const [canvas, over] = [frame.querySelector("canvas"), frame.querySelector(".u-over")];
      const copy = Object.assign(document.createElement("canvas"), {
        width: canvas?.width,
        height: canvas?.height,
      });
      const context = copy.getContext("2d", { willReadFrequently: true });
      if (!canvas || !over || !context || canvas.width === 0) return -1;
      context.drawImage(canvas, 0, 0);
      const [plot, whole] = [over.getBoundingClientRect(), canvas.getBoundingClientRect()];
      const scale = canvas.width / whole.width;
      const left = Math.round((plot.left - whole.left + plot.width * start) * scale);
      const width = Math.max(1, Math.round(plot.width * (end - start) * scale));
      const top = Math.round((plot.top - whole.top) * scale);
      // A line along zero lies half below the plot.
      const tall = Math.round((plot.height + 2) * scale);
      const { data, height } = context.getImageData(left, top, width, tall);
      let inked = 0;
      for (let x = 0; x < width; x += 1) {
        for (let y = 0; y < height; y += 1) {
          const at = (y * width + x) * 4;
          const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
          const chroma = Math.max(red, green, blue) - Math.min(red, green, blue);
          // Limits and the times of alerts are red or amber, lines are not.
          if ((chroma * alpha) / 255 > 4 && red - blue > 60 === (wanted === "rules")) {
            inked += 1;
            break;
          }
        }
      }
      return inked / width;
    },
    [from, to, what] as const,
  );
}

export async function drawnBetween(page: Page, title: string, from: number, to: number): Promise<void> {
  await frameOf(page, title).scrollIntoViewIfNeeded();
  await until(async () => (await inkBetween(page, title, from, to)) > 0.97, {
    withinMs: PATIENCE_MS,
    what: `${title} is drawn between ${from} and ${to} of its width`,
  });
}
