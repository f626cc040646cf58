import { createMemo, For, Show } from "solid-js";
import type { Resource } from "../../../../server/contract/resource.ts";
import { partsOf } from "../../../state/inventory.ts";
import type { ResourceForm } from "../form.ts";
import { LaterList } from "../later-list.tsx";

/** What is scraped. Its own metrics have a chart each; so has every one of its series, on a page of its own. */
export const EXPORTER: ResourceForm = {
  facts: ["address", "software", ["samples_scraped", "Samples"], ["series_left_out", "Series left out"]],
  hidden: ["shown"],
  still: ["up", "samples_scraped"],
  Below: Series,
  unlisted: ["series"],
};

/** One set of labels of an exporter. */
export const SERIES: ResourceForm = { Above: Labels };

function Series(props: { resource: Resource }) {
  return (
    <LaterList id="series" title="Series" kind="series" resources={partsOf(props.resource.id, "series")} />
  );
}

function Labels(props: { resource: Resource }) {
  const labels = createMemo(() => {
    const held = props.resource.attributes["labels"];
    if (typeof held !== "object" || held === null) return [];
    return Object.entries(held).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  });
  return (
    <Show when={labels().length > 0}>
      <dl class="mt-4 flex flex-wrap gap-x-8 gap-y-2.5" aria-label="Labels">
        <For each={labels()}>
          {([name, value]) => (
            <div class="max-w-full min-w-0">
              <dt class="font-mono text-xs text-ink-3">{name}</dt>
              <dd class="truncate" title={value}>
                {value}
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Show>
  );
}
