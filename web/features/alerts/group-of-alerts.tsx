import { createMemo, createSignal, For, Show } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import { Button } from "../../ui/button.tsx";
import { grouped } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { acknowledgeAll, mayAcknowledgeTogether } from "./deeds.ts";
import type { Group } from "./groups.ts";
import { AlertRow } from "./row.tsx";

/** Of one place at first: of five thousand alerts nobody reads every line. */
const AT_FIRST = 10;
const THEN = 100;

/** As many as somebody wants to see. `alone`: no list around it is gone through by key. */
export function Rows(props: { alerts: readonly Alert[]; alone?: boolean }) {
  const [shown, setShown] = createSignal(AT_FIRST);
  /* One line more takes no more room than the words that there is one more. */
  const isCut = () => props.alerts.length > shown() + 1;
  const visible = () => (isCut() ? props.alerts.slice(0, shown()) : props.alerts);
  return (
    <>
      <ul
        class="divide-y divide-line border-y border-line"
        onKeyDown={(event) => props.alone && moveThroughRows(event)}
      >
        <For each={visible()}>{(alert) => <AlertRow alert={alert} />}</For>
      </ul>
      <Show when={isCut()}>
        <Button
          look="quiet"
          class="-mx-2 mt-1 text-sm"
          data-row=""
          onClick={() => setShown((many) => many + THEN)}
        >
          and {grouped(props.alerts.length - shown())} more
        </Button>
      </Show>
    </>
  );
}

/**
 * What is wrong in one place; `A` on its button takes all of it. Its name stands above where there is more than one: a
 * line says for itself where it is, and such lines stand close together.
 */
export function GroupOfAlerts(props: { group: Group }) {
  const [busy, setBusy] = createSignal(false);
  const isAlone = () => props.group.alerts.length === 1;
  const free = createMemo(() => props.group.alerts.filter(mayAcknowledgeTogether));
  const takeAll = async () => {
    setBusy(true);
    await acknowledgeAll(free());
    setBusy(false);
  };
  return (
    <li class="mt-6" classList={{ "alone [.alone+&]:-mt-px": isAlone() }}>
      <Show when={!isAlone()}>
        <div class="mb-1 flex items-baseline justify-between gap-3">
          <h2 class="truncate text-sm text-ink-2" title={props.group.place.name}>
            {props.group.place.name}
          </h2>
          <Show when={free().length > 1}>
            <Button
              look="quiet"
              class="h-6 shrink-0 text-sm"
              busy={busy()}
              title="A"
              data-row=""
              data-group={props.group.place.id}
              onClick={() => void takeAll()}
            >
              Acknowledge all {grouped(free().length)}
              <span class="sr-only"> of {props.group.place.name}</span>
            </Button>
          </Show>
        </div>
      </Show>
      <Rows alerts={props.group.alerts} />
    </li>
  );
}
