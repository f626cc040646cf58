/** Draws attention to new problems while a page is open. Fetched only where somebody wants it. */
import { createEffect } from "solid-js";
import { type Attended, popUp, sound } from "../../state/attention.ts";
import { problems } from "../overview/current-problems.ts";
import { onNewProblems, saidOf } from "../overview/new-problems.ts";
import type { Problem } from "../overview/problems.ts";
import { isOurs } from "./once.ts";
import { isAudible, play } from "./sound.ts";

/** So many at a time are told apart; more would only be noise. */
const MOST_AT_ONCE = 3;

/** For as long as what it is called in is there. `open` takes the path of an incident. */
export function attend(open: (path: string) => void): void {
  const shown = new Map<string, Notification>();
  onNewProblems((fresh) => {
    void ring(fresh.filter((problem) => isMeant(problem, sound())));
    for (const problem of fresh.filter((each) => isMeant(each, popUp())).slice(0, MOST_AT_ONCE))
      void show(problem, shown, open);
  });
  createEffect(() => {
    const still = new Set(problems().map(({ key }) => key));
    for (const [key, notification] of shown) {
      if (still.has(key)) continue;
      notification.close();
      shown.delete(key);
    }
  });
}

function isMeant({ level, acknowledged }: Problem, attended: Attended): boolean {
  if (attended === "off" || acknowledged) return false;
  return attended === "all" || level === "critical";
}

/** Once for what came together, as loud as the worst of it. */
async function ring(fresh: readonly Problem[]): Promise<void> {
  /* A tab that cannot be heard leaves it to one that can. */
  if (fresh.length === 0 || !(await isAudible())) return;
  const ours = await Promise.all(fresh.map(({ key, level }) => isOurs(`sound/${key}/${level}`)));
  const levels = fresh.filter((_, at) => ours[at]).map(({ level }) => level);
  if (levels.length > 0) await play(levels.includes("critical") ? "critical" : "warning");
}

async function show(problem: Problem, shown: Map<string, Notification>, open: (path: string) => void) {
  const { key, level } = problem;
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  if (!(await isOurs(`pop-up/${key}/${level}`))) return;
  const words = saidOf(problem);
  try {
    const notification = new Notification(words.charAt(0).toUpperCase() + words.slice(1), {
      /* What the same device is sent by another way takes its place. */
      tag: key,
      icon: "/icon-192.png",
    });
    notification.onclick = () => {
      window.focus();
      open(`/alerts/${key}`);
      notification.close();
    };
    shown.set(key, notification);
  } catch {
    // Phones have them from a service worker only.
  }
}
