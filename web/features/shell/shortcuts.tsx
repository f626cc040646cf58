import { For } from "solid-js";
import { Layer } from "../../ui/layer.tsx";

type Keys = [keys: string[], what: string][];

const KEYS: Keys = [
  [["Ctrl", "K"], "Find anything"],
  [["/"], "Filter the list"],
  [["["], "Previous machine"],
  [["]"], "Next machine"],
  [["↑"], "Row above"],
  [["↓"], "Row below"],
  [["Esc"], "One step back"],
  [["?"], "This list"],
];

const CHART_KEYS: Keys = [
  [["←"], "Half a window earlier"],
  [["→"], "Half a window later"],
  [["+"], "Zoom in"],
  [["−"], "Zoom out"],
  [["Esc"], "Back from a zoom"],
];

const CHART_HANDS: Keys = [
  [["Drag"], "Zoom to that part"],
  [["Ctrl", "Wheel"], "Zoom around the pointer"],
  [["Shift", "Drag"], "Move through time"],
  [["Wheel sideways"], "Move through time"],
  [["Double click"], "Back from a zoom"],
];

const IN_CHART_KEYS: Keys = [
  [["←", "→"], "Point by point"],
  [["Home", "End"], "First, last point"],
  [["Enter"], "As a table"],
];

export function Shortcuts(props: { onClose: () => void }) {
  return (
    <Layer label="Keyboard" heading onClose={props.onClose} class="max-w-3xl">
      <section
        class="gap-x-10 overflow-y-auto px-5 pt-2 pb-5 -outline-offset-2 sm:grid sm:grid-cols-2"
        tabindex="0"
        aria-label="All keys"
      >
        <div>
          <List title="Everywhere" keys={KEYS} />
          <List title="A chart that has the focus" keys={IN_CHART_KEYS} />
        </div>
        <div>
          <List title="Charts" keys={CHART_KEYS} />
          <List title="Charts, by hand" keys={CHART_HANDS} />
        </div>
      </section>
    </Layer>
  );
}

function List(props: { title: string; keys: Keys }) {
  return (
    <>
      <h3 class="mt-4 mb-1 font-semibold">{props.title}</h3>
      <dl>
        <For each={props.keys}>
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
    </>
  );
}
