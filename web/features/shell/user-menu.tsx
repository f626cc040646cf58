import { createSignal, lazy, Show, Suspense } from "solid-js";
import { me } from "../../state/session.ts";
import { MenuUpIcon } from "../../ui/icons.tsx";

/** The button looks the same before and after the menu's code has arrived. */
export const TRIGGER = {
  compact: "flex size-11 items-center justify-center",
  wide: "flex h-9 w-full items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover data-[expanded]:bg-hover",
};

const Opened = lazy(async () => ({ default: (await import("./user-menu-opened.tsx")).UserMenuOpened }));

export function userName(): string {
  return me()?.user.name || me()?.user.email || "";
}

export function UserMenu(props: { compact?: boolean; onShortcuts: () => void }) {
  const [wanted, setWanted] = createSignal(false);
  const button = () => (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded="false"
      aria-label={props.compact ? `Menu of ${userName()}` : undefined}
      class={props.compact ? TRIGGER.compact : TRIGGER.wide}
      onPointerEnter={() => void Opened.preload()}
      onFocus={() => void Opened.preload()}
      onClick={() => setWanted(true)}
    >
      <UserBadge compact={props.compact} />
    </button>
  );
  return (
    <Show when={wanted()} fallback={button()}>
      <Suspense fallback={button()}>
        <Opened compact={props.compact ?? false} onShortcuts={props.onShortcuts} />
      </Suspense>
    </Show>
  );
}

export function UserBadge(props: { compact?: boolean | undefined }) {
  return (
    <>
      <span
        aria-hidden="true"
        class="flex size-6 shrink-0 items-center justify-center rounded-full bg-track text-xs font-semibold text-ink-2"
      >
        {userName().slice(0, 1).toUpperCase()}
      </span>
      <Show when={!props.compact}>
        <span class="min-w-0 flex-1 truncate">{userName()}</span>
        <MenuUpIcon class="text-ink-3" />
      </Show>
    </>
  );
}
