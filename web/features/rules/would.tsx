import { A } from "@solidjs/router";
import { createEffect, createSignal, For, on, onCleanup, Show } from "solid-js";
import type { RuleTrial, TryRuleInput } from "../../../server/contract/alerts.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { picture } from "../../state/live.ts";
import { plural } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { pathOf } from "../resource/path.ts";

/** So long after the last key the server is asked. */
const TYPED_MS = 300;

/** What a change would find wrong now, before it is made. */
export function Would(props: { asked: TryRuleInput }) {
  const [question, setQuestion] = createSignal<string>();
  createEffect(
    on(
      () => JSON.stringify(props.asked),
      (asked) => {
        const timer = setTimeout(() => setQuestion(asked), TYPED_MS);
        onCleanup(() => clearTimeout(timer));
      },
    ),
  );
  const trial = createAnswer(question, (asked) => api.alerts.tryRule.query(JSON.parse(asked)));
  return <Show when={trial.value()}>{(found) => <Found trial={found()} />}</Show>;
}

function Found(props: { trial: RuleTrial }) {
  const words = () => {
    const { found, critical } = props.trial;
    if (found === 0) return "Nothing there is beyond that now.";
    const bad = critical > 0 ? `, ${critical === found ? "all" : critical} critical` : "";
    return `${plural(found, "thing is", "things are")} beyond that now${bad}:`;
  };
  return (
    <>
      <p class="mt-0.5 text-ink-2">{words()}</p>
      <ul class="mt-0.5">
        <For each={props.trial.examples}>
          {({ subject, level, words: said, about }) => (
            <li class="flex items-baseline gap-2 text-sm">
              <LevelMark level={level} label={level === "critical" ? "Critical" : "Warning"} />
              <span class="min-w-0 break-words">
                <A
                  class="font-medium hover:underline"
                  href={pathOf(picture.resources[subject.id] ?? { ...subject, sources: [] })}
                >
                  {subject.name}
                  {about === "part" ? ":" : ""}
                </A>{" "}
                {said}
              </span>
            </li>
          )}
        </For>
        <Show when={props.trial.found > props.trial.examples.length}>
          <li class="text-sm text-ink-2">and {props.trial.found - props.trial.examples.length} more</li>
        </Show>
      </ul>
    </>
  );
}
