import { For, Match, Show, Switch } from "solid-js";
import type { LimitUse } from "../../../server/contract/limits.ts";
import type { OrgPlan } from "../../../server/contract/orgs.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { me } from "../../state/session.ts";
import { ahead, date, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { type Level, Meter } from "../../ui/meter.tsx";
import { LIMIT_WORDS } from "../operator/limit-words.ts";
import { Panel, Part, Waiting } from "./panel.tsx";
import { here } from "./standing.ts";

export function PlanPanel() {
  const plan = createAnswer(
    () => here()?.id,
    () => api.orgs.plan.query(),
  );
  return (
    <Panel title="Billing and plan" lead="The licence of this server, and how much of its limits is used.">
      <Show when={plan.value()} fallback={<Waiting refusal={plan.refusal()} rows={8} />}>
        {(known) => (
          <>
            <Part id="licence" title="Licence">
              <Licence license={known().license} />
            </Part>
            <Part id="limits" title="Limits" lead="Set by whoever operates this server.">
              <ul class="divide-y divide-line border-y border-line">
                <For each={known().limits}>{(limit) => <LimitRow limit={limit} />}</For>
              </ul>
            </Part>
          </>
        )}
      </Show>
    </Panel>
  );
}

function Licence(props: { license: OrgPlan["license"] }) {
  const level = (): Level => {
    if (props.license.status === "grace") return "warning";
    return props.license.status === "expired" ? "critical" : "fine";
  };
  const end = () => props.license.expiresAt;
  const whom = () => (me()?.operator ? "Install a new one" : "Ask whoever operates this server to renew it");
  return (
    <div class="border-y border-line py-4">
      <p class="flex items-center gap-2 font-medium">
        <LevelMark level={level()} />
        <Switch fallback="There is no licence that counts">
          <Match when={props.license.status === "valid"}>
            <Show when={end()} fallback="Licensed, without an end">
              {(at) => <span title={moment(at())}>Licensed until {date(at())}</span>}
            </Show>
          </Match>
          <Match when={props.license.status === "grace"}>
            The licence has ended and still counts for now
          </Match>
          <Match when={props.license.status === "expired"}>The licence has ended</Match>
        </Switch>
      </p>
      <Show when={props.license.holder}>
        <p class="mt-1 text-ink-2">Issued to {props.license.holder}.</p>
      </Show>
      <Show when={props.license.status === "grace"}>
        <p class="mt-1 text-ink-2">
          {whom()} before {props.license.graceEndsAt ? date(props.license.graceEndsAt) : "its grace is over"}
          {props.license.graceEndsAt ? ` (${ahead(props.license.graceEndsAt, now())})` : ""}: then
          organizations are shut off until there is a new one. Nothing is deleted.
        </p>
      </Show>
      <Show when={props.license.status === "expired" || props.license.status === "none"}>
        <p class="mt-1 text-ink-2">{whom()}. Nothing is deleted meanwhile.</p>
      </Show>
      <Show when={me()?.operator}>
        <p class="mt-2">
          <a
            href={`${location.pathname.replace(/\/plan$/, "/licence")}`}
            class="font-medium text-accent hover:underline"
          >
            Go to the licence
          </a>
        </p>
      </Show>
    </div>
  );
}

/** Nearly full and full, of 100. */
const NEARLY = 80;

function LimitRow(props: { limit: LimitUse }) {
  const share = () =>
    props.limit.used === undefined ? undefined : (props.limit.used / Math.max(1, props.limit.limit)) * 100;
  const level = (): Level => {
    const percent = share() ?? 0;
    return percent >= 100 ? "critical" : percent >= NEARLY ? "warning" : "fine";
  };
  const count = (value: number) => value.toLocaleString("en-US");
  return (
    <li class="flex min-h-11 items-center gap-x-3 py-1.5 sm:gap-x-6">
      <span class="min-w-0 flex-1">{LIMIT_WORDS[props.limit.name].label}</span>
      <Show when={props.limit.used !== undefined}>
        <Meter class="w-16 sm:w-40" percent={share()} level={level()} />
      </Show>
      <span
        class="ml-auto min-w-24 text-right sm:min-w-36"
        classList={{ "text-bad": level() === "critical", "text-warn": level() === "warning" }}
      >
        <Show when={props.limit.used !== undefined} fallback={<span class="text-ink-2">up to </span>}>
          {count(props.limit.used ?? 0)} <span class="text-ink-2">of </span>
        </Show>
        {count(props.limit.limit)}
        {level() === "critical" ? ", used up" : ""}
      </span>
    </li>
  );
}
