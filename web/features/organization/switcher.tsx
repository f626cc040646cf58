import { createSignal, lazy, Show, Suspense } from "solid-js";
import { me } from "../../state/session.ts";
import { MenuUpIcon } from "../../ui/icons.tsx";
import { waiting } from "./inbox.ts";
import { DEFAULT_SLUG } from "./names.ts";
import { here, isLicensed, orgs } from "./standing.ts";

const Opened = lazy(async () => ({ default: (await import("./switcher-opened.tsx")).SwitcherOpened }));

/** The button looks the same before and after the menu's code has arrived. */
export const TRIGGER = {
  compact: "ml-3 flex h-11 min-w-0 max-w-40 items-center gap-1.5 rounded-md font-medium",
  wide: "mb-2 flex h-9 w-full items-center gap-2 rounded-md px-2 text-left font-medium hover:bg-hover data-[expanded]:bg-hover",
};

export function placeName(): string {
  return here()?.name ?? (isLicensed() ? "No organization" : DEFAULT_SLUG);
}

/** Where the tab stands; a menu as soon as there is somewhere else to go. */
export function Switcher(props: { compact?: boolean }) {
  const [wanted, setWanted] = createSignal(false);
  const hasChoice = () => isLicensed() && (orgs().length > 1 || waiting() > 0 || me()?.operator === true);
  const button = () => (
    <button
      type="button"
      aria-haspopup="dialog"
      aria-expanded="false"
      aria-label={switcherLabel()}
      class={props.compact ? TRIGGER.compact : TRIGGER.wide}
      onPointerEnter={() => void Opened.preload()}
      onFocus={() => void Opened.preload()}
      onClick={() => setWanted(true)}
    >
      <SwitcherFace />
    </button>
  );
  return (
    <Show when={isLicensed()}>
      <Show
        when={hasChoice()}
        fallback={
          <p
            class={`${props.compact ? TRIGGER.compact : TRIGGER.wide} pointer-events-none`}
            title={placeName()}
          >
            <span class="sr-only">Organization: </span>
            <span class="truncate">{placeName()}</span>
          </p>
        }
      >
        <Show when={wanted()} fallback={button()}>
          <Suspense fallback={button()}>
            <Opened compact={props.compact ?? false} />
          </Suspense>
        </Show>
      </Show>
    </Show>
  );
}

export function switcherLabel(): string {
  const invitations = waiting() === 1 ? ", 1 invitation" : waiting() > 1 ? `, ${waiting()} invitations` : "";
  return `Organization: ${placeName()}${invitations}`;
}

export function SwitcherFace() {
  return (
    <>
      <span class="min-w-0 flex-1 truncate" title={placeName()}>
        {placeName()}
      </span>
      <Show when={waiting() > 0}>
        <span
          aria-hidden="true"
          class="min-w-5 rounded-full bg-accent px-1.5 text-center text-xs leading-5 font-semibold text-accent-ink"
        >
          {waiting()}
        </span>
      </Show>
      <MenuUpIcon class="text-ink-3" />
    </>
  );
}
