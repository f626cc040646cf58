import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import { now } from "../../state/clock.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { ago, clockOrDay, duration, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { problemFrom } from "../overview/problems.ts";
import { pathOf } from "../resource/path.ts";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { acknowledgeListed, mayAcknowledge } from "./deeds.ts";
import { quietWords } from "./groups.ts";

export function AlertRow(props: { alert: Alert }) {
  const problem = () => problemFrom(props.alert, picture.resources[props.alert.subject.id]);
  const standing = () => {
    const { acknowledged, firedAt, resolvedAt, flapping } = props.alert;
    if (resolvedAt !== undefined)
      return `lasted ${duration((resolvedAt - firedAt) / 1_000)}, over ${ago(resolvedAt, now())}`;
    const quiet = quietWords(props.alert, (at) => clockOrDay(at, now()));
    if (quiet) return quiet;
    if (acknowledged)
      return acknowledged.by?.name ? `acknowledged by ${acknowledged.by.name}` : "acknowledged";
    return flapping ? "comes and goes" : "";
  };
  return (
    <li class="relative flex items-baseline gap-x-3 py-1.5">
      <A
        href={problem().incident ?? pathOf(problem().resource)}
        data-row=""
        data-alert={props.alert.id}
        class="-mx-2 flex min-w-0 flex-1 items-baseline gap-x-3 rounded-md px-2 py-1 hover:bg-hover"
      >
        <span
          class="flex w-20 shrink-0 items-baseline gap-2 text-sm font-medium"
          classList={{
            "text-bad": problem().level === "critical" && props.alert.resolvedAt === undefined,
            "text-warn": problem().level === "warning" && props.alert.resolvedAt === undefined,
            "text-ink-2": props.alert.resolvedAt !== undefined,
          }}
        >
          <LevelMark level={props.alert.resolvedAt === undefined ? problem().level : "unknown"} />
          {problem().level === "critical" ? "Critical" : "Warning"}
        </span>
        <span class="min-w-0 flex-1 items-baseline gap-x-4 sm:flex">
          <span class="block min-w-0 flex-1 break-words">
            <span class="font-medium">
              {problem().resource.name}
              {problem().about === "part" ? ":" : ""}
            </span>{" "}
            {problem().words}
            <Show when={picture.resources[props.alert.subject.id]}>
              {(resource) => <ResourceOrigin resource={resource()} />}
            </Show>
          </span>
          <span
            class="block shrink-0 text-sm text-ink-2"
            classList={{ "max-sm:min-h-7 max-sm:pt-1.5 max-sm:pr-26": mayAcknowledge(props.alert) }}
          >
            <Show when={props.alert.resolvedAt === undefined} fallback={standing()}>
              <Show when={standing()}>{(words) => <>{words()} · </>}</Show>
              <time
                dateTime={new Date(props.alert.firedAt).toISOString()}
                title={moment(props.alert.firedAt)}
              >
                {ago(props.alert.firedAt, now())}
              </time>
            </Show>
          </span>
        </span>
      </A>
      {/* On a phone it stands in the second line; on a wide screen both words take the same room. */}
      <Show when={mayAcknowledge(props.alert)}>
        <Button
          look="quiet"
          class="shrink-0 text-sm max-sm:absolute max-sm:-right-2 max-sm:bottom-1.75 sm:w-25 sm:justify-end"
          onClick={() => void acknowledgeListed(props.alert)}
          title={`${props.alert.acknowledged ? "Take it back" : "Acknowledge"}  A`}
        >
          {props.alert.acknowledged ? "Take back" : "Acknowledge"}
        </Button>
      </Show>
    </li>
  );
}
