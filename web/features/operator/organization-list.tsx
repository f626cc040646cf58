import { For, Show } from "solid-js";
import type { HealthCounts, OrgOverview } from "../../../server/contract/orgs.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ahead, date, moment, plural } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import type { Deed } from "./organizations-page.tsx";

interface OrganizationListProps {
  orgs: readonly OrgOverview[];
  onDeed: (deed: Deed, org: OrgOverview) => void;
  onResume: (org: OrgOverview) => void;
}

export function OrganizationList(props: OrganizationListProps) {
  return (
    <ul class="divide-y divide-line border-y border-line" aria-label="Organizations">
      <For each={props.orgs}>
        {(org) => (
          <li class="flex min-h-14 items-center gap-x-4 py-2.5 sm:gap-x-5">
            <div class="min-w-0 flex-1" classList={{ old: org.state !== "active" }}>
              <p class="truncate font-medium" title={org.name}>
                {org.name}
              </p>
              <p class="truncate text-sm text-ink-2" title={`Since ${date(org.createdAt)}`}>
                {org.slug} · {plural(org.members, "member")}
                <StateWords org={org} />
              </p>
              <Show when={org.state === "active"}>
                <p class="text-sm text-ink-2 md:hidden">
                  <Health counts={org.resources} />
                </p>
              </Show>
            </div>
            <Show when={org.state === "active"}>
              <p class="w-56 text-sm text-ink-2 max-md:hidden">
                <Health counts={org.resources} />
              </p>
            </Show>
            <div class="flex justify-end gap-2 max-sm:flex-col sm:w-44">
              <Show when={org.state !== "deleted"}>
                <Button aria-label={`Limits of ${org.name}`} onClick={() => props.onDeed("limits", org)}>
                  Limits
                </Button>
              </Show>
              <Show when={org.state === "active" && org.id !== "default"}>
                <Button
                  look="danger"
                  aria-label={`Suspend ${org.name}`}
                  onClick={() => props.onDeed("suspend", org)}
                >
                  Suspend
                </Button>
              </Show>
              <Show when={org.state === "suspended"}>
                <Button aria-label={`Resume ${org.name}`} onClick={() => props.onResume(org)}>
                  Resume
                </Button>
              </Show>
              <Show when={org.state === "deleted"}>
                <Button
                  look="danger"
                  aria-label={`Purge ${org.name}`}
                  onClick={() => props.onDeed("purge", org)}
                >
                  Purge
                </Button>
              </Show>
            </div>
          </li>
        )}
      </For>
    </ul>
  );
}

function StateWords(props: { org: OrgOverview }) {
  return (
    <>
      <Show when={props.org.state === "suspended"}>
        <span class="text-warn"> · suspended</span>
      </Show>
      <Show when={props.org.state === "deleted"}>
        <span
          class="text-warn"
          title={props.org.purgeAt === undefined ? undefined : moment(props.org.purgeAt)}
        >
          {" "}
          · deleted
          {props.org.purgeAt === undefined ? "" : `, purged ${ahead(props.org.purgeAt, now())}`}
        </span>
      </Show>
    </>
  );
}

/** Counts alone, worst first: an operator does not see what they are counts of. */
function Health(props: { counts: HealthCounts | undefined }) {
  const parts = () => {
    const counts = props.counts;
    if (!counts) return [];
    return (
      [
        { number: counts.down, word: "down", level: "critical" },
        { number: counts.degraded, word: "degraded", level: "warning" },
        { number: counts.unknown, word: "unknown", level: "unknown" },
        { number: counts.up, word: "up", level: "fine" },
      ] as const
    ).filter(({ number }) => number > 0);
  };
  return (
    <Show when={parts().length > 0} fallback={props.counts ? "Watches nothing yet" : "Not counted yet"}>
      <span class="flex flex-wrap gap-x-3">
        <For each={parts()}>
          {({ number, word, level }) => (
            <span class="inline-flex items-center gap-1.5">
              <LevelMark level={level} />
              {number} {word}
            </span>
          )}
        </For>
      </span>
    </Show>
  );
}
