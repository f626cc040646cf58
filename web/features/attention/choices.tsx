import { createSignal, type JSX, Show } from "solid-js";
import { type Attended, popUp, setPopUp, setSound, sound } from "../../state/attention.ts";
import { Button } from "../../ui/button.tsx";
import { Segments } from "../../ui/segments.tsx";
import { play } from "./sound.ts";

const CHOICES: { value: Attended; label: string }[] = [
  { value: "off", label: "Off" },
  { value: "critical", label: "Critical" },
  { value: "all", label: "All" },
];

/** How this browser draws attention to a new alert while a page is open. */
export function AttentionChoices() {
  const [refused, setRefused] = createSignal(permission() === "denied");
  const choosePopUp = async (chosen: Attended) => {
    if (chosen !== "off" && permission() === "default") await Notification.requestPermission();
    setRefused(permission() === "denied");
    setPopUp(permission() === "granted" ? chosen : "off");
  };
  return (
    <div class="space-y-5">
      <Choice
        label="Sound"
        help="Heard once, however many tabs are open, after you have clicked on the page."
      >
        <Segments label="Sound" value={sound()} onChoose={setSound} options={CHOICES} />
        <Button look="quiet" onClick={() => void play("critical")}>
          Play it
        </Button>
      </Choice>
      <Choice
        label="Notification"
        help={
          permission() === "unable"
            ? "Browsers allow it only on a page opened by https, and phones only for messages: Settings, Notifications."
            : "Of the browser, beside the page."
        }
      >
        <Show when={permission() !== "unable"}>
          <Segments
            label="Notification"
            value={popUp()}
            onChoose={(chosen) => void choosePopUp(chosen)}
            options={CHOICES}
          />
        </Show>
        <Show when={refused()}>
          <p class="text-sm text-bad" role="status">
            This browser does not allow them here. The sign beside the address opens its settings for this
            page.
          </p>
        </Show>
      </Choice>
      <p class="text-sm text-ink-2">Nothing for what is silenced, snoozed or acknowledged.</p>
    </div>
  );
}

function Choice(props: { label: string; help: string; children: JSX.Element }) {
  return (
    <div>
      <p class="font-medium">{props.label}</p>
      <div class="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-2">{props.children}</div>
      <p class="mt-1.5 max-w-xl text-sm text-ink-2">{props.help}</p>
    </div>
  );
}

function permission(): NotificationPermission | "unable" {
  const isPhone = /\b(?:Android|iPhone|iPad)\b/.test(navigator.userAgent);
  return isSecureContext && "Notification" in globalThis && !isPhone ? Notification.permission : "unable";
}
