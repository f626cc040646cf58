import { For } from "solid-js";
import { Button } from "../../ui/button.tsx";
import { Layer } from "../../ui/layer.tsx";
import type { Column } from "./columns.ts";

interface ColumnPickerProps {
  offered: readonly Column[];
  chosen: readonly string[];
  onChoose: (columns: readonly string[] | undefined) => void;
  onClose: () => void;
}

/** Which columns stand in the table; each choice is seen at once behind the dialog. */
export function ColumnPicker(props: ColumnPickerProps) {
  const toggle = (id: string) =>
    props.onChoose(
      props.chosen.includes(id) ? props.chosen.filter((each) => each !== id) : [...props.chosen, id],
    );
  return (
    <Layer label="Columns" heading class="max-w-xs" onClose={props.onClose}>
      <div class="overflow-y-auto px-3 pb-2">
        <For each={props.offered}>
          {(column) => (
            <label class="flex min-h-8 items-center gap-2.5 rounded-md px-2 hover:bg-hover">
              <input
                type="checkbox"
                class="size-3.5 accent-accent"
                checked={props.chosen.includes(column.id)}
                onChange={() => toggle(column.id)}
              />
              {column.label}
            </label>
          )}
        </For>
      </div>
      <div class="flex justify-between border-t border-line px-3 py-2.5">
        <Button look="quiet" onClick={() => props.onChoose(undefined)}>
          As it was
        </Button>
        <Button onClick={() => props.onClose()}>Done</Button>
      </div>
    </Layer>
  );
}
