import { createEffect, createSignal, on } from "solid-js";
import { connection } from "../../state/live.ts";
import { problems } from "../overview/current-problems.ts";
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
  createEffect(
    on(
      problems,
      (current, before) => {
        const known = new Set(before?.map((problem) => problem.key));
        const fresh = current.filter((problem) => !known.has(problem.key));
        if (before && fresh.length > 0) {
          setWords(
            fresh
              .map(({ level, resource, about, words }) => {
                const who = about === "part" ? `${resource.name}:` : resource.name;
                return `${level}: ${who} ${words}`;
              })
              .join(". "),
          );
        }
      },
      { defer: true },
    ),
  );
  return (
    <p class="sr-only" role="status" aria-live="polite">
      {words()}
    </p>
  );
}
