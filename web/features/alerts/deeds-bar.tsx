import { createSignal, For, type JSX, onCleanup, Show } from "solid-js";
import { ALERT_LIMITS } from "../../../server/contract/alert-limits.ts";
import type { Alert } from "../../../server/contract/alerts.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { isTyping, onEscape, onKey } from "../../ui/keyboard.ts";
import { LinkButton } from "../../ui/link-button.tsx";
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
  const [layer, setLayer] = createSignal<"snooze" | "note" | "close">();
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
          <LinkButton
            href={`/alerts/silences/new?resource=${props.alert.resource.id}&rule=${props.alert.rule}`}
          >
            Silence…
          </LinkButton>
        </Show>
        <Button
          aria-expanded={layer() === "note"}
          onClick={() => setLayer(layer() === "note" ? undefined : "note")}
        >
          Write a note
        </Button>
        <Show when={isOpen()}>
          <Button onClick={() => setLayer("close")}>Call it over…</Button>
        </Show>
      </div>
      <Show when={layer() === "snooze"}>
        <Unfolded onClose={() => setLayer(undefined)}>
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
        </Unfolded>
      </Show>
      <Show when={layer() === "note"}>
        <Unfolded onClose={() => setLayer(undefined)}>
          <form
            class="mt-3 max-w-xl"
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
                event.currentTarget.requestSubmit();
            }}
            onSubmit={(event) => {
              event.preventDefault();
              if (text().trim() && !busy()) void run(() => addNote(props.alert, text().trim()));
            }}
          >
            <TextArea
              autofocus
              label="Note"
              value={text()}
              onInput={setText}
              maxLength={ALERT_LIMITS.noteLength}
              help="Stays with the incident: what it was, what was done."
            />
            <div class="mt-3">
              <Button
                type="submit"
                look="primary"
                title="Ctrl+Enter"
                busy={busy()}
                disabled={text().trim() === ""}
              >
                Save
              </Button>
            </div>
          </form>
        </Unfolded>
      </Show>
      <Show when={layer() === "close"}>
        <Confirm
          title="Call it over?"
          verb="Call it over"
          act={() => close(props.alert)}
          onClose={() => setLayer(undefined)}
        >
          <p>
            It stands as over from now on, whatever is measured, and is told again only after it has really
            been over. This cannot be taken back.
          </p>
        </Confirm>
      </Show>
    </div>
  );
}

/** Below the buttons, where Escape folds it again; what was typed is there when it is opened once more. */
function Unfolded(props: { onClose: () => void; children: JSX.Element }) {
  const before = document.activeElement;
  const fold = () => {
    props.onClose();
    return true;
  };
  onEscape(fold);
  onKey((event) => event.key === "Escape" && isTyping(event) && fold());
  onCleanup(() => {
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  });
  return <>{props.children}</>;
}
