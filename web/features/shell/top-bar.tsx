import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { extension } from "../../state/extension.ts";
import {
  AlertsIcon,
  ChecksIcon,
  OverviewIcon,
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
    <header class="sticky top-0 z-30 flex h-12 items-center border-b border-line bg-page pr-1 pl-4 wide:hidden">
      <A href="/" class="flex h-11 min-w-8 items-center gap-2 font-semibold tracking-tight">
        <PulseIcon class="text-accent" />
        <span class="max-[480px]:sr-only" classList={{ "sr-only": extension() !== undefined }}>
          Pulse
        </span>
      </A>
      <Show when={extension()}>{(known) => <Dynamic component={known().places.Switcher} compact />}</Show>
      <span class="ml-3">
        <ConnectionDot hideWords />
      </span>
      <nav aria-label="Pages" class="ml-auto flex items-center">
        <A
          href="/"
          end
          aria-label="Overview"
          class={LINK}
          activeClass="text-accent"
          inactiveClass="text-ink-2"
        >
          <OverviewIcon />
        </A>
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
