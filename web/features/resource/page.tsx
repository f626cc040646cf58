import { A, Navigate, useNavigate, useParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, Match, on, Switch } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { isMachine } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { setPageTitle } from "../../ui/page-title.ts";
import { Charted } from "../machine/charted.tsx";
import { RulesSection } from "../rules/section.tsx";
import { Children } from "./children.tsx";
import { groupsOf } from "./form.ts";
import { formFor } from "./forms/forms.ts";
import { ResourceHeader } from "./header.tsx";
import { OwnFacts } from "./own-facts.tsx";
import { pathOf } from "./path.ts";

/** The page of whatever is no machine. */
export function ResourcePage() {
  const params = useParams<{ id: string }>();
  const found = () => picture.resources[params.id];
  const machine = () => {
    const resource = found();
    return resource && isMachine(resource) ? resource : undefined;
  };
  return (
    <Switch>
      <Match when={machine()}>{(resource) => <Navigate href={pathOf(resource())} />}</Match>
      <Match when={found()?.id} keyed>
        {(id) => <Shown resource={found() ?? (picture.resources[id] as Resource)} />}
      </Match>
      <Match when={picture.known}>
        <div class="max-w-[420px] pt-[12dvh]">
          <h1 class="text-xl font-semibold tracking-tight">This is not here</h1>
          <p class="mt-2 text-ink-2">It may have been removed, or the address is from somewhere else.</p>
          <p class="mt-5">
            <A href="/resources" class="font-medium text-accent hover:underline">
              Go to all resources
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

function Shown(props: { resource: Resource }) {
  const navigate = useNavigate();
  const form = () => formFor(props.resource.kind);
  const names = createMetricNames(() => props.resource);
  const groups = createMemo(() => groupsOf(props.resource, form(), names()));
  setPageTitle(() => props.resource.name);
  const back = () => {
    const parent = props.resource.parentId && picture.resources[props.resource.parentId];
    navigate(parent ? pathOf(parent) : "/resources");
  };
  return (
    <article>
      <ResourceHeader resource={props.resource} />
      <OwnFacts resource={props.resource} />
      <Dynamic component={form().Above ?? Nothing} resource={props.resource} />
      <Charted resource={props.resource} parts={NO_PARTS} groups={groups()} onBack={back} />
      <Dynamic component={form().Below ?? Nothing} resource={props.resource} />
      <Children resource={props.resource} without={form().unlisted ?? []} />
      <RulesSection resource={props.resource} />
    </article>
  );
}

const NO_PARTS: readonly Resource[] = [];

function Nothing() {
  return null;
}

/** Names of all metrics it has had during this visit; of what is silent, those it had last. */
function createMetricNames(resource: () => Resource): () => ReadonlySet<string> {
  const [before, setBefore] = createSignal<readonly string[]>([]);
  createEffect(
    on(
      () => [resource().id, Object.keys(resource().metrics).length === 0] as const,
      ([id, isSilent]) => {
        if (!isSilent) return;
        api.history.latest.query({ resourceId: id }).then(
          ({ metrics }) => setBefore(Object.keys(metrics)),
          // There is no history either; then there is nothing to draw.
          () => {},
        );
      },
    ),
  );
  return createMemo<ReadonlySet<string>>((known) => {
    const names = new Set([...(known ?? []), ...before(), ...Object.keys(resource().metrics)]);
    return known && names.size === known.size ? known : names;
  });
}

function Sketch() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-1 h-4 w-28" />
      <div class="skeleton mt-2 h-5 w-44" />
      <div class="skeleton mt-5 h-9 w-full max-w-xl" />
      <div class="mt-8 grid grid-cols-1 gap-x-10 lg:grid-cols-2">
        <For each={[1, 2, 3, 4]}>{() => <div class="skeleton mb-7 h-[176px]" />}</For>
      </div>
    </div>
  );
}
