import { lazy, Show, Suspense } from "solid-js";
import { everything, machines } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { counts, problems, quiet } from "./current-problems.ts";
import { MachineList } from "./machine-list.tsx";
import { Opening } from "./opening.tsx";
import { OverviewSketch } from "./sketch.tsx";

const ActiveSilences = lazy(async () => ({
  default: (await import("../silences/active-line.tsx")).ActiveSilences,
}));
const Reach = lazy(async () => ({ default: (await import("../alerts/reach.tsx")).Reach }));

export function OverviewPage() {
  return (
    <Show when={picture.known} fallback={<OverviewSketch />}>
      <Opening
        reporting={machines().length > 0 ? machines() : everything()}
        counts={counts()}
        problems={problems()}
        quiet={quiet()}
      />
      <Suspense>
        <ActiveSilences />
        <Reach />
      </Suspense>
      <Show when={machines().length > 0}>
        <MachineList />
      </Show>
    </Show>
  );
}
