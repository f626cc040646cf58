import { useLocation } from "@solidjs/router";
import { createEffect, type JSX, on, Show } from "solid-js";
import { me } from "../../state/session.ts";
import { AttentionChoices } from "../attention/choices.tsx";
import { About } from "./about.tsx";
import { Appearance } from "./appearance.tsx";
import { ChangePassword } from "./change-password.tsx";
import { SettingsFrame } from "./frame.tsx";
import { Sessions } from "./sessions.tsx";

export function SettingsPage() {
  const location = useLocation();
  // The router has looked for the section before this page was there.
  createEffect(
    on(
      () => location.hash,
      (hash) => queueMicrotask(() => document.getElementById(hash.slice(1))?.scrollIntoView()),
    ),
  );
  return (
    <SettingsFrame title="Settings" lead={`${me()?.user.name} · ${me()?.user.email}`}>
      <Section id="appearance" title="Appearance" lead="For this browser.">
        <Appearance />
      </Section>
      <Section id="attention" title="Alerts" lead="For this browser, while a page is open.">
        <AttentionChoices />
      </Section>
      <Section id="sessions" title="Sessions" lead="Where you are signed in.">
        <Sessions />
      </Section>
      <Section id="password" title="Password" lead="Changing it signs you out everywhere else.">
        <ChangePassword />
      </Section>
      <Show when={me()?.operator}>
        <Section id="about" title="About" lead="This server.">
          <About />
        </Section>
      </Show>
    </SettingsFrame>
  );
}

function Section(props: { id: string; title: string; lead: string; children: JSX.Element }) {
  return (
    <section
      aria-labelledby={props.id}
      class="mt-7 grid gap-x-10 gap-y-4 border-t border-line pt-6 md:grid-cols-[200px_minmax(0,1fr)]"
    >
      <div>
        <h2 id={props.id} class="scroll-mt-20 font-semibold">
          {props.title}
        </h2>
        <p class="mt-0.5 text-sm text-ink-2">{props.lead}</p>
      </div>
      <div class="min-w-0">{props.children}</div>
    </section>
  );
}
