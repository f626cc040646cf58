import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import type { AgentInfo } from "../../../server/contract/agents.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, ahead, bytes, date, duration, moment, plural, text } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { SortHeading, sortedHow } from "../../ui/sort-heading.tsx";
import type { SortKey } from "./order.ts";
import { clockWords, isOlder, STATES } from "./words.ts";

const WIDE = "hidden lg:table-cell";
const COLUMNS: { key?: SortKey; label: string; class?: string }[] = [
  { key: "state", label: "State" },
  { key: "seen", label: "Last report" },
  { label: "Every", class: WIDE },
  { key: "version", label: "Version", class: WIDE },
  { label: "From", class: WIDE },
  { label: "Checks", class: WIDE },
];

interface TableProps {
  agents: readonly AgentInfo[];
  serverVersion: string;
  sort: SortKey;
  reversed: boolean;
  onSort: (key: SortKey) => void;
  /** Absent for who may not. */
  onRevoke?: ((agent: AgentInfo) => void) | undefined;
}

export function AgentTable(props: TableProps) {
  const heading = (column: SortKey, label: string) => (
    <SortHeading
      column={column}
      label={label}
      sort={props.sort}
      reversed={props.reversed}
      onSort={props.onSort}
    />
  );
  return (
    <table class="figures w-full border-b border-line">
      <thead class="max-md:sr-only">
        <tr>
          <th scope="col" aria-sort={sortedHow("name", props)}>
            {heading("name", "Agent")}
          </th>
          <For each={COLUMNS}>
            {({ key, label, class: look }) => (
              <th scope="col" class={look} aria-sort={key && sortedHow(key, props)}>
                {key ? heading(key, label) : label}
              </th>
            )}
          </For>
          <Show when={props.onRevoke}>
            <th scope="col">
              <span class="sr-only">Revoke</span>
            </th>
          </Show>
        </tr>
      </thead>
      <tbody onKeyDown={(event) => moveThroughRows(event)}>
        <For each={props.agents}>
          {(agent) => (
            <AgentRow agent={agent} serverVersion={props.serverVersion} onRevoke={props.onRevoke} />
          )}
        </For>
      </tbody>
    </table>
  );
}

function AgentRow(props: {
  agent: AgentInfo;
  serverVersion: string;
  onRevoke: ((agent: AgentInfo) => void) | undefined;
}) {
  const agent = props.agent;
  const isBehind = () => isOlder(agent.version, props.serverVersion);
  const seen = () => (agent.lastReportAt === undefined ? "never" : ago(agent.lastReportAt, now()));
  return (
    <tr class="h-14" classList={{ old: agent.state === "silent" }}>
      <td class="w-full max-w-0 max-md:py-2.5">
        <div class="flex items-center gap-2.5">
          <LevelMark level={STATES[agent.state].level} />
          <Show
            when={agent.resourceId}
            fallback={
              <span class="truncate font-medium" title={agent.name}>
                {agent.name}
              </span>
            }
          >
            {(id) => (
              <A
                href={`/machines/${id()}`}
                data-row=""
                class="min-w-7 truncate py-0.5 font-medium hover:underline"
                title={agent.name}
              >
                {agent.name}
              </A>
            )}
          </Show>
        </div>
        <div class="pl-5 text-sm text-ink-2 md:truncate" title={agent.system}>
          {agent.state === "waiting" && agent.expiresAt !== undefined
            ? beginWords(agent.expiresAt, now())
            : agent.system}
        </div>
        <Narrow agent={agent} seen={seen()} isBehind={isBehind()} />
        <Show when={agent.state !== "waiting" && troublesOf(agent)}>
          {(words) => (
            <div
              class="pl-5 text-sm whitespace-normal text-warn"
              title="Kept on the machine until it is delivered"
            >
              {words()}
            </div>
          )}
        </Show>
      </td>
      <td
        class="max-md:hidden"
        classList={{
          "text-bad": agent.state === "refused",
          "text-warn": agent.state === "silent",
          "text-ink-2": agent.state === "waiting" || agent.state === "reporting",
        }}
        title={STATES[agent.state].help}
      >
        {STATES[agent.state].word}
      </td>
      <td
        class="text-ink-2 max-md:hidden"
        title={agent.lastReportAt === undefined ? undefined : moment(agent.lastReportAt)}
      >
        {seen()}
      </td>
      <td class={`text-ink-2 ${WIDE}`}>
        {agent.intervalMs === undefined ? "–" : duration(agent.intervalMs / 1_000)}
      </td>
      <td
        class={WIDE}
        classList={{ "text-warn": isBehind(), "text-ink-2": !isBehind() }}
        title={isBehind() ? `The server is ${props.serverVersion}: run the line again to update` : undefined}
      >
        {agent.version ?? "–"}
        <Show when={isBehind()}> older</Show>
      </td>
      <td class={`text-ink-2 ${WIDE}`}>{agent.address ?? "–"}</td>
      <td class={`text-ink-2 ${WIDE}`}>{agent.checks}</td>
      <Show when={props.onRevoke}>
        {(revoke) => (
          <td>
            <Button look="danger" aria-label={`Revoke ${agent.name}`} onClick={() => revoke()(agent)}>
              Revoke
            </Button>
          </td>
        )}
      </Show>
    </tr>
  );
}

/** On a phone what the other columns say is a second line. */
function Narrow(props: { agent: AgentInfo; seen: string; isBehind: boolean }) {
  const words = () =>
    [
      STATES[props.agent.state].word,
      props.agent.state === "waiting" ? "" : props.seen,
      props.agent.version && `${props.agent.version}${props.isBehind ? " (older)" : ""}`,
      props.agent.checks > 0 && plural(props.agent.checks, "check"),
    ].filter(Boolean);
  return <div class="truncate pl-5 text-sm text-ink-2 md:hidden">{words().join(" · ")}</div>;
}

/** What is worth a word besides the state. */
function troublesOf(agent: AgentInfo): string {
  const clock = clockWords(agent);
  const { spooledReports = 0, spoolBytes } = agent;
  return [
    spooledReports > 0 &&
      `${plural(spooledReports, "report")}${spoolBytes ? ` (${text(bytes(spoolBytes))})` : ""} waiting on it`,
    clock && `its clock is ${clock}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function beginWords(expiresAt: number, at: number): string {
  return expiresAt <= at
    ? "its token has expired, unused"
    : `its token expires ${ahead(expiresAt, at)}, on ${date(expiresAt)}`;
}
