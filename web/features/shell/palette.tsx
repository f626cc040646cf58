import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, For, onMount, Show } from "solid-js";
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { extension } from "../../state/extension.ts";
import { everything, isMachine, machines } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import type { PaletteEntry } from "../../state/places.ts";
import { setTheme, shownTheme } from "../../state/theme.ts";
import {
  AddIcon,
  AlertsIcon,
  ChecksIcon,
  CompareIcon,
  KeyboardIcon,
  MachineIcon,
  MoonIcon,
  OverviewIcon,
  ResourcesIcon,
  SearchIcon,
  SettingsIcon,
  SignOutIcon,
} from "../../ui/icons.tsx";
import { Layer } from "../../ui/layer.tsx";
import { KINDS, rankOf } from "../resource/kinds.ts";
import { pathOf } from "../resource/path.ts";
import { administers, edits, settingsPages } from "../settings/links.ts";
import { leaveSession } from "./leave-session.ts";
import { rank } from "./rank.ts";

const SHOWN = 12;

/** What is begun from anywhere, by whoever may. */
const BEGINNINGS = [
  { id: "add-machine", name: "Add a machine", href: "/add", may: administers },
  { id: "new-check", name: "New check", href: "/checks/new", may: administers },
  { id: "new-source", name: "New source", href: "/settings/sources/new", may: administers },
  { id: "new-channel", name: "Add a channel", href: "/settings/notifications/new", may: administers },
  { id: "new-route", name: "Add a route", href: "/settings/notifications/routes/new", may: administers },
  { id: "new-silence", name: "New silence", href: "/alerts/silences/new", may: edits },
];

function beginnings(navigate: (path: string) => void): PaletteEntry[] {
  const icon = () => <AddIcon />;
  return BEGINNINGS.filter(({ may }) => may()).map(({ id, name, href }) => ({
    id,
    name,
    hint: "Action",
    icon,
    run: () => navigate(href),
  }));
}

function entryOf(resource: Resource, navigate: (path: string) => void): PaletteEntry & { also: string } {
  const { id, kind, name, parentId } = resource;
  const parent = parentId ? (picture.resources[parentId]?.name ?? "") : "";
  const what = KINDS[kind].one;
  return {
    id,
    name,
    hint: parent ? `${what} of ${parent}` : what,
    also: `${what} ${parent}`,
    icon: () => (isMachine(resource) ? <MachineIcon /> : <ResourcesIcon />),
    run: () => navigate(pathOf(resource)),
  };
}

/** What is wrong now: to its incident. */
function alertEntries(navigate: (path: string) => void): PaletteEntry[] {
  return Object.values(picture.alerts).map(({ id, level, subject, about, words }) => ({
    id,
    name: `${subject.name}${about === "part" ? ":" : ""} ${words}`,
    hint: level === "critical" ? "Critical alert" : "Warning",
    also: `open alert ${level}`,
    icon: () => <AlertsIcon />,
    run: () => navigate(`/alerts/${id}`),
  }));
}

function ruleEntries(rules: readonly RuleInfo[], navigate: (path: string) => void): PaletteEntry[] {
  return rules.map(({ name, title }) => ({
    id: `rule-${name}`,
    name: title,
    hint: "Alert rule",
    also: `alert rule ${name}`,
    icon: () => <AlertsIcon />,
    run: () => navigate(`/alerts/rules?rule=${name}`),
  }));
}

/** What runs for its own sake comes before what a machine is made of. */
function others(): Resource[] {
  return everything()
    .filter((resource) => !isMachine(resource))
    .sort((a, b) => rankOf(a.kind) - rankOf(b.kind));
}

interface PaletteProps {
  /** What has been typed before it was there. */
  typed: string;
  onClose: () => void;
  onShortcuts: () => void;
}

