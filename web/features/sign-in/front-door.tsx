import type { JSX } from "solid-js";
import { PulseIcon } from "../../ui/icons.tsx";

/** The frame of the pages one meets before being signed in. */
export function FrontDoor(props: { title: string; lead?: string; children: JSX.Element }) {
  return (
    <main class="mx-auto flex min-h-dvh w-full max-w-[376px] flex-col px-5 pt-[max(48px,16dvh)] pb-12">
      <p class="mb-8 flex items-center gap-2 font-semibold">
        <PulseIcon class="text-accent" />
        Pulse
      </p>
      <h1 class="text-xl font-semibold tracking-tight">{props.title}</h1>
      {props.lead ? <p class="mt-1.5 text-ink-2">{props.lead}</p> : null}
      <div class="mt-6">{props.children}</div>
    </main>
  );
}
