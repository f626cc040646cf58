import { Dialog } from "@kobalte/core/dialog";
import { type JSX, onCleanup, onMount } from "solid-js";

interface LayerProps {
  label: string;
  onClose: () => void;
  /** Shows `label` as the heading; otherwise it is only read aloud. */
  heading?: boolean;
  class?: string;
  children: JSX.Element;
}

/** A dialog over the page. Escape and a click beside it close it; focus returns where it was. */
export function Layer(props: LayerProps) {
  const before = document.activeElement;
  let content: HTMLElement | undefined;
  /* What had the focus may be replaced; then the dialog itself has it, and with it the keys. */
  const watch = new MutationObserver(() => {
    if (document.activeElement === document.body) content?.focus({ preventScroll: true });
  });
  onMount(() => content && watch.observe(content, { childList: true, subtree: true }));
  onCleanup(() => watch.disconnect());
  onCleanup(() => {
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  });
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()} preventScroll={false}>
      <Dialog.Portal>
        <Dialog.Overlay class="fixed inset-0 z-50 bg-[oklch(0_0_0/0.28)]" />
        <div class="fixed inset-0 z-50 flex items-start justify-center px-4 pt-[12dvh]">
          <Dialog.Content
            ref={content}
            tabIndex={-1}
            class={`settle flex max-h-[72dvh] w-full flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-[var(--shadow)] outline-none ${props.class ?? "max-w-md"}`}
          >
            <Dialog.Title class={props.heading ? "px-5 pt-4 pb-1 text-lg font-semibold" : "sr-only"}>
              {props.label}
            </Dialog.Title>
            {props.children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog>
  );
}