export function Palette(props: PaletteProps) {
  const navigate = useNavigate();
  const [wanted, setWanted] = createSignal(props.typed);
  const [chosen, setChosen] = createSignal(0);
  let input: HTMLInputElement | undefined;
  onMount(() => input?.focus());

  const rules = createAnswer(
    () => true,
    () => api.alerts.rules.query(),
  );

  const entries = createMemo((): PaletteEntry[] => [
    ...machines().map((machine) => entryOf(machine, navigate)),
    {
      id: "overview",
      name: "Overview",
      hint: "Page",
      icon: () => <OverviewIcon />,
      run: () => navigate("/"),
    },
    {
      id: "resources",
      name: "Resources",
      hint: "Page",
      icon: () => <ResourcesIcon />,
      run: () => navigate("/resources"),
    },
    {
      id: "alerts",
      name: "Alerts",
      hint: "Page",
      icon: () => <AlertsIcon />,
      run: () => navigate("/alerts"),
    },
    {
      id: "alert-rules",
      name: "Alert rules",
      hint: "Page",
      icon: () => <AlertsIcon />,
      run: () => navigate("/alerts/rules"),
    },
    {
      id: "silences",
      name: "Silences",
      hint: "Page",
      icon: () => <AlertsIcon />,
      run: () => navigate("/alerts/silences"),
    },
    {
      id: "compare",
      name: "Compare: which used most?",
      hint: "Page",
      icon: () => <CompareIcon />,
      run: () => navigate("/compare"),
    },
    {
      id: "checks",
      name: "Checks",
      hint: "Page",
      icon: () => <ChecksIcon />,
      run: () => navigate("/checks"),
    },
    {
      id: "settings",
      name: "Settings",
      hint: "Page",
      icon: () => <SettingsIcon />,
      run: () => navigate("/settings"),
    },
    ...settingsPages().map(({ href, label }) => ({
      id: href.slice(1).replaceAll("/", "-"),
      name: label,
      hint: "Settings",
      icon: () => <SettingsIcon />,
      run: () => navigate(href),
    })),
    ...beginnings(navigate),
    ...(extension()?.places.paletteEntries() ?? []),
    {
      id: "theme",
      name: shownTheme() === "dark" ? "Switch to light" : "Switch to dark",
      hint: "Action",
      icon: () => <MoonIcon />,
      run: () => setTheme(shownTheme() === "dark" ? "light" : "dark"),
    },
    {
      id: "keys",
      name: "Keyboard shortcuts",
      hint: "Action",
      icon: () => <KeyboardIcon />,
      run: props.onShortcuts,
    },
    {
      id: "out",
      name: "Sign out",
      hint: "Action",
      icon: () => <SignOutIcon />,
      run: () => void leaveSession(),
    },
    ...alertEntries(navigate),
    ...ruleEntries(rules.value()?.rules ?? [], navigate),
    ...others().map((resource) => entryOf(resource, navigate)),
  ]);
  const found = createMemo(() => rank(entries(), wanted()).slice(0, SHOWN));

  const run = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    props.onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = found().length;
    if (event.key === "Enter") run(found()[chosen()]);
    else if (event.key === "ArrowDown" && count > 0) setChosen((chosen() + 1) % count);
    else if (event.key === "ArrowUp" && count > 0) setChosen((chosen() - 1 + count) % count);
    else return;
    event.preventDefault();
  };

  return (
    <Layer label="Find" class="max-w-[560px]" onClose={props.onClose}>
      <div class="flex items-center gap-3 border-b border-line px-4">
        <SearchIcon class="text-ink-3" />
        <input
          ref={input}
          role="combobox"
          aria-label="Find anything: a machine, a container, a check, an alert, a rule, a page or an action"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found()[chosen()] ? `palette-${found()[chosen()]?.id}` : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder="Machine, container, alert, rule, page or action"
          class="h-12 w-full bg-transparent text-lg outline-none placeholder:text-ink-3"
          value={wanted()}
          onInput={(event) => {
            setWanted(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="palette-list" role="listbox" aria-label="Found" class="overflow-y-auto p-1.5">
        <For each={found()}>
          {(entry, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, which names the active option
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys for all options
            <div
              id={`palette-${entry.id}`}
              role="option"
              tabindex="-1"
              aria-selected={index() === chosen()}
              class="flex h-9 cursor-default items-center gap-3 rounded-md px-2.5 aria-selected:bg-hover"
              onPointerMove={() => setChosen(index())}
              onClick={() => run(entry)}
            >
              <span class="text-ink-3">{entry.icon()}</span>
              <span class="min-w-0 flex-1 truncate">{entry.name}</span>
              <span class="max-w-[45%] truncate text-sm text-ink-3">{entry.hint}</span>
            </div>
          )}
        </For>
        <Show when={found().length === 0}>
          <p class="px-2.5 py-3 text-ink-2">Nothing here is called “{wanted()}”.</p>
        </Show>
      </div>
    </Layer>
  );
}
