import { A, Navigate, useNavigate, useParams } from "@solidjs/router";
import { createMemo, For, Match, Switch } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { isMachine, partsOf } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { setPageTitle } from "../../ui/page-title.ts";
import { Children } from "../resource/children.tsx";
import { isPart, KIND_ORDER } from "../resource/kinds.ts";
import { OwnFacts } from "../resource/own-facts.tsx";
import { pathOf } from "../resource/path.ts";
import { RulesSection } from "../rules/section.tsx";
import { Charted } from "./charted.tsx";
import { chartsOf } from "./charts.ts";
import { FailedUnits } from "./failed-units.tsx";
import { MachineHeader } from "./header.tsx";
import { PartsTable } from "./parts-table.tsx";
import { Processes } from "./processes.tsx";

export function MachinePage() {
  const params = useParams<{ id: string }>();
  const found = () => picture.resources[params.id];
  const machine = () => {
    const resource = found();
    return resource && isMachine(resource) ? resource : undefined;
  };
  return (
    <Switch>
      <Match when={machine()?.id} keyed>
        {(id) => <Machine id={id} machine={machine() ?? (picture.resources[id] as Resource)} />}
      </Match>
      <Match when={found()}>{(other) => <Navigate href={pathOf(other())} />}</Match>
      <Match when={picture.known}>
        <div class="max-w-[420px] pt-[12dvh]">
          <h1 class="text-xl font-semibold tracking-tight">This machine is not here</h1>
          <p class="mt-2 text-ink-2">It may have been removed, or the address is from somewhere else.</p>
          <p class="mt-5">
            <A href="/" class="font-medium text-accent hover:underline">
              Go to the overview
            </A>
          </p>
        </div>
      </Match>
      <Match when={true}>
        <Sketch />
      </Match>
    </Switch>
  );
}

function Machine(props: { id: string; machine: Resource }) {
  const navigate = useNavigate();
  const parts = () => partsOf(props.id);
  const groups = createMemo(() => chartsOf(props.machine, parts()));
  setPageTitle(() => props.machine.name);
  return (
    <article>
      <MachineHeader machine={props.machine} />
      <OwnFacts resource={props.machine} />
      <FailedUnits machine={props.machine} />
      <Children short resource={props.machine} without={PARTS} />
      <Charted
        resource={props.machine}
        parts={parts()}
        groups={groups()}
        beside={(group) => (
          <PartsTable group={group.id} charts={group.charts.length} machine={props.machine} />
        )}
        onBack={() => navigate("/")}
      />
      <div class="fades">
        <Processes machine={props.machine} />
      </div>
      <RulesSection resource={props.machine} />
    </article>
  );
}

/** In the groups of charts they belong to. */
const PARTS = KIND_ORDER.filter(isPart);

/** The page as it will be, while nothing is known yet. */
function Sketch() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-1 h-5 w-44" />
      <div class="skeleton mt-5 h-9 w-full max-w-xl" />
      <div class="mt-6 border-b border-line py-2">
        <div class="skeleton h-8 w-72" />
      </div>
      <For each={SKETCHED_CHARTS}>
        {(charts) => (
          <div class="border-b border-line py-6 last:border-0">
            <div class="skeleton mb-4 h-5.5 w-28" />
            <div class="-mb-7 grid grid-cols-1 gap-x-10 lg:grid-cols-2">
              <For each={charts}>{(height) => <div class={`skeleton mb-7 ${height}`} />}</For>
            </div>
          </div>
        )}
      </For>
    </div>
  );
}

/** In the groups every machine has. Beside each other they are as high as the CPU's, whose figures stand below its title. */
const HEIGHT = "h-[176px]";
const CPU_HEIGHT = "h-[190px]";
const SKETCHED_CHARTS = [
  [CPU_HEIGHT, CPU_HEIGHT, HEIGHT, HEIGHT],
  [HEIGHT, HEIGHT],
  [HEIGHT, HEIGHT],
];
