import { type JSX, Show } from "solid-js";
import type { Refusal } from "../../api/errors.ts";
import { Notice } from "../../ui/notice.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { here, isLicensed, look, mayAdminister } from "./standing.ts";

interface PanelProps {
  title: string;
  lead: string;
  action?: JSX.Element;
  /** Whether there is something here that only admins may change. */
  administered?: boolean;
  children: JSX.Element;
}

/** One of the panels of an organization: what it is about, and who may change it. */
export function Panel(props: PanelProps) {
  // The role may have changed since the page was opened.
  void look();
  return (
    <SettingsFrame title={props.title} lead={props.lead} action={mayAdminister() ? props.action : undefined}>
      <div class="mt-6 space-y-8">
        <Show
          when={isLicensed() && here()}
          fallback={<Notice>This feature is not available. It needs a licence that counts.</Notice>}
        >
          <Show when={props.administered && !mayAdminister()}>
            <Notice level="warning">Admin or owner role required to change this.</Notice>
          </Show>
          {props.children}
        </Show>
      </div>
    </SettingsFrame>
  );
}

/** Part of a panel, under its own heading. */
export function Part(props: {
  id: string;
  title: string;
  lead?: string;
  action?: JSX.Element;
  children: JSX.Element;
}) {
  return (
    <section aria-labelledby={props.id}>
      <div class="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-3">
        <div>
          <h2 id={props.id} class="font-semibold">
            {props.title}
          </h2>
          <Show when={props.lead}>
            <p class="text-sm text-ink-2">{props.lead}</p>
          </Show>
        </div>
        {props.action}
      </div>
      {props.children}
    </section>
  );
}

/** What is waited for has its size; what was refused is said in its place. */
export function Waiting(props: { refusal: Refusal | undefined; rows?: number }) {
  return (
    <Show
      when={props.refusal}
      fallback={
        <div class="skeleton w-full" style={{ height: `${(props.rows ?? 2) * 56}px` }} aria-hidden="true" />
      }
    >
      {(refused) => <p class="border-y border-line py-4 text-ink-2">{refused().words}</p>}
    </Show>
  );
}

export function Empty(props: { children: JSX.Element }) {
  return <p class="max-w-2xl border-y border-line py-5 text-ink-2">{props.children}</p>;
}
