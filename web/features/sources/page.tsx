import { createMemo, createSignal, Show } from "solid-js";
import type { Source } from "../../../server/contract/sources.ts";
import { compareNames } from "../../state/inventory.ts";
import { FilterInput } from "../../ui/filter-input.tsx";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { FORMS } from "./forms/forms.ts";
import { createSourceList, isCheckType, targetOf } from "./list.ts";
import { STATE_ORDER } from "./states.ts";
import { SourceTable } from "./table.tsx";

/** From so many on there is something to filter. */
const MANY = 8;

export function SourcesPage() {
  const list = createSourceList();
  const [wanted, setWanted] = createSignal("");
  const sources = createMemo(() => (list.value()?.sources ?? []).filter(({ type }) => !isCheckType(type)));
  const rows = createMemo(() => inOrder(sources().filter((source) => fits(source, wanted()))));
  return (
    <SettingsFrame
      title="Sources"
      lead="What this server asks of its own accord: Proxmox and exporters. Checks have a page of their own."
      action={
        <Show when={administers()}>
          <LinkButton href="/settings/sources/new" look="primary">
            New source
          </LinkButton>
        </Show>
      }
    >
      <div class="mt-6 space-y-4">
        <Show
          when={list.value()}
          fallback={
            <Show when={list.refusal()} fallback={<div class="skeleton h-28 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          <Show when={sources().length > 0} fallback={<NoSources />}>
            <Show when={sources().length >= MANY}>
              <FilterInput label="Filter sources" value={wanted()} onInput={setWanted} />
            </Show>
            <Show
              when={rows().length > 0}
              fallback={<p class="border-t border-line py-6 text-ink-2">No source matches “{wanted()}”.</p>}
            >
              <SourceTable sources={rows()} mayChange={administers()} onChanged={() => void list.ask()} />
            </Show>
          </Show>
        </Show>
      </div>
    </SettingsFrame>
  );
}

function NoSources() {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">No sources yet</p>
      <p class="mt-1 text-ink-2">
        What speaks for itself needs no agent. A Proxmox cluster is one source and brings all its nodes,
        guests and storages; any Prometheus exporter is one, for example{" "}
        <code class="font-mono text-sm">http://nas.example.org:9100/metrics</code>, which becomes a machine.
      </p>
    </div>
  );
}

function inOrder(sources: readonly Source[]): Source[] {
  const place = ({ state }: Source) => STATE_ORDER.indexOf(state.status);
  return sources.toSorted((a, b) => place(a) - place(b) || compareNames(a, b));
}

function fits(source: Source, wanted: string): boolean {
  const about = [source.name, FORMS[source.type].label, targetOf(source), source.state.status].join(" ");
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => about.toLowerCase().includes(word));
}
