import { A } from "@solidjs/router";
import { For } from "solid-js";
import { NextIcon } from "../../ui/icons.tsx";
import { moveThroughRows } from "../../ui/keyboard.ts";
import type { FormKind } from "./field.ts";

/** What it is to be; the form follows. */
export function TypePicker<Type extends string>(props: {
  types: readonly Type[];
  kinds: Readonly<Record<Type, FormKind>>;
  label: string;
  to: string;
}) {
  return (
    <ul
      aria-label={props.label}
      class="max-w-xl divide-y divide-line border-y border-line"
      onKeyDown={(event) => moveThroughRows(event)}
    >
      <For each={props.types}>
        {(type) => (
          <li>
            <A
              href={`${props.to}?type=${type}`}
              data-row=""
              class="-mx-2 flex items-center gap-4 rounded-md px-2 py-2.5 hover:bg-hover"
            >
              <span class="min-w-0 flex-1">
                <span class="font-medium">{props.kinds[type].label}</span>
                <span class="block text-sm text-ink-2">{props.kinds[type].words}</span>
              </span>
              <NextIcon class="text-ink-3" />
            </A>
          </li>
        )}
      </For>
    </ul>
  );
}
