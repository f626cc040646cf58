import { A, useHref, useLocation, useNavigate, useResolvedPath } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { SettingsLink } from "../../state/extension.ts";
import { NextIcon, PreviousIcon } from "../../ui/icons.tsx";
import { onEscape } from "../../ui/keyboard.ts";
import { settingsLinks, settingsPages } from "./links.ts";

interface FrameProps {
  title: string;
  lead?: JSX.Element;
  /** The one thing to do here, beside the title. */
  action?: JSX.Element;
  /** Where one comes from, when it is another page of the settings. */
  back?: { href: string; label: string };
  children: JSX.Element;
}

const SETTINGS = { href: "/settings", label: "Settings" };
const GROUPS = ["own", "server"] as const;

/** A page of the settings: the way to the others beside it, or on phones above it. */
export function SettingsFrame(props: FrameProps) {
  const navigate = useNavigate();
  const location = useLocation();
  const back = () => props.back ?? SETTINGS;
  const isStart = () => location.pathname.endsWith("/settings");
  onEscape(() => {
    navigate(isStart() ? "/" : back().href);
    return true;
  });
  return (
    <div class="wide:grid wide:max-w-[1180px] wide:grid-cols-[152px_minmax(0,1fr)] wide:gap-x-10">
      <nav aria-label="Settings" class="hidden wide:block">
        <div class="sticky top-[calc(var(--banner)+28px)]">
          <For each={GROUPS}>{(group) => <Group group={group} />}</For>
        </div>
      </nav>
      <div class="min-w-0">
        <Show when={!isStart()}>
          <A
            href={back().href}
            class="mb-2 -ml-1 inline-flex h-8 items-center gap-1 pr-2 text-ink-2 hover:text-ink"
            classList={{ "wide:hidden": !props.back }}
          >
            <PreviousIcon />
            {back().label}
          </A>
        </Show>
        <div class="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div class="min-w-0 flex-1 basis-64">
            <h1 class="text-xl font-semibold tracking-tight">{props.title}</h1>
            <div class="mt-0.5 max-w-2xl text-ink-2">{props.lead}</div>
          </div>
          {props.action}
        </div>
        <Show when={isStart()}>
          <nav
            aria-label="More settings"
            class="mt-5 divide-y divide-line border-y border-line empty:hidden wide:hidden"
          >
            <For each={settingsPages()}>
              {(link) => (
                <A href={link.href} class="flex h-11 items-center justify-between hover:bg-hover">
                  {link.label}
                  <NextIcon class="text-ink-3" />
                </A>
              )}
            </For>
          </nav>
        </Show>
        {props.children}
      </div>
    </div>
  );
}

function Group(props: { group: SettingsLink["group"] }) {
  const location = useLocation();
  /* Also on a page below it: a new source is still among the sources. */
  const isHere = ({ href }: SettingsLink) =>
    (location.pathname + location.hash).endsWith(href) ||
    (href !== "/settings" && location.pathname.includes(`${href}/`));
  return (
    <Show when={settingsLinks(props.group).length > 0}>
      <Show when={props.group === "server"}>
        <p class="mt-5 px-2 pb-1 text-xs text-ink-3">This server</p>
      </Show>
      <For each={settingsLinks(props.group)}>
        {(link) => (
          // The router's own link takes all sections of one page for the same place.
          <a
            href={useHref(useResolvedPath(() => link.href))()}
            aria-current={isHere(link) ? "page" : undefined}
            class="flex h-8 items-center rounded-md px-2 hover:bg-hover"
            classList={{ "bg-hover font-medium text-ink": isHere(link), "text-ink-2": !isHere(link) }}
          >
            {link.label}
          </a>
        )}
      </For>
    </Show>
  );
}
