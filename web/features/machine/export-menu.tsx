import { createSignal, lazy, Show, Suspense } from "solid-js";
import type { ResourceId } from "../../../server/contract/ids.ts";

export interface Exported {
  resourceId: ResourceId;
  /** Whether there is anything below it. */
  hasParts: boolean;
  /** What the charts show, epoch milliseconds. */
  from: number;
  to: number;
}

/** The button looks the same before and after the menu's code has arrived. */
export const TRIGGER =
  "inline-flex h-8 items-center rounded-md px-2 font-medium text-ink-2 hover:bg-hover hover:text-ink data-[expanded]:bg-hover";

const Opened = lazy(async () => ({ default: (await import("./export-menu-opened.tsx")).ExportMenuOpened }));

/** What is shown, as a file. */
export function ExportMenu(props: Exported) {
  const [wanted, setWanted] = createSignal(false);
  const button = () => (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded="false"
      class={TRIGGER}
      onPointerEnter={() => void Opened.preload()}
      onFocus={() => void Opened.preload()}
      onClick={() => setWanted(true)}
    >
      Export
    </button>
  );
  return (
    <Show when={wanted()} fallback={button()}>
      <Suspense fallback={button()}>
        <Opened {...props} />
      </Suspense>
    </Show>
  );
}
