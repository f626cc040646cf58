import { Show } from "solid-js";
import { everything, machines } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { counts, problems } from "./current-problems.ts";
import { MachineList } from "./machine-list.tsx";
import { Opening } from "./opening.tsx";
import { OverviewSketch } from "./sketch.tsx";

export function OverviewPage() {
  return (
    <Show when={picture.known} fallback={<OverviewSketch />}>
      <Opening
        reporting={machines().length > 0 ? machines() : everything()}
        counts={counts()}
        problems={problems()}
      />
      <Show when={machines().length > 0}>
        <MachineList />
      </Show>
    </Show>
  );
}
