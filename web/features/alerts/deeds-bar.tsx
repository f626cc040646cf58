import { createSignal, For, Show } from "solid-js";
import { ALERT_LIMITS, type Alert } from "../../../server/contract/alerts.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { acknowledge, addNote, close, snooze } from "./deeds.ts";

const SNOOZES = [
  { label: "1 hour", ms: 3_600_000 },
  { label: "8 hours", ms: 8 * 3_600_000 },
  { label: "1 day", ms: 86_400_000 },
  { label: "1 week", ms: 7 * 86_400_000 },
];

/** What may be done about it. Notes can also be written when it is over. */
export function Deeds(props: { alert: Alert }) {
  const [layer, setLayer] = createSignal<"snooze" | "note">();
  const [text, setText] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const isOpen = () => props.alert.resolvedAt === undefined;
  const run = async (deed: () => Promise<boolean>) => {
    setBusy(true);
    const worked = await deed();
    setBusy(false);
    if (!worked) return;
    setLayer(undefined);
    setText("");
  };
  return (
    <div class="mt-4">
      <div class="flex flex-wrap gap-2">
        <Show when={isOpen()}>
          <Button
            look={props.alert.acknowledged ? "plain" : "primary"}
            disabled={busy()}
            title="A"
            onClick={() => void run(() => acknowledge(props.alert))}
          >
            {props.alert.acknowledged ? "Take acknowledgement back" : "Acknowledge"}
          </Button>
          <Show
            when={props.alert.snoozedUntil === undefined}
            fallback={
              <Button disabled={busy()} onClick={() => void run(() => snooze(props.alert, null))}>
                End the snooze
              </Button>
            }
          >
            <Button
              aria-expanded={layer() === "snooze"}
              onClick={() => setLayer(layer() === "snooze" ? undefined : "snooze")}
            >
              Snooze
            </Button>
          </Show>
        </Show>
        <Button
          aria-expanded={layer() === "note"}
          onClick={() => setLayer(layer() === "note" ? undefined : "note")}
        >
          Write a note
        </Button>
        <Show when={isOpen()}>
          <Button disabled={busy()} onClick={() => void run(() => close(props.alert))}>
            Close
          </Button>
        </Show>
      </div>
      <Show when={layer() === "snooze"}>
        <fieldset class="mt-3 flex flex-wrap items-baseline gap-2">
          <legend class="mb-1.5 text-sm text-ink-2">Quiet until it gets worse, or for</legend>
          <For each={SNOOZES}>
            {({ label, ms }) => (
              <Button
                disabled={busy()}
                onClick={() => void run(() => snooze(props.alert, Math.round(serverNow() + ms)))}
              >
                {label}
              </Button>
            )}
          </For>
        </fieldset>
      </Show>
      <Show when={layer() === "note"}>
        <form
          class="mt-3 max-w-xl"
          onSubmit={(event) => {
            event.preventDefault();
            if (text().trim()) void run(() => addNote(props.alert, text().trim()));
          }}
        >
          <TextArea
            label="Note"
            value={text()}
            onInput={setText}
            maxLength={ALERT_LIMITS.noteLength}
            help="Stays with the incident: what it was, what was done."
          />
          <div class="mt-3">
            <Button type="submit" look="primary" busy={busy()} disabled={text().trim() === ""}>
              Save
            </Button>
          </div>
        </form>
      </Show>
    </div>
  );
}
