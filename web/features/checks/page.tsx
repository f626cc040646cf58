import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, Show } from "solid-js";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { compareNames } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { FilterInput } from "../../ui/filter-input.tsx";
import { onEscape } from "../../ui/keyboard.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { administers } from "../settings/links.ts";
import { createSourceList, isCheckType } from "../sources/list.ts";
import { NoChecks } from "./no-checks.tsx";
import { type CheckRow, grouped, headline, matching } from "./rows.ts";
import { CheckTable } from "./table.tsx";

/** From so many on there is something to filter. */
const MANY = 8;

export function ChecksPage() {
  const navigate = useNavigate();
  onEscape(() => {
    navigate("/");
    return true;
  });
  const list = createSourceList();
  const agents = createAnswer(
    () => true,
    () => api.agents.list.query(),
  );
  const [wanted, setWanted] = createSignal("");
  const checks = createMemo(() =>
    (list.value()?.sources ?? []).filter(({ type }) => isCheckType(type)).sort(compareNames),
  );
  // One object for each check as long as it is there, so that its row stays what it is.
  const known = new Map<string, CheckRow>();
  const rows = createMemo(() =>
    checks().map((source) => {
      let row = known.get(source.id);
      if (!row || row.source !== source) {
        row = {
          source,
          get resource() {
            return source.resourceId && picture.resources[source.resourceId];
          },
        };
        known.set(source.id, row);
      }
      return row;
    }),
  );
  const shown = createMemo(() => matching(rows(), wanted()));
  const nameOf = (from: string) =>
    from === "server"
      ? "this server"
      : (agents.value()?.agents.find(({ id }) => id === from)?.name ?? "an agent");

  return (
    <>
      <div class="mb-4 flex flex-wrap items-start gap-x-3 gap-y-3">
        <div class="mr-auto">
          <h1 class="text-xl font-semibold tracking-tight">Checks</h1>
          <p class="mt-0.5 min-h-5 text-ink-2" role="status">
            {rows().length > 0 && picture.known ? headline(rows()) : ""}
          </p>
        </div>
        <Show when={rows().length >= MANY}>
          <FilterInput label="Filter checks" value={wanted()} onInput={setWanted} />
        </Show>
        <Show when={administers() && rows().length > 0}>
          <LinkButton href="/checks/new" look="primary">
            New check
          </LinkButton>
        </Show>
      </div>
      <Show
        when={list.value() && picture.known}
        fallback={
          <Show when={list.refusal()} fallback={<div class="skeleton h-40 w-full" />}>
            {(refused) => <Notice>{refused().words}</Notice>}
          </Show>
        }
      >
        <Show when={rows().length > 0} fallback={<NoChecks />}>
          <Show
            when={shown().length > 0}
            fallback={<p class="border-t border-line py-6 text-ink-2">No check matches “{wanted()}”.</p>}
          >
            <div class="fades">
              <CheckTable
                groups={grouped(shown())}
                mayChange={administers()}
                nameOf={nameOf}
                onChanged={() => void list.ask()}
              />
            </div>
          </Show>
        </Show>
      </Show>
    </>
  );
}
