import { createMemo, For, Show } from "solid-js";
import type { ResourceKind } from "../../../server/contract/resource.ts";
import { everything } from "../../state/inventory.ts";
import { isTyping, onKey } from "../../ui/keyboard.ts";
import { Select } from "../../ui/select.tsx";
import { KIND_ORDER, KINDS } from "../resource/kinds.ts";
import { tagsOf } from "../resource/tags.ts";
import type { Filter, StatusChoice } from "./filter.ts";

interface FilterBarProps {
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

const STATUS_WORDS: { value: StatusChoice | "any"; label: string }[] = [
  { value: "any", label: "Any status" },
  { value: "wrong", label: "Wrong" },
  { value: "up", label: "Up" },
  { value: "degraded", label: "Degraded" },
  { value: "down", label: "Down" },
  { value: "unknown", label: "Silent" },
];

export function FilterBar(props: FilterBarProps) {
  let input: HTMLInputElement | undefined;
  const tags = createMemo(() => [...new Set(everything().flatMap(tagsOf))].sort());
  onKey((event) => {
    if (event.key !== "/" || isTyping(event)) return false;
    input?.focus();
    return true;
  });
  return (
    <search class="flex w-full flex-wrap gap-2 sm:w-auto">
      <input
        ref={input}
        type="search"
        aria-label="Filter by name, image, target or tag"
        placeholder="Filter  /"
        value={props.filter.text}
        onInput={(event) => props.onChange({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") {
            event.preventDefault();
            document.querySelector<HTMLElement>("main [data-row]")?.focus();
          }
          if (event.key !== "Escape") return;
          event.preventDefault();
          if (props.filter.text) props.onChange({ text: "" });
          else event.currentTarget.blur();
        }}
        class="h-8 w-full rounded-md border border-line bg-surface px-2.5 text-[16px] placeholder:text-ink-3 sm:w-52 sm:text-base"
      />
      <Select
        bare
        label="Status"
        value={props.filter.status ?? "any"}
        options={STATUS_WORDS}
        onChoose={(status) => props.onChange({ status: status === "any" ? undefined : status })}
      />
      <Show when={tags().length > 0 || props.filter.tag}>
        <Select
          bare
          label="Tag"
          value={props.filter.tag ?? ""}
          options={[
            { value: "", label: "Any tag" },
            ...[...new Set([...tags(), ...(props.filter.tag ? [props.filter.tag] : [])])].map((tag) => ({
              value: tag,
              label: tag,
            })),
          ]}
          onChoose={(tag) => props.onChange({ tag: tag || undefined })}
        />
      </Show>
    </search>
  );
}

/** What there is, kind by kind, and how many: each a filter. */
export function KindChips(props: {
  kinds: readonly ResourceKind[];
  onChoose: (kinds: ResourceKind[]) => void;
}) {
  const counts = createMemo(() => {
    const counted = new Map<ResourceKind, number>();
    for (const { kind } of everything()) counted.set(kind, (counted.get(kind) ?? 0) + 1);
    return counted;
  });
  const present = () => KIND_ORDER.filter((kind) => counts().has(kind) || props.kinds.includes(kind));
  const Chip = (own: { label: string; count: number; chosen: boolean; onChoose: () => void }) => (
    <button
      type="button"
      aria-pressed={own.chosen}
      onClick={() => own.onChoose()}
      class="flex h-7 shrink-0 items-center gap-1.5 rounded-full px-2.5 text-sm whitespace-nowrap text-ink-2 hover:bg-hover hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
    >
      {own.label}
      <span class="text-xs" classList={{ "text-ink-3": !own.chosen }}>
        {own.count}
      </span>
    </button>
  );
  return (
    <fieldset
      aria-label="Kind"
      class="-mx-2.5 flex min-w-0 gap-0.5 overflow-x-auto px-0.5 max-sm:-mx-4 max-sm:px-4 sm:flex-wrap"
    >
      <Chip
        label="All"
        count={everything().length}
        chosen={props.kinds.length === 0}
        onChoose={() => props.onChoose([])}
      />
      <For each={present()}>
        {(kind) => (
          <Chip
            label={KINDS[kind].many}
            count={counts().get(kind) ?? 0}
            chosen={props.kinds.includes(kind)}
            onChoose={() =>
              props.onChoose(props.kinds.includes(kind) && props.kinds.length === 1 ? [] : [kind])
            }
          />
        )}
      </For>
    </fieldset>
  );
}
