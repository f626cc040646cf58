import { createSignal, For, Show } from "solid-js";
import type { AlertLevel, RuleInfo, RuleName } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { picture } from "../../state/live.ts";
import { moment } from "../../ui/format.ts";
import { ManyPicker } from "../../ui/many-picker.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Select } from "../../ui/select.tsx";
import { chosenResource, findResources } from "../scope/options.ts";
import { Tellings } from "./tellings.tsx";

/** Who would be told if something happened now, as the routes are saved. Asked again when `news` is another. */
export function WouldBeTold(props: { news: string }) {
  const [resourceId, setResourceId] = createSignal<ResourceId>();
  const [wanted, setWanted] = createSignal<RuleName>();
  const [level, setLevel] = createSignal<AlertLevel>("critical");
  const known = createAnswer(
    () => resourceId() && true,
    () => api.alerts.rules.query(),
  );
  const rules = (): RuleInfo[] => {
    const kind = picture.resources[resourceId() ?? ""]?.kind;
    const all = known.value()?.rules ?? [];
    return all.filter(({ kinds, off }) => !off && (!kinds || (kind !== undefined && kinds.includes(kind))));
  };
  const rule = () => rules().find(({ name }) => name === wanted()) ?? rules()[0];
  const question = () => {
    const [id, named] = [resourceId(), rule()?.name];
    return id && named && { resourceId: id, rule: named, level: level(), news: props.news };
  };
  const answer = createAnswer(
    () => JSON.stringify(question()),
    (asked) => {
      const { news: _, ...input } = JSON.parse(asked) as NonNullable<ReturnType<typeof question>> & object;
      return api.notifications.diagnose.query(input as never);
    },
  );
  return (
    <details class="mt-3">
      <summary class="-mx-2 w-fit rounded-md px-2 py-1 font-medium text-ink-2 hover:text-ink">
        Who would be told?
      </summary>
      <div class="mt-1 max-w-xl space-y-4">
        <p class="text-sm text-ink-2">As the routes are saved now.</p>
        <ManyPicker
          label="What it is about"
          one
          none="A machine, a container, a check"
          chosen={resourceId() ? [chosenResource(resourceId() ?? "")] : []}
          find={findResources}
          onChange={([id]) => setResourceId(id as ResourceId | undefined)}
        />
        <Show when={resourceId() && rule()}>
          {(chosen) => (
            <div class="flex flex-wrap items-end gap-x-4 gap-y-3">
              <div class="min-w-0 flex-1 basis-60">
                <Select
                  label="Rule"
                  value={chosen().name}
                  options={rules().map(({ name, title }) => ({ value: name, label: title }))}
                  onChoose={setWanted}
                />
              </div>
              <Segments
                label="How bad"
                value={level()}
                onChoose={setLevel}
                options={[
                  { value: "warning", label: "Warning" },
                  { value: "critical", label: "Critical" },
                ]}
              />
            </div>
          )}
        </Show>
        <div role="status">
          <Show when={answer.refusal()}>{(refused) => <Notice>{refused().words}</Notice>}</Show>
          <Show when={resourceId() && answer.value()}>
            {(found) => (
              <div class="space-y-2">
                <p class="font-medium">{found().answer}</p>
                <For each={found().moments}>{({ tellings }) => <Tellings tellings={tellings} />}</For>
                <Show when={found().next}>
                  {(next) => (
                    <p class="text-ink-2">
                      {moment(next().at).slice(0, -3)}: {next().says}
                    </p>
                  )}
                </Show>
              </div>
            )}
          </Show>
        </div>
      </div>
    </details>
  );
}
