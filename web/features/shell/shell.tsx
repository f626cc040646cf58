import { useNavigate } from "@solidjs/router";
import {
  createEffect,
  createMemo,
  createSignal,
  getOwner,
  lazy,
  onCleanup,
  type ParentProps,
  runWithOwner,
  Show,
  Suspense,
} from "solid-js";
import { followNotifications } from "../../push/led.ts";
import { popUp, sound } from "../../state/attention.ts";
import { isTyping, onKey, stepBack, takeTyping } from "../../ui/keyboard.ts";
import { setBadges } from "../../ui/page-title.ts";
import { hasCritical, untakenCount } from "../overview/current-problems.ts";
import { Announcer } from "./announcer.tsx";
import { AwayBanner } from "./away-banner.tsx";
import { looksOld } from "./connection-words.ts";
import { neighbour } from "./neighbour.ts";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";

const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));
const Shortcuts = lazy(async () => ({ default: (await import("./shortcuts.tsx")).Shortcuts }));

export function Shell(props: ParentProps) {
  let main: HTMLElement | undefined;
  const navigate = useNavigate();
  const [layer, setLayer] = createSignal<"palette" | "shortcuts">();
  /** On a slow way the palette is there a moment after it was asked for: what is typed meanwhile is for it. */
  const [typed, setTyped] = createSignal("");
  const close = () => {
    setLayer(undefined);
    setTyped("");
  };
  createEffect(() => setBadges(untakenCount(), hasCritical()));
  onCleanup(() => setBadges(0, false));
  const attends = createMemo(() => sound() !== "off" || popUp() !== "off");
  createEffect(() => {
    if (!attends()) return;
    const owner = getOwner();
    void import("../attention/attend.ts").then(({ attend }) => runWithOwner(owner, () => attend(navigate)));
  });
  onCleanup(followNotifications(navigate));

  onKey((event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      setLayer("palette");
      return true;
    }
    if (layer() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return false;
    if (event.key === "?") {
      setLayer("shortcuts");
      return true;
    }
    if (event.key === "[" || event.key === "]") {
      const path = neighbour(event.key === "]" ? 1 : -1);
      if (path) navigate(path);
      return path !== undefined;
    }
    return event.key === "Escape" && stepBack();
  });

  return (
    <div class="wide:grid wide:min-h-dvh wide:grid-cols-[216px_minmax(0,1fr)]">
      <a
        href="#main"
        on:click={(event) => {
          // The router would take it for a page.
          event.preventDefault();
          main?.focus();
        }}
        class="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent px-3 py-1.5 font-medium text-accent-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <TopBar onSearch={() => setLayer("palette")} onShortcuts={() => setLayer("shortcuts")} />
      <Rail onSearch={() => setLayer("palette")} onShortcuts={() => setLayer("shortcuts")} />
      <div class="min-w-0" data-old={looksOld()}>
        <AwayBanner />
        <main
          ref={main}
          id="main"
          tabindex="-1"
          class="mx-auto w-full max-w-[1640px] px-4 pt-5 pb-16 outline-none wide:px-8 wide:pt-7"
        >
          {props.children}
        </main>
      </div>
      <Announcer />
      <Suspense fallback={<Typing onType={(character) => setTyped(typed() + character)} onCancel={close} />}>
        <Show when={layer() === "palette"}>
          <Palette typed={typed()} onClose={close} onShortcuts={() => setLayer("shortcuts")} />
        </Show>
        <Show when={layer() === "shortcuts"}>
          <Shortcuts onClose={close} />
        </Show>
      </Suspense>
    </div>
  );
}

function Typing(props: { onType: (character: string) => void; onCancel: () => void }) {
  takeTyping((character) => props.onType(character));
  onKey((event) => {
    if (event.key !== "Escape") return false;
    props.onCancel();
    return true;
  });
  return null;
}
