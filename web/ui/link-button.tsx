import { A } from "@solidjs/router";
import type { JSX } from "solid-js";

const LOOK = {
  primary: "bg-accent text-accent-ink hover:brightness-110 px-3.5",
  plain: "border border-line-strong bg-surface hover:bg-hover px-3",
};

/** Looks like a button, leads somewhere. */
export function LinkButton(props: { href: string; look?: keyof typeof LOOK; children: JSX.Element }) {
  return (
    <A
      href={props.href}
      class={`inline-flex h-8 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors ${LOOK[props.look ?? "plain"]}`}
    >
      {props.children}
    </A>
  );
}
