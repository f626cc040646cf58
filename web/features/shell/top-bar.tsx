import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { extension } from "../../state/extension.ts";
import {
  AlertsIcon,
  ChecksIcon,
  PulseIcon,
  ResourcesIcon,
  SearchIcon,
  SettingsIcon,
} from "../../ui/icons.tsx";
import { LevelMark } from "../../ui/level-mark.tsx";
import { problems } from "../overview/current-problems.ts";
import { worstOf } from "../overview/problems.ts";
import { ConnectionDot } from "./connection-dot.tsx";
import { UserMenu } from "./user-menu.tsx";

const LINK = "flex size-11 items-center justify-center rounded-md";

/** The shell on narrow screens. */
export function TopBar(props: { onSearch: () => void; onShortcuts: () => void }) {
  return (
    <header class="sticky top-0 z-30 flex h-12 items-center border-b border-line bg-page pr-1 pl-1 wide:hidden">
      <A href="/" end aria-label="Overview" class="flex size-11 shrink-0 items-center justify-center">
        <PulseIcon class="text-accent" />
      </A>
      <Show when={extension()}>{(known) => <Dynamic component={known().places.Switcher} compact />}</Show>
      <span class="ml-2">
        <ConnectionDot hideWords />
      </span>
      <nav aria-label="Pages" class="ml-auto flex items-center">
        <A
          href="/resources"
          aria-label="Resources"
          class={LINK}
          activeClass="text-accent"
          inactiveClass="text-ink-2"
        >
          <ResourcesIcon />
        </A>
        <A
          href="/alerts"
          aria-label={problems().length > 0 ? `Alerts open: ${problems().length}` : "Alerts"}
          class={`${LINK} relative`}
          activeClass="text-accent"
          inactiveClass="text-ink-2"
        >
          <AlertsIcon />
          <Show when={problems().length > 0}>
            <LevelMark level={worstOf(problems())} class="absolute top-2 right-2" />
          </Show>
        </A>
        <A
          href="/checks"
          aria-label="Checks"
          class={LINK}
          activeClass="text-accent"
          inactiveClass="text-ink-2"
        >
          <ChecksIcon />
        </A>
        <A
          href="/settings"
          aria-label="Settings"
          class={LINK}
          activeClass="text-accent"
          inactiveClass="text-ink-2"
        >
          <SettingsIcon />
        </A>
      </nav>
      <button type="button" aria-label="Find" class={`${LINK} text-ink-2`} onClick={() => props.onSearch()}>
        <SearchIcon />
      </button>
      <UserMenu compact onShortcuts={props.onShortcuts} />
    </header>
  );
}
