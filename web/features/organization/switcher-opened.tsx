import { Popover } from "@kobalte/core/popover";
import { createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import { place } from "../../api/org-context.ts";
import { SearchIcon } from "../../ui/icons.tsx";
import { type Choice, matching } from "./choices.ts";
import { RestoreButton } from "./restore.tsx";
import { RoleBadge } from "./role-badge.tsx";
import { SwitcherFace, switcherLabel, TRIGGER } from "./switcher.tsx";

/** The menu itself; it is fetched when someone first reaches for it. */
export function SwitcherOpened(props: { compact: boolean }) {
  const [open, setOpen] = createSignal(true);
  const [wanted, setWanted] = createSignal("");
  const [chosen, setChosen] = createSignal(0);
  const [typing, setTyping] = createSignal(false);
  let list: HTMLDivElement | undefined;
  const found = createMemo(() => matching(wanted()));

  const change = (next: boolean) => {
    setOpen(next);
    setWanted("");
    setChosen(0);
    setTyping(false);
  };
  const run = (choice: Choice | undefined) => {
    if (!choice?.run) return;
    change(false);
    choice.run();
  };
  const choose = (index: number) => {
    setChosen(index);
    list?.children[index]?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = found().length;
    if (event.key === "Enter") run(found()[chosen()]);
    else if (event.key === "ArrowDown" && count > 0) choose((chosen() + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) choose((chosen() - 1 + count) % count);
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(Math.max(0, count - 1));
    else return;
    event.preventDefault();
  };

  return (
    <Popover open={open()} onOpenChange={change} placement="bottom-start" gutter={4}>
      <Popover.Trigger class={props.compact ? TRIGGER.compact : TRIGGER.wide} aria-label={switcherLabel()}>
        <SwitcherFace />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Organizations"
          class="settle z-50 flex max-h-[min(70dvh,440px)] w-80 max-w-[calc(100vw-16px)] flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-[var(--shadow)] outline-none"
        >
          <div class="flex items-center gap-2 border-b border-line px-3">
            <SearchIcon class="text-ink-3" />
            <input
              role="combobox"
              aria-label="Find an organization"
              aria-expanded="true"
              aria-controls="switcher-list"
              aria-activedescendant={found()[chosen()] ? `switcher-${found()[chosen()]?.id}` : undefined}
              autocomplete="off"
              // A phone's keyboard would cover the list: it comes when somebody reaches for it.
              inputmode={typing() ? "search" : "none"}
              onPointerDown={() => setTyping(true)}
              autofocus
              spellcheck={false}
              placeholder="Find"
              class="h-10 w-full bg-transparent text-[16px] outline-none placeholder:text-ink-3 sm:text-base"
              value={wanted()}
              onInput={(event) => {
                setWanted(event.currentTarget.value);
                setChosen(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div
            ref={list}
            id="switcher-list"
            role="listbox"
            aria-label="Organizations"
            class="min-h-0 overflow-y-auto p-1"
          >
            <For each={found()}>
              {(choice, index) => (
                <Option
                  choice={choice}
                  chosen={index() === chosen()}
                  onPoint={() => setChosen(index())}
                  onRun={() => run(choice)}
                />
              )}
            </For>
          </div>
          <Show when={found().length === 0}>
            <p class="px-3 pt-1 pb-3 text-ink-2">None is called “{wanted()}”.</p>
          </Show>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}

interface OptionProps {
  choice: Choice;
  chosen: boolean;
  onPoint: () => void;
  onRun: () => void;
}

function Option(props: OptionProps) {
  const isHere = () => props.choice.org !== undefined && props.choice.org.slug === place().slug;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, which names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys for all options
    <div
      id={`switcher-${props.choice.id}`}
      role="option"
      tabindex="-1"
      aria-selected={props.chosen}
      class="flex min-h-10 cursor-default items-center gap-2.5 rounded-md px-2.5 py-1 aria-selected:bg-hover"
      classList={{ "mt-1 border-t border-line rounded-t-none": props.choice.begins ?? false }}
      onPointerMove={() => props.onPoint()}
      onClick={() => props.onRun()}
    >
      <span
        class="size-1.5 shrink-0 rounded-full"
        classList={{ "bg-accent": isHere(), "bg-transparent": !isHere() }}
      />
      <span class="min-w-0 flex-1">
        <span class="block truncate" classList={{ "font-medium": isHere() }} title={props.choice.name}>
          {props.choice.name}
          {isHere() ? <span class="sr-only">, on this page</span> : null}
        </span>
        <Show when={props.choice.below}>
          {(words) => <span class="block text-sm text-ink-2">{words()}</span>}
        </Show>
      </span>
      <Switch>
        <Match when={props.choice.restores && props.choice.org}>
          {(org) => <RestoreButton org={org()} />}
        </Match>
        <Match when={props.choice.org}>{(org) => <RoleBadge role={org().role} />}</Match>
      </Switch>
    </div>
  );
}
