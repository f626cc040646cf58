import { useNavigate } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import { picture } from "../../state/live.ts";
import { isTyping, moveThroughRows, onEscape, onKey } from "../../ui/keyboard.ts";
import { edits } from "../settings/links.ts";
import { acknowledge } from "./deeds.ts";
import { grouped, headline, parted } from "./groups.ts";
import { Past } from "./past.tsx";
import { AlertRow } from "./row.tsx";

export function AlertsPage() {
  const navigate = useNavigate();
  onEscape(() => {
    navigate("/");
    return true;
  });
  const open = createMemo(() => parted(Object.values(picture.alerts)));
  const groups = createMemo(() => grouped(open().told));

  /** The one that has the focus, or the first nobody has taken. */
  const meant = (): Alert | undefined => {
    const id = (document.activeElement as HTMLElement | null)?.dataset["alert"];
    if (id) return picture.alerts[id];
    return groups()
      .flatMap(({ alerts }) => alerts)
      .find(({ acknowledged, sharedFrom }) => !acknowledged && !sharedFrom);
  };
  onKey((event) => {
    if (event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || !edits())
      return false;
    const alert = meant();
    if (!alert || alert.sharedFrom) return false;
    void acknowledge(alert);
    return true;
  });

  return (
    <Show when={picture.known} fallback={<div class="skeleton h-40 w-full" />}>
      <h1 class="text-xl font-semibold tracking-tight">{headline(open().told)}</h1>
      <p class="mt-0.5 text-ink-2">
        <Show
          when={open().told.length > 0}
          fallback="What goes wrong appears here, with since when and what it is about."
        >
          <Show when={edits()} fallback="The worst first.">
            The worst first.
            <span class="max-sm:hidden">
              {" "}
              <kbd class="font-sans">A</kbd> acknowledges the one you are on.
            </span>
          </Show>
        </Show>
      </p>
      <ul aria-label="Open alerts" onKeyDown={(event) => moveThroughRows(event)}>
        <For each={groups()}>
          {(group) => (
            <li class="mt-6">
              <h2 class="truncate text-sm text-ink-2" title={group.place.name}>
                {group.place.name}
              </h2>
              <ul class="mt-1 divide-y divide-line border-y border-line">
                <For each={group.alerts}>{(alert) => <AlertRow alert={alert} />}</For>
              </ul>
            </li>
          )}
        </For>
      </ul>
      <Show when={open().quiet.length > 0}>
        <section class="mt-10" aria-label="Not told now">
          <h2 class="font-semibold">Not told now</h2>
          <ul
            class="mt-2 divide-y divide-line border-y border-line"
            onKeyDown={(event) => moveThroughRows(event)}
          >
            <For each={open().quiet}>{(alert) => <AlertRow alert={alert} />}</For>
          </ul>
        </section>
      </Show>
      <Past />
    </Show>
  );
}
