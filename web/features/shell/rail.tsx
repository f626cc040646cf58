import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { extension } from "../../state/extension.ts";
import { machines } from "../../state/inventory.ts";
import { percent, text } from "../../ui/format.ts";
import {
  AlertsIcon,
  ChecksIcon,
  OverviewIcon,
  PulseIcon,
  ResourcesIcon,
  SearchIcon,
  SettingsIcon,
} from "../../ui/icons.tsx";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { problems } from "../overview/current-problems.ts";
import { isCurrent, machineLevel } from "../overview/machine-status.tsx";
import { isMeantToBeOff } from "../resource/status.ts";
import { ConnectionDot } from "./connection-dot.tsx";
import { UserMenu } from "./user-menu.tsx";

export function Rail(props: { onSearch: () => void; onShortcuts: () => void }) {
  return (
    <header class="sticky top-0 hidden h-dvh flex-col border-r border-line wide:flex">
      <div class="flex h-14 items-center gap-2 px-5 font-semibold tracking-tight">
        <PulseIcon class="text-accent" />
        Pulse
      </div>
      <div class="px-3">
        <Show when={extension()}>{(known) => <Dynamic component={known().places.Switcher} />}</Show>
        <button
          type="button"
          onClick={() => props.onSearch()}
          class="mb-3 flex h-8 w-full items-center gap-2 rounded-md border border-line bg-surface px-2 text-left text-sm text-ink-2 hover:border-line-strong"
        >
          <SearchIcon class="text-ink-3" />
          <span class="flex-1">Find</span>
          <kbd class="font-sans text-xs text-ink-3">{IS_APPLE ? "⌘" : "Ctrl"} K</kbd>
        </button>
      </div>
      <nav aria-label="Pages" class="flex flex-col gap-0.5 px-3">
        <RailLink href="/" end>
          <OverviewIcon />
          Overview
        </RailLink>
        <RailLink href="/resources">
          <ResourcesIcon />
          Resources
        </RailLink>
        <RailLink href="/alerts">
          <AlertsIcon />
          <span class="flex-1">Alerts</span>
          <Show when={problems().length > 0}>
            <span
              class="text-sm tabular-nums"
              classList={{ "text-bad": isCritical(), "text-warn": !isCritical() }}
            >
              <span class="sr-only">open: </span>
              {problems().length}
            </span>
          </Show>
        </RailLink>
        <RailLink href="/checks">
          <ChecksIcon />
          Checks
        </RailLink>
        <RailLink href="/settings">
          <SettingsIcon />
          Settings
        </RailLink>
      </nav>
      <Show when={machines().length > 0}>
        <nav
          aria-label="Machines"
          class="mt-5 min-h-0 flex-1 overflow-y-auto px-3 pb-3"
          onKeyDown={(event) => moveThroughRows(event)}
        >
          <p class="px-2 pb-1 text-xs text-ink-3">Machines</p>
          <For each={machines()}>
            {(machine) => (
              <RailLink href={`/machines/${machine.id}`} row>
                <LevelMark level={machineLevel(machine)} />
                <span class="min-w-0 flex-1 truncate" title={machine.name}>
                  {machine.name}
                </span>
                <span class="text-sm text-ink-3">
                  {isCurrent(machine)
                    ? text(percent(machine.metrics["cpu_percent"]))
                    : isMeantToBeOff(machine)
                      ? "off"
                      : machine.status}
                </span>
              </RailLink>
            )}
          </For>
        </nav>
      </Show>
      <div class="mt-auto border-t border-line px-3 py-3">
        <div class="px-2 pb-2">
          <ConnectionDot />
        </div>
        <UserMenu onShortcuts={props.onShortcuts} />
      </div>
    </header>
  );
}

function isCritical(): boolean {
  return problems().some(({ level }) => level === "critical");
}

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

function RailLink(props: { href: string; end?: boolean; row?: boolean; children: JSX.Element }) {
  return (
    <A
      href={props.href}
      end={props.end ?? false}
      data-row={props.row ? "" : undefined}
      class="flex h-8 items-center gap-2.5 rounded-md px-2 hover:bg-hover"
      activeClass="bg-hover font-medium text-ink"
      inactiveClass="text-ink-2"
    >
      {props.children}
    </A>
  );
}
