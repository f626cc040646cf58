import { For, Show } from "solid-js";
import type { AuditEntry } from "../../../server/contract/audit.ts";
import { now } from "../../state/clock.ts";
import { type AuditWords, extension } from "../../state/extension.ts";
import { ago, moment } from "../../ui/format.ts";
import { deedWords, detailsOf } from "./words.ts";

interface AuditRowsProps {
  entries: readonly AuditEntry[];
  /** What ids are called. */
  names: Map<string, string>;
  words: AuditWords;
}

export function AuditRows(props: AuditRowsProps) {
  return (
    <ol class="divide-y divide-line border-y border-line">
      <For each={props.entries}>
        {(entry) => (
          <li class="grid gap-x-6 py-2.5 sm:grid-cols-[minmax(0,1fr)_160px_88px]">
            <div class="min-w-0">
              <p class="font-medium break-words">{deedWords(props.words, entry.action, !extension())}</p>
              <Details entry={entry} names={props.names} />
            </div>
            <p class="truncate text-ink-2 max-sm:text-sm" title={entry.actor.id}>
              {actorWords(entry.actor)}
              <span class="sm:hidden"> · {ago(entry.at, now())}</span>
            </p>
            <time
              class="text-right text-ink-2 max-sm:hidden"
              dateTime={new Date(entry.at).toISOString()}
              title={moment(entry.at)}
            >
              {ago(entry.at, now())}
            </time>
          </li>
        )}
      </For>
    </ol>
  );
}

function Details(props: { entry: AuditEntry; names: Map<string, string> }) {
  /** Whom or what it was done to, unless that was the person or is said anyway. */
  const subject = () => {
    const { subject: id, details, actor } = props.entry;
    if (!id || id === actor.id || "name" in details || "email" in details) return [];
    const name = props.names.get(id);
    return name ? [{ label: "", value: name }] : [];
  };
  const lines = () => [...subject(), ...detailsOf(props.entry.details, moment)];
  return (
    <Show when={lines().length > 0}>
      <p class="flex flex-wrap gap-x-3 text-sm text-ink-2">
        <For each={lines()}>
          {({ label, value }) => (
            <span class="min-w-0 break-words">
              <Show when={label}>
                <span class="text-ink-3">{label} </span>
              </Show>
              {value}
            </span>
          )}
        </For>
      </p>
    </Show>
  );
}

export function actorWords({ kind, name, id }: AuditEntry["actor"]): string {
  if (kind === "command") return "Command on the server";
  if (kind === "pulse") return "Pulse";
  const called = name ?? id ?? "";
  return kind === "token" ? `Token ${called}` : called || "Somebody who is gone";
}
