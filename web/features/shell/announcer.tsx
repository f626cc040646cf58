import { createEffect, createSignal, on } from "solid-js";
import { connection } from "../../state/live.ts";
import { onNewProblems, saidOf } from "../overview/new-problems.ts";
import { connectionWords, looksOld } from "./connection-words.ts";

/** Tells those who do not see the page what changed on it: the connection, and new problems. */
export function Announcer() {
  const [words, setWords] = createSignal("");

  createEffect(
    on(
      [looksOld, () => connection().state === "live"],
      ([old, live], before) => {
        if (old && !before?.[0]) setWords(connectionWords());
        else if (live && before?.[0]) setWords("The server is back. Figures are live again.");
      },
      { defer: true },
    ),
  );
  onNewProblems((fresh) => setWords(fresh.map(saidOf).join(". ")));
  return (
    <p class="sr-only" role="status" aria-live="polite">
      {words()}
    </p>
  );
}
