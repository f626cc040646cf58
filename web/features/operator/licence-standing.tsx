import { Match, Show, Switch } from "solid-js";
import type { LicenseInfo } from "../../../server/contract/license.ts";
import { now } from "../../state/clock.ts";
import { ahead, date, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import type { Level } from "../../ui/meter.tsx";
import { Notice } from "../../ui/notice.tsx";

/** How it stands, in one sentence, and what to do. */
export function LicenceStanding(props: { info: LicenseInfo }) {
  const end = () => props.info.license?.expiresAt;
  const level = (): Level => {
    if (props.info.status === "grace") return "warning";
    return props.info.status === "expired" || props.info.problem ? "critical" : "fine";
  };
  return (
    <>
      <Show when={props.info.problem}>
        {(problem) => (
          <div class="mb-4">
            <Notice level="critical" alert>
              {problem()} It does not count: install one that does, below.
            </Notice>
          </div>
        )}
      </Show>
      <p class="flex items-center gap-2 text-lg font-medium">
        <LevelMark level={level()} />
        <Switch fallback="There is no licence that counts">
          <Match when={props.info.status === "valid"}>
            <span title={end() === undefined ? undefined : moment(end() as number)}>
              {end() === undefined ? "Licensed, without an end" : `Licensed until ${date(end() as number)}`}
            </span>
          </Match>
          <Match when={props.info.status === "grace"}>The licence has ended and still counts for now</Match>
          <Match when={props.info.status === "expired"}>The licence has ended</Match>
        </Switch>
      </p>
      <p class="mt-1 text-ink-2">
        <Switch fallback="Only the default organization works. The others, if there are any, wait as they are.">
          <Match when={props.info.status === "valid"}>Every organization works.</Match>
          <Match when={props.info.status === "grace"}>
            Every organization works until <GraceEnd at={props.info.graceEndsAt} />. Then all but the default
            one are shut off, until a new licence is installed. Nothing is deleted.
          </Match>
          <Match when={props.info.status === "expired"}>
            Every organization but the default one is shut off. Nothing is deleted: with a new licence
            everything goes on as it was.
          </Match>
        </Switch>
      </p>
    </>
  );
}

function GraceEnd(props: { at: number | undefined }) {
  return (
    <Show when={props.at} fallback="its grace is over">
      {(at) => (
        <span class="text-ink" title={moment(at())}>
          {date(at())} ({ahead(at(), now())})
        </span>
      )}
    </Show>
  );
}
