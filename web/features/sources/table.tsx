import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import type { Source } from "../../../server/contract/sources.ts";
import { now } from "../../state/clock.ts";
import { picture } from "../../state/live.ts";
import { ago, duration, latency, moment, plural, text } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { pathOf } from "../resource/path.ts";
import { PauseButton } from "./deeds.tsx";
import { FORMS } from "./forms/forms.ts";
import { targetOf } from "./list.ts";
import { STATES } from "./states.ts";

const WIDE = "hidden lg:table-cell";

export function SourceTable(props: {
  sources: readonly Source[];
  mayChange: boolean;
  onChanged: () => void;
}) {
  return (
    <table class="figures w-full border-b border-line">
      <thead class="max-md:sr-only">
        <tr>
          <th scope="col">Source</th>
          <th scope="col">State</th>
          <th scope="col" class={WIDE}>
            Asked
          </th>
          <th scope="col" class={WIDE}>
            Took
          </th>
          <th scope="col" class={WIDE}>
            Every
          </th>
          <th scope="col" class="max-md:hidden">
            Brings
          </th>
          <Show when={props.mayChange}>
            <th scope="col">
              <span class="sr-only">Pause</span>
            </th>
          </Show>
        </tr>
      </thead>
      <tbody onKeyDown={(event) => moveThroughRows(event)}>
        <For each={props.sources}>
          {(source) => <SourceRow source={source} mayChange={props.mayChange} onChanged={props.onChanged} />}
        </For>
      </tbody>
    </table>
  );
}

function SourceRow(props: { source: Source; mayChange: boolean; onChanged: () => void }) {
  const source = props.source;
  const state = () => STATES[source.state.status];
  const asked = () => (source.state.lastTriedAt === undefined ? "–" : ago(source.state.lastTriedAt, now()));
  const about = () => `${FORMS[source.type].label} · ${targetOf(source)}`;
  return (
    <tr class="h-14" classList={{ old: source.state.status === "paused" }}>
      <td class="w-full max-w-0 py-2.5">
        <div class="flex items-center gap-2.5">
          <LevelMark level={state().level} />
          <Show
            when={props.mayChange}
            fallback={
              <span class="truncate font-medium" title={source.name}>
                {source.name}
              </span>
            }
          >
            <A
              href={`/settings/sources/${source.id}`}
              data-row=""
              class="min-w-7 truncate py-0.5 font-medium hover:underline"
              title={source.name}
            >
              {source.name}
            </A>
          </Show>
        </div>
        <div class="truncate pl-5 text-sm text-ink-2" title={about()}>
          {about()}
        </div>
        <div class="pl-5 text-sm text-ink-2 md:hidden">
          {state().word}
          {source.state.status === "ok" ? ` · asked ${asked()} · ` : ""}
          <Show when={source.resources > 0}>
            <Brings source={source} />
          </Show>
        </div>
        <Show when={source.state.status === "failing" && source.state.error}>
          {(error) => (
            <div class="mt-0.5 pl-5 text-sm break-words whitespace-normal text-bad">
              {error()}{" "}
              <span class="text-ink-2" title={moment(source.state.since)}>
                Since {duration((now() - source.state.since) / 1_000)}.
              </span>
            </div>
          )}
        </Show>
      </td>
      <td
        class="max-md:hidden"
        classList={{
          "text-bad": source.state.status === "failing",
          "text-ink-2": source.state.status !== "failing",
        }}
        title={state().help}
      >
        {state().word}
      </td>
      <td
        class={`text-ink-2 ${WIDE}`}
        title={source.state.lastTriedAt === undefined ? undefined : moment(source.state.lastTriedAt)}
      >
        {asked()}
      </td>
      <td class={`text-ink-2 ${WIDE}`}>
        {source.state.tookMs === undefined ? "–" : text(latency(source.state.tookMs / 1_000))}
      </td>
      <td class={`text-ink-2 ${WIDE}`}>{duration(source.intervalMs / 1_000)}</td>
      <td class="max-md:hidden">
        <Brings source={source} />
      </td>
      <Show when={props.mayChange}>
        <td>
          <PauseButton source={source} onDone={props.onChanged} />
        </td>
      </Show>
    </tr>
  );
}

/** What comes from it, and the way there. */
function Brings(props: { source: Source }) {
  const found = () => {
    const { resourceId } = props.source;
    return resourceId && picture.resources[resourceId];
  };
  const words = () => plural(props.source.resources, "resource");
  return (
    <Show when={found()} fallback={<span class="text-ink-2">{props.source.resources || "–"}</span>}>
      {(resource) => (
        <A
          href={pathOf(resource())}
          class="inline-block py-1 text-accent underline md:no-underline md:hover:underline"
          aria-label={`${words()} of ${props.source.name}`}
        >
          {words()}
        </A>
      )}
    </Show>
  );
}
