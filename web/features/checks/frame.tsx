import { A, useNavigate } from "@solidjs/router";
import { type JSX, Show } from "solid-js";
import { PreviousIcon } from "../../ui/icons.tsx";
import { onEscape } from "../../ui/keyboard.ts";

/** A page below the list of checks. */
export function CheckFrame(props: {
  title: string;
  lead?: JSX.Element;
  action?: JSX.Element;
  back?: { href: string; label: string };
  children: JSX.Element;
}) {
  const navigate = useNavigate();
  const back = () => props.back ?? { href: "/checks", label: "Checks" };
  onEscape(() => {
    navigate(back().href);
    return true;
  });
  return (
    <div class="mx-auto max-w-[760px]">
      <A
        href={back().href}
        class="mb-2 -ml-1 inline-flex h-8 items-center gap-1 pr-2 text-ink-2 hover:text-ink"
      >
        <PreviousIcon />
        {back().label}
      </A>
      <div class="flex flex-wrap items-start justify-between gap-3">
        <div class="min-w-0 flex-1 basis-64">
          <h1 class="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{props.title}</h1>
          <Show when={props.lead}>
            <p class="mt-0.5 text-ink-2">{props.lead}</p>
          </Show>
        </div>
        {props.action}
      </div>
      <div class="mt-6">{props.children}</div>
    </div>
  );
}
