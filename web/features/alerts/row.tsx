import { A } from "@solidjs/router";
import { Show } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import { now } from "../../state/clock.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { ago, clock, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { problemFrom } from "../overview/problems.ts";
import { pathOf } from "../resource/path.ts";
import { edits } from "../settings/links.ts";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { acknowledge } from "./deeds.ts";
import { quietWords } from "./groups.ts";

/** What another org shows has its incident there; here is the page of what is shown. */
function hrefOf(alert: Alert): string {
  if (!alert.sharedFrom) return `/alerts/${alert.id}`;
  return pathOf({ ...alert.subject, sources: picture.resources[alert.subject.id]?.sources ?? [] });
}

export function AlertRow(props: { alert: Alert }) {
  const problem = () => problemFrom(props.alert, picture.resources[props.alert.subject.id]);
  const mayAcknowledge = () => edits() && !props.alert.sharedFrom && props.alert.resolvedAt === undefined;
  const standing = () => {
    const { acknowledged, resolvedAt, flapping } = props.alert;
    if (resolvedAt !== undefined) return `over ${ago(resolvedAt, now())}`;
    const quiet = quietWords(props.alert, clock);
    if (quiet) return quiet;
    if (acknowledged)
      return acknowledged.by?.name ? `acknowledged by ${acknowledged.by.name}` : "acknowledged";
    return flapping ? "comes and goes" : "";
  };
  return (
    <li class="flex items-baseline gap-x-3 py-1.5">
      <A
        href={hrefOf(props.alert)}
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
          <span class="block shrink-0 text-sm text-ink-2">
            <Show when={standing()}>{(words) => <>{words()} · </>}</Show>
            <time dateTime={new Date(props.alert.firedAt).toISOString()} title={moment(props.alert.firedAt)}>
              {ago(props.alert.firedAt, now())}
            </time>
          </span>
        </span>
      </A>
      <Show when={mayAcknowledge()}>
        <Button
          look="quiet"
          class="shrink-0 text-sm max-sm:hidden"
          onClick={() => void acknowledge(props.alert)}
          title={`${props.alert.acknowledged ? "Take it back" : "Acknowledge"}  A`}
        >
          {props.alert.acknowledged ? "Take back" : "Acknowledge"}
        </Button>
      </Show>
    </li>
  );
}
