import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { machines, partsOf } from "../../state/inventory.ts";
import { ago, bytes, duration, moment, text } from "../../ui/format.ts";
import { NextIcon, PreviousIcon } from "../../ui/icons.tsx";
import { LevelMark } from "../../ui/level-mark.tsx";
import { MaybeLink } from "../../ui/maybe-link.tsx";
import { problemsAt } from "../overview/current-problems.ts";
import { isCurrent, MachineMark } from "../overview/machine-status.tsx";
import { inOrder } from "../overview/problems.ts";
import { neighbour } from "../shell/neighbour.ts";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { factsOf, textsOf } from "./facts.ts";

export function MachineHeader(props: { machine: Resource }) {
  const problems = () => inOrder(problemsAt(props.machine.id));
  return (
    <header>
      <div class="flex items-center gap-3">
        <MachineMark machine={props.machine} />
        <h1 class="min-w-0 text-xl font-semibold tracking-tight break-words">{props.machine.name}</h1>
        <ResourceOrigin resource={props.machine} />
        <Show when={machines().length > 1}>
          <nav aria-label="Other machines" class="ml-auto flex shrink-0">
            <Step step={-1} label="Previous machine" />
            <Step step={1} label="Next machine" />
          </nav>
        </Show>
      </div>
      <Show when={problems().length > 0}>
        <ul class="mt-2 space-y-0.5">
          <For each={problems()}>
            {(problem) => (
              <li
                class="flex items-baseline gap-2"
                classList={{
                  "text-bad": problem.level === "critical",
                  "text-warn": problem.level === "warning",
                }}
              >
                <LevelMark level={problem.level} label={problem.level} class="translate-y-px" />
                <MaybeLink to={problem.incident}>
                  {problem.about === "itself" ? `This machine ${problem.words}` : problem.words}
                </MaybeLink>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Facts machine={props.machine} />
    </header>
  );
}

function Step(props: { step: 1 | -1; label: string }) {
  // Follows the machines and the address alike: the link is rendered anew with each machine.
  const path = () => neighbour(props.step) ?? "/";
  return (
    <A
      href={path()}
      aria-label={props.label}
      title={`${props.label}  ${props.step === 1 ? "]" : "["}`}
      class="flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
    >
      {props.step === 1 ? <NextIcon /> : <PreviousIcon />}
    </A>
  );
}

/** For any length of time: one that grows while it is watched must not wrap the row and move the page. */
const ROOM_FOR_A_TIME = "min-w-20";

function Facts(props: { machine: Resource }) {
  const facts = createMemo(() => {
    const known = factsOf(props.machine);
    const metrics = props.machine.metrics;
    const rows: { label: string; words: string; title: string; moves: boolean }[] = [];
    const add = (label: string, words: string, title = words, moves = false) => {
      if (words) rows.push({ label, words, title, moves });
    };
    add("System", known.system);
    add("Kernel", known.kernel);
    add("Processor", known.processor);
    const memory = metrics["memory_total_bytes"];
    if (memory !== undefined) add("Memory", text(bytes(memory)));
    add("Runs in", known.kindOfMachine);
    const uptime = metrics["uptime_seconds"];
    if (uptime !== undefined && isCurrent(props.machine)) {
      add(
        "Up for",
        duration(uptime),
        known.bootAt === undefined ? "" : `Since ${moment(known.bootAt)}`,
        true,
      );
    }
    add("Addresses", addresses(props.machine, known.addresses).join(", "));
    return rows;
  });
  return (
    <dl class="mt-4 flex flex-wrap gap-x-8 gap-y-2.5">
      <For each={facts()}>
        {(fact) => (
          <div class={`max-w-full ${fact.moves ? ROOM_FOR_A_TIME : "min-w-0"}`}>
            <dt class="text-xs text-ink-3">{fact.label}</dt>
            <dd class="truncate" title={fact.title}>
              {fact.words}
            </dd>
          </div>
        )}
      </For>
      <div class={ROOM_FOR_A_TIME}>
        <dt class="text-xs text-ink-3">Last seen</dt>
        <dd classList={{ "text-warn": !isCurrent(props.machine) }} title={moment(props.machine.lastSeenAt)}>
          {ago(props.machine.lastSeenAt, now())}
        </dd>
      </div>
    </dl>
  );
}

function addresses(machine: Resource, own: string[]): string[] {
  if (own.length > 0) return own;
  return partsOf(machine.id, "interface").flatMap((part) => textsOf(part.attributes["addresses"]));
}
