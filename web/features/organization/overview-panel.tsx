import { Show } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { ago, date, moment, plural } from "../../ui/format.ts";
import { DangerZone } from "./danger-zone.tsx";
import { IdentityForm } from "./identity-form.tsx";
import { DEFAULT_SLUG } from "./names.ts";
import { Panel, Part } from "./panel.tsx";
import { PeopleInIt } from "./people-in-it.tsx";
import { RoleBadge } from "./role-badge.tsx";
import { here, mayAdminister } from "./standing.ts";

export function OverviewPanel() {
  const members = createAnswer(
    () => here()?.id,
    () => api.members.list.query(),
  );
  const people = () => members.value()?.members ?? [];
  return (
    <Panel
      title="Organization"
      lead="What it is called, where it is found, and who belongs to it."
      administered
    >
      <Show when={here()}>
        {(org) => (
          <>
            <Facts org={org()} />
            <Show when={mayAdminister() && org().slug !== DEFAULT_SLUG}>
              <Part id="identity" title="Name and address">
                <IdentityForm org={org()} />
              </Part>
            </Show>
            <Part id="people" title={members.value() ? plural(people().length, "member") : "Members"}>
              <PeopleInIt people={people()} refusal={members.refusal()} pending={!members.value()} />
            </Part>
            <DangerZone org={org()} />
          </>
        )}
      </Show>
    </Panel>
  );
}

function Facts(props: { org: Org }) {
  return (
    <dl class="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-8 gap-y-1.5 border-y border-line py-4">
      <dt class="text-ink-2">Name</dt>
      <dd class="break-words">{props.org.name}</dd>
      <dt class="text-ink-2">Address</dt>
      <dd class="break-all">{props.org.slug}</dd>
      <dt class="text-ink-2">Id</dt>
      <dd class="font-mono text-sm break-all select-all">{props.org.id}</dd>
      <dt class="text-ink-2">Created</dt>
      <dd title={moment(props.org.createdAt)}>
        {date(props.org.createdAt)}, {ago(props.org.createdAt, now())}
      </dd>
      <dt class="text-ink-2">Primary domain</dt>
      <dd class="break-all" classList={{ "text-ink-2": !props.org.primaryDomain }}>
        {props.org.primaryDomain ?? "None"}
      </dd>
      <dt class="text-ink-2">Your role</dt>
      <dd>
        <RoleBadge role={props.org.role} />
      </dd>
    </dl>
  );
}
