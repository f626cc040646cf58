import { A } from "@solidjs/router";
import { createMemo, For, type JSX, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { isMachine } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { ago, duration, moment } from "../../ui/format.ts";
import { MaybeLink } from "../../ui/maybe-link.tsx";
import { problemsAt } from "../overview/current-problems.ts";
import { sourceWords, uptimeOf } from "../resources/figures.ts";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { type Fact, factsOf } from "./facts.ts";
import { formFor } from "./forms/forms.ts";
import { KINDS } from "./kinds.ts";
import { pathOf } from "./path.ts";
import { isFresh, problemOf, statusOf } from "./status.ts";
import { StatusMark } from "./status-mark.tsx";

/** What it is, how it is, what is wrong, and what it says of itself. */
export function ResourceHeader(props: { resource: Resource; children?: JSX.Element }) {
  const status = () => statusOf(props.resource);
  const parent = () => (props.resource.parentId ? picture.resources[props.resource.parentId] : undefined);
  return (
    <header>
      <p class="mb-0.5 truncate text-sm text-ink-2">
        <A href={`/resources?kind=${props.resource.kind}`} class="hover:text-ink hover:underline">
          {KINDS[props.resource.kind].one}
        </A>
        <Show when={parent()}>
          {(above) => (
            <>
              {" of "}
              <A href={pathOf(above())} class="font-medium text-accent hover:underline">
                {above().name}
              </A>
            </>
          )}
        </Show>
      </p>
      <div class="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span class="flex min-w-0 items-baseline gap-x-3">
          <StatusMark resource={props.resource} silent />
          <h1 class="min-w-0 text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">
            {props.resource.name}
          </h1>
        </span>
        <span
          class="text-ink-2"
          classList={{
            "text-bad!": status().level === "critical",
            "text-warn!": status().level === "warning",
          }}
        >
          {status().word}
        </span>
        <ResourceOrigin resource={props.resource} />
        {props.children}
      </div>
      <Show when={problemOf(props.resource)}>
        {(problem) => (
          <p
            class="mt-1.5 break-words"
            classList={{
              "text-bad": status().level === "critical",
              "text-warn": status().level === "warning",
              "text-ink-2": status().level === "unknown",
            }}
          >
            <MaybeLink to={problemsAt(props.resource.id)[0]?.incident}>
              {problem().charAt(0).toUpperCase() + problem().slice(1)}
            </MaybeLink>
          </p>
        )}
      </Show>
      <Facts resource={props.resource} />
    </header>
  );
}

function Facts(props: { resource: Resource }) {
  const facts = createMemo((): Fact[] => {
    const { facts: told = [], hidden } = formFor(props.resource.kind);
    return factsOf(props.resource, told, hidden);
  });
  const uptime = () => (isMachine(props.resource) ? undefined : uptimeOf(props.resource, now()));
  return (
    <dl class="mt-4 flex flex-wrap gap-x-8 gap-y-2.5">
      <For each={facts()}>
        {(fact) => (
          <FactLine label={fact.label} title={fact.at === undefined ? fact.words : moment(fact.at)}>
            {fact.at === undefined ? fact.words : relative(fact.at)}
          </FactLine>
        )}
      </For>
      <Show when={uptime() !== undefined}>
        <FactLine label="Up for" steady>
          {duration(uptime())}
        </FactLine>
      </Show>
      <FactLine label="Reported by">{sourceWords(props.resource.sources)}</FactLine>
      <FactLine label="Last seen" title={moment(props.resource.lastSeenAt)} steady>
        <span classList={{ "text-warn": !isFresh(props.resource) }}>
          {ago(props.resource.lastSeenAt, now())}
        </span>
      </FactLine>
    </dl>
  );
}

/** `steady`: keeps room for any length of time, so that one that grows does not move the page. */
function FactLine(props: { label: string; title?: string; steady?: boolean; children: JSX.Element }) {
  return (
    <div class="max-w-[min(100%,44rem)]" classList={{ "min-w-20": props.steady, "min-w-0": !props.steady }}>
      <dt class="text-xs text-ink-3">{props.label}</dt>
      <dd class="truncate" title={props.title}>
        {props.children}
      </dd>
    </div>
  );
}

/** A moment to come is told as it is. */
function relative(at: number): string {
  return at > now() + 60_000 ? moment(at) : ago(at, now());
}
