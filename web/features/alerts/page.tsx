import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, For, lazy, Show, Suspense } from "solid-js";
import { ALERT_LIMITS } from "../../../server/contract/alert-limits.ts";
import type { Alert } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { grouped as inGroups, plural } from "../../ui/format.ts";
import { moveThroughRows, onEscape, onKey } from "../../ui/keyboard.ts";
import { edits } from "../settings/links.ts";
import { ActiveSilences } from "../silences/active-line.tsx";
import {
  acknowledgeAll,
  acknowledgeListed,
  isAcknowledging,
  mayAcknowledge,
  mayAcknowledgeTogether,
} from "./deeds.ts";
import { AlertTabs } from "./frame.tsx";
import { GroupOfAlerts, Rows } from "./group-of-alerts.tsx";
import { byUrgency, grouped, headline, parted } from "./groups.ts";
import { Past } from "./past.tsx";

/** Places shown at first, and with each wish for more. */
const GROUPS = 25;

const Reach = lazy(async () => ({ default: (await import("./reach.tsx")).Reach }));

export function AlertsPage() {
  const navigate = useNavigate();
  onEscape(() => {
    navigate("/");
    return true;
  });
  const open = createMemo(() => parted(Object.values(picture.alerts)));
  const groups = createMemo(() => new Map(grouped(open().told).map((group) => [group.place.id, group])));
  const isFull = () => Object.keys(picture.alerts).length >= ALERT_LIMITS.open;
  const [shown, setShown] = createSignal(GROUPS);

  /** What has the focus: an alert, or all of a place; or else the first nobody has taken. */
  const meant = (): (() => Promise<unknown>) | undefined => {
    const { alert: id, group: placeId } = (document.activeElement as HTMLElement | null)?.dataset ?? {};
    const group = groups().get(placeId as ResourceId);
    if (group) return () => acknowledgeAll(group.alerts.filter(mayAcknowledgeTogether));
    const isFree = (alert: Alert) => !alert.acknowledged && mayAcknowledge(alert);
    const alert = id ? picture.alerts[id] : open().told.toSorted(byUrgency).find(isFree);
    return alert && mayAcknowledge(alert) ? () => acknowledgeListed(alert) : undefined;
  };
  onKey((event) => {
    if (!isAcknowledging(event)) return false;
    const deed = meant();
    void deed?.();
    return deed !== undefined;
  });

  return (
    <Show when={picture.known} fallback={<div class="skeleton h-40 w-full" />}>
      <AlertTabs />
      <h1 class="text-xl font-semibold tracking-tight">{headline(open().told, open().quiet)}</h1>
      <p class="mt-0.5 text-ink-2">
        <Show when={isFull()}>
          No more than {inGroups(ALERT_LIMITS.open)} alerts are open at a time: more may be wrong than stands
          here.{" "}
        </Show>
        <Show
          when={open().told.length > 0}
          fallback={
            open().quiet.length > 0
              ? "What is wrong stands below; nobody is told of it now."
              : "What goes wrong appears here, with since when and what it is about."
          }
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
      <ActiveSilences />
      <Suspense>
        <Reach hint />
      </Suspense>
      <ul aria-label="Open alerts" onKeyDown={(event) => moveThroughRows(event)}>
        {/* By their ids: a place that is still there keeps its rows, and what has the focus in it. */}
        <For each={[...groups().keys()].slice(0, shown())}>
          {(id) => <Show when={groups().get(id)}>{(group) => <GroupOfAlerts group={group()} />}</Show>}
        </For>
      </ul>
      <Show when={groups().size > shown()}>
        <div class="mt-6">
          <Button onClick={() => setShown((many) => many + GROUPS)}>
            Show more: {plural(groups().size - shown(), "other place")}
          </Button>
        </div>
      </Show>
      <Show when={open().quiet.length > 0}>
        <section class="mt-10" aria-label="Not told now">
          <h2 class="mb-1 font-semibold">Not told now</h2>
          <Rows alerts={open().quiet} alone />
        </section>
      </Show>
      <Past />
    </Show>
  );
}
