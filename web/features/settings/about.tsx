import { For, Show } from "solid-js";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { duration, moment } from "../../ui/format.ts";

export function About() {
  const status = createAnswer(
    () => true,
    () => api.system.status.query(),
  );
  const rows = () => {
    const known = status.value();
    return [
      [
        "Version",
        known
          ? [known.version, known.commit && `(${known.commit.slice(0, 9)})`].filter(Boolean).join(" ")
          : "",
      ],
      ["Runtime", known?.runtime ?? ""],
      ["SQLite", known?.sqlite ?? ""],
      [
        "Running for",
        known ? `${duration((now() - known.startedAt) / 1_000)}, since ${moment(known.startedAt)}` : "",
      ],
    ] as const;
  };
  return (
    <Show when={!status.refusal()} fallback={<p class="text-ink-2">{status.refusal()?.words}</p>}>
      <dl class="grid grid-cols-[auto_minmax(0,1fr)] gap-x-8 gap-y-1.5">
        <For each={rows()}>
          {([label, words]) => (
            <>
              <dt class="text-ink-2">{label}</dt>
              <dd class="min-h-5 break-words">{words}</dd>
            </>
          )}
        </For>
      </dl>
    </Show>
  );
}
