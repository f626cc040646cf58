import { A } from "@solidjs/router";
import { createMemo, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { picture } from "../../state/live.ts";
import { Figure } from "../../ui/figure.tsx";
import { createWindowed } from "../../ui/windowed.ts";
import { KINDS } from "../resource/kinds.ts";
import { pathOf } from "../resource/path.ts";
import { isFresh, problemOf, statusOf } from "../resource/status.ts";
import { StatusMark } from "../resource/status-mark.tsx";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { StatusWord } from "./cell.tsx";
import { figuresOfKind } from "./main-figures.ts";
import type { Row } from "./rows.ts";

const TILE = { leastWidth: 216, height: 96, gap: 12 };

/** As many side by side as there is room for, all of one height, and only those on the screen. */
export function ResourceTiles(props: { rows: readonly Row[] }) {
  let place: HTMLDivElement | undefined;
  const [across, setAcross] = createSignal(1);
  const lines = () => Math.ceil(props.rows.length / across());
  const span = createWindowed(
    () => place,
    () => TILE.height + TILE.gap,
    lines,
  );
  const drawn = createMemo(() =>
    props.rows.slice(span().from * across(), span().to * across()).map(({ id }) => id),
  );
  onMount(() => {
    const watcher = new ResizeObserver(() => {
      const width = place?.clientWidth ?? 0;
      setAcross(Math.max(1, Math.floor((width + TILE.gap) / (TILE.leastWidth + TILE.gap))));
    });
    if (place) watcher.observe(place);
    onCleanup(() => watcher.disconnect());
  });
  return (
    <div ref={place} style={{ height: `${lines() * (TILE.height + TILE.gap)}px` }}>
      <ul
        class="grid"
        style={{
          gap: `${TILE.gap}px`,
          "grid-template-columns": `repeat(${across()}, minmax(0, 1fr))`,
          transform: `translateY(${span().from * (TILE.height + TILE.gap)}px)`,
        }}
      >
        <For each={drawn()}>{(id) => <Tile id={id} />}</For>
      </ul>
    </div>
  );
}

function Tile(props: { id: string }) {
  const resource = createMemo<Resource | undefined>((before) => picture.resources[props.id] ?? before);
  return (
    <Show when={resource()}>
      {(shown) => (
        <li style={{ height: `${TILE.height}px` }}>
          <A
            href={pathOf(shown())}
            data-row=""
            class="flex h-full flex-col rounded-lg border border-line bg-surface px-3.5 py-2.5 transition-colors hover:border-line-strong"
            classList={{ old: !isFresh(shown()) }}
          >
            <span class="flex items-center gap-2">
              <StatusMark resource={shown()} silent />
              <span class="min-w-0 flex-1 truncate font-medium" title={shown().name}>
                {shown().name}
              </span>
              <ResourceOrigin resource={shown()} short />
            </span>
            <span class="truncate pl-4.5 text-xs text-ink-3" title={aboutOf(shown())}>
              {aboutOf(shown())}
            </span>
            <span class="mt-auto flex min-w-0 gap-4 pl-4.5 text-sm">
              <Show when={statusOf(shown()).level === "fine"} fallback={<Wrong resource={shown()} />}>
                <For each={figuresOfKind(shown().kind)} fallback={<StatusWord resource={shown()} />}>
                  {({ label, column }) => (
                    <span class="whitespace-nowrap">
                      <span class="mr-1 text-xs text-ink-3">{label}</span>
                      <Figure value={column.write(column.value(shown()))} />
                    </span>
                  )}
                </For>
              </Show>
            </span>
          </A>
        </li>
      )}
    </Show>
  );
}

function Wrong(props: { resource: Resource }) {
  const words = () => problemOf(props.resource);
  return (
    <Show when={words()} fallback={<StatusWord resource={props.resource} />}>
      <span
        class="truncate"
        classList={{
          "text-bad": props.resource.status === "down",
          "text-warn": props.resource.status === "degraded",
        }}
        title={words()}
      >
        {words()}
      </span>
    </Show>
  );
}

function aboutOf({ kind, parentId }: Resource): string {
  const parent = parentId && picture.resources[parentId]?.name;
  return parent ? `${KINDS[kind].one} of ${parent}` : KINDS[kind].one;
}
