import { type JSX, Show, splitProps } from "solid-js";

interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "primary" | "plain" | "quiet" | "danger";
  /** While true the button keeps its place, its words and the focus, and cannot be pressed again. */
  busy?: boolean;
}

const LOOK = {
  primary: "bg-accent text-accent-ink hover:brightness-110 px-3.5",
  plain: "border border-line-strong bg-surface hover:bg-hover px-3",
  quiet: "text-ink-2 hover:text-ink hover:bg-hover px-2",
  danger: "border border-line-strong bg-surface text-bad hover:bg-bad-soft px-3",
};

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, ["look", "busy", "class", "children", "disabled"]);
  return (
    <button
      type="button"
      {...rest}
      disabled={own.disabled}
      aria-disabled={own.busy || undefined}
      aria-busy={own.busy || undefined}
      on:click={{ capture: true, handleEvent: (event) => own.busy && stop(event) }}
      class={`inline-flex h-8 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-55 aria-disabled:opacity-55 ${LOOK[own.look ?? "plain"]} ${own.class ?? ""}`}
    >
      {own.children}
      <Show when={own.busy}>
        <span class="late size-1.5 animate-pulse rounded-full bg-current" />
      </Show>
    </button>
  );
}
