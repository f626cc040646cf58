import { A } from "@solidjs/router";
import { createMemo, For, Match, Show, Switch } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { extension } from "../../state/extension.ts";
import { connection } from "../../state/live.ts";
import { ago, clock, moment } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { pathOf } from "../resource/path.ts";
import { looksOld } from "../shell/connection-words.ts";
import { type Counts, headline, type Problem } from "./problems.ts";

const SHOWN = 12;

/** One sentence, then what it counts. */
export function Opening(props: {
  /** Whose reports tell how fresh all of this is. */
  reporting: readonly Resource[];
  counts: Counts;
  problems: readonly Problem[];
  quiet: readonly Alert[];
}) {
  const latest = createMemo(() => Math.max(...props.reporting.map((each) => each.lastSeenAt)));
  const shown = () => props.problems.slice(0, SHOWN);
  const says = () => headline(props.counts, props.problems, props.quiet);
  return (
    <section aria-label="What is wrong now">
      <h1 class="text-xl font-semibold tracking-tight">{looksOld() ? "Not known now" : says()}</h1>
      <p class="mt-0.5 text-ink-2">
        <Switch fallback={`Last report ${ago(latest(), now())}`}>
          <Match when={looksOld()}>
            Last known at {clock(connection().since)}: {says()}
          </Match>
          <Match when={props.reporting.length === 0}>
            {extension()?.places.emptyWords() ??
              "This server's own machine appears here within seconds of its first report."}
          </Match>
        </Switch>
        <Show when={props.problems.length === 0 && props.quiet.length > 0}>
          {" · "}
          <A href="/alerts" class="font-medium text-accent hover:underline">
            what is kept quiet
          </A>
        </Show>
      </p>
      <Show when={props.problems.length > 0}>
        <ul
          class="fades mt-4 divide-y divide-line border-y border-line"
          onKeyDown={(event) => moveThroughRows(event)}
        >
          <For each={shown()}>
            {(problem) => (
              <li>
                <A
                  href={problem.incident ?? pathOf(problem.resource)}
                  data-row=""
                  class="-mx-2 flex items-baseline gap-x-3 rounded-md px-2 py-2 hover:bg-hover"
                >
                  <span
                    class="flex w-20 shrink-0 items-baseline gap-2 text-sm font-medium"
                    classList={{
                      "text-bad": problem.level === "critical",
                      "text-warn": problem.level === "warning",
                    }}
                  >
                    <LevelMark level={problem.level} />
                    {problem.level === "critical" ? "Critical" : "Warning"}
                  </span>
                  <span class="min-w-0 flex-1 items-baseline gap-x-4 sm:flex">
                    <span class="block min-w-0 flex-1 break-words">
                      <span
                        class="inline-block max-w-full truncate align-bottom font-medium"
                        title={problem.resource.name}
                      >
                        {problem.resource.name}
                        {problem.about === "part" ? ":" : ""}
                      </span>{" "}
                      {problem.words}
                      <Show when={problem.acknowledged}>
                        <span class="text-ink-2"> · acknowledged</span>
                      </Show>
                    </span>
                    <span
                      class="block shrink-0 text-sm text-ink-2"
                      title={moment(problem.seenAt ?? problem.firedAt)}
                    >
                      {problem.seenAt === undefined ? "began" : "last seen"}{" "}
                      {ago(problem.seenAt ?? problem.firedAt, now())}
                    </span>
                  </span>
                </A>
              </li>
            )}
          </For>
        </ul>
        <Show when={props.problems.length > SHOWN}>
          <p class="mt-2 text-sm text-ink-2">
            and {props.problems.length - SHOWN} more:{" "}
            <A href="/alerts" class="font-medium text-accent hover:underline">
              all that is wrong
            </A>
          </p>
        </Show>
      </Show>
    </section>
  );
}
