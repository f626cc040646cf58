import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import type { AgentInfo, EnrolmentInfo } from "../../../server/contract/agents.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { newestAgent } from "../../state/live.ts";
import { createPreference } from "../../state/preferences.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { FilterInput } from "../../ui/filter-input.tsx";
import { moment, plural } from "../../ui/format.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { Enrolments } from "./enrolments.tsx";
import { matching, ordered, SORT_KEYS, type SortKey } from "./order.ts";
import { AgentTable } from "./table.tsx";

const LOOK_EVERY_MS = 10_000;
/** From so many on there is something to filter. */
const MANY = 8;

const [sort, setSort] = createPreference("agents.sort", SORT_KEYS, "state");
const [direction, setDirection] = createPreference("agents.direction", ["standard", "reversed"], "standard");

export function AgentsPage() {
  const list = createRenewed(() => api.agents.list.query(), LOOK_EVERY_MS);
  createEffect(on(newestAgent, () => void list.ask(), { defer: true }));
  const [wanted, setWanted] = createSignal("");
  const [revoking, setRevoking] = createSignal<AgentInfo>();
  const [closing, setClosing] = createSignal<EnrolmentInfo>();
  const agents = () => list.value()?.agents ?? [];
  const rows = createMemo(() => ordered(matching(agents(), wanted()), sort(), direction() === "reversed"));
  const cloned = () => agents().filter(({ clonedAt }) => clonedAt !== undefined);
  const sortBy = (key: SortKey) => {
    setDirection(key === sort() && direction() === "standard" ? "reversed" : "standard");
    setSort(key);
  };
  const revoke = async ({ id, name }: AgentInfo | EnrolmentInfo) => {
    await api.agents.revoke.mutate({ id });
    toast(`${name} is revoked.`);
    await list.ask();
  };

  return (
    <SettingsFrame
      title="Agents"
      lead={lead(agents())}
      action={
        <Show when={administers()}>
          <LinkButton href="/add" look="primary">
            Add a machine
          </LinkButton>
        </Show>
      }
    >
      <div class="mt-6 space-y-4">
        <For each={cloned()}>{(agent) => <Clone agent={agent} />}</For>
        <Show
          when={list.value()}
          fallback={
            <Show when={list.refusal()} fallback={<div class="skeleton h-28 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          {(known) => (
            <Show when={agents().length > 0} fallback={<NoAgents />}>
              <Show when={agents().length >= MANY}>
                <div class="flex flex-wrap items-center gap-3">
                  <FilterInput label="Filter agents" value={wanted()} onInput={setWanted} />
                  <span class="text-ink-3" role="status">
                    {wanted() ? `${rows().length} of ${agents().length}` : ""}
                  </span>
                </div>
              </Show>
              <Show
                when={rows().length > 0}
                fallback={<p class="border-t border-line py-6 text-ink-2">No agent matches “{wanted()}”.</p>}
              >
                <AgentTable
                  agents={rows()}
                  serverVersion={known().serverVersion}
                  sort={sort()}
                  reversed={direction() === "reversed"}
                  onSort={sortBy}
                  onRevoke={administers() ? setRevoking : undefined}
                />
              </Show>
            </Show>
          )}
        </Show>
      </div>
      <Enrolments enrolments={list.value()?.enrolments ?? []} onRevoke={setClosing} />
      <Show when={revoking()} keyed>
        {(agent) => (
          <Confirm
            title={`Revoke ${agent.name}?`}
            verb="Revoke"
            act={() => revoke(agent)}
            onClose={() => setRevoking(undefined)}
          >
            <p>
              Its token is refused from now on and it reports no more. What it reported, and its history,
              stay.
              {agent.checks > 0 ? ` ${plural(agent.checks, "check")} it makes will not be made.` : ""}
            </p>
            <p>On the machine, the program is taken away by the install line with --uninstall.</p>
          </Confirm>
        )}
      </Show>
      <Show when={closing()} keyed>
        {(enrolment) => (
          <Confirm
            title={`Revoke ${enrolment.name}?`}
            verb="Revoke"
            act={() => revoke(enrolment)}
            onClose={() => setClosing(undefined)}
          >
            <p>
              No further machine can begin with it.
              {enrolment.used > 0 ? " Those that have begun go on: each has an identity of its own." : ""}
            </p>
          </Confirm>
        )}
      </Show>
    </SettingsFrame>
  );
}

/** Two machines that claim to be the same one. */
function Clone(props: { agent: AgentInfo }) {
  return (
    <Notice level={props.agent.state === "refused" ? "critical" : "warning"}>
      <p class="font-medium">A copy of {props.agent.name} reports with the same token</p>
      <p class="mt-0.5 text-ink-2">
        Seen {moment(props.agent.clonedAt ?? 0)}. The copy is refused, nothing it said was mixed in. On the
        copy, remove <code class="font-mono text-sm">/var/lib/pulse-agent/identity.json</code> and restart the
        agent: it then begins as a machine of its own. With a token for one machine it needs a new line from
        “Add a machine” instead.
      </p>
    </Notice>
  );
}

function NoAgents() {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">No agents yet</p>
      <p class="mt-1 text-ink-2">
        An agent is a small program that reports the machine it runs on: load, memory, disks, network, its
        containers. One line installs it; a copy of this server is all it needs to reach. The server's own
        machine is watched without one.
      </p>
    </div>
  );
}

function lead(agents: readonly AgentInfo[]): string {
  if (agents.length === 0) return "The programs that report other machines to this server.";
  const count = (state: AgentInfo["state"]) => agents.filter((agent) => agent.state === state).length;
  const parts = (["reporting", "silent", "refused", "waiting"] as const)
    .map((state) => [count(state), state] as const)
    .filter(([number]) => number > 0)
    .map(([number, state]) => `${number} ${state}`);
  return parts.join(", ");
}
