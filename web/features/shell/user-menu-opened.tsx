import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { useNavigate } from "@solidjs/router";
import { For, type JSX } from "solid-js";
import { me } from "../../state/session.ts";
import { setTheme, THEMES, type Theme, theme } from "../../state/theme.ts";
import {
  KeyboardIcon,
  MoonIcon,
  SettingsIcon,
  SignOutIcon,
  SunIcon,
  SystemThemeIcon,
} from "../../ui/icons.tsx";
import { leaveSession } from "./leave-session.ts";
import { TRIGGER, UserBadge, userName } from "./user-menu.tsx";

const THEME_WORDS: Record<Theme, { label: string; icon: () => JSX.Element }> = {
  system: { label: "Like the system", icon: () => <SystemThemeIcon /> },
  light: { label: "Light", icon: () => <SunIcon /> },
  dark: { label: "Dark", icon: () => <MoonIcon /> },
};

const ITEM =
  "flex h-8 items-center gap-2.5 rounded-sm px-2 text-ink outline-none data-[highlighted]:bg-hover cursor-default";

/** The menu itself; it is fetched when someone first reaches for it. */
export function UserMenuOpened(props: { compact?: boolean; onShortcuts: () => void }) {
  const navigate = useNavigate();
  // What takes the focus elsewhere waits until the closing menu has given it back to its button.
  let next: (() => void) | undefined;
  const follow = () => {
    next?.();
    next = undefined;
  };
  return (
    <DropdownMenu defaultOpen placement={props.compact ? "bottom-end" : "top-start"} gutter={6}>
      <DropdownMenu.Trigger
        aria-label={props.compact ? `Menu of ${userName()}` : undefined}
        class={props.compact ? TRIGGER.compact : TRIGGER.wide}
      >
        <UserBadge compact={props.compact} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          onCloseAutoFocus={() => queueMicrotask(follow)}
          class="settle z-50 w-56 rounded-lg border border-line bg-raised p-1 shadow-[var(--shadow)] outline-none"
        >
          <p class="truncate px-2 pt-1.5 pb-2 text-sm text-ink-2">{me()?.user.email}</p>
          <DropdownMenu.Separator class="-mx-1 mb-1 border-line" />
          <DropdownMenu.RadioGroup value={theme()} onChange={(value) => setTheme(value as Theme)}>
            <For each={THEMES}>
              {(choice) => (
                <DropdownMenu.RadioItem value={choice} closeOnSelect={false} class={ITEM}>
                  <span class="text-ink-2">{THEME_WORDS[choice].icon()}</span>
                  <span class="flex-1">{THEME_WORDS[choice].label}</span>
                  <DropdownMenu.ItemIndicator class="size-1.5 rounded-full bg-accent" />
                </DropdownMenu.RadioItem>
              )}
            </For>
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator class="-mx-1 my-1 border-line" />
          <DropdownMenu.Item class={ITEM} onSelect={() => (next = () => navigate("/settings"))}>
            <SettingsIcon class="text-ink-2" />
            Settings
          </DropdownMenu.Item>
          <DropdownMenu.Item class={ITEM} onSelect={() => (next = props.onShortcuts)}>
            <KeyboardIcon class="text-ink-2" />
            <span class="flex-1">Keyboard</span>
            <kbd class="font-sans text-xs text-ink-3">?</kbd>
          </DropdownMenu.Item>
          <DropdownMenu.Item class={ITEM} onSelect={() => void leaveSession()}>
            <SignOutIcon class="text-ink-2" />
            Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
