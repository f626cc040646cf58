import { For } from "solid-js";
import { Layer } from "../../ui/layer.tsx";

const KEYS: [keys: string[], what: string][] = [
  [["Ctrl", "K"], "Find anything"],
  [["/"], "Filter the list"],
  [["A"], "Acknowledge the alert"],
  [["["], "Previous machine"],
  [["]"], "Next machine"],
  [["↑"], "Row above"],
  [["↓"], "Row below"],
  [["Esc"], "One step back"],
  [["?"], "This list"],
];

export function Shortcuts(props: { onClose: () => void }) {
  return (
    <Layer label="Keyboard" heading onClose={props.onClose}>
      <dl class="overflow-y-auto px-5 pt-2 pb-5">
        <For each={KEYS}>
          {([keys, what]) => (
            <div class="flex items-center justify-between border-t border-line py-2 first:border-0">
              <dt class="text-ink-2">{what}</dt>
              <dd class="flex gap-1">
                <For each={keys}>
                  {(key) => (
                    <kbd class="min-w-6 rounded-sm border border-line-strong px-1.5 text-center font-sans text-sm">
                      {key}
                    </kbd>
                  )}
                </For>
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Layer>
  );
}
