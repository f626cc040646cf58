import { createSignal, For, Show } from "solid-js";
import type { OrgOverview } from "../../../server/contract/orgs.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { changesOf, LIMIT_NAMES, LIMIT_WORDS, limitFault, textsOf } from "./limit-words.ts";

export function Limits(props: { org: OrgOverview; onSet: () => void; onClose: () => void }) {
  const [texts, setTexts] = createSignal(textsOf(props.org.limits));
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (LIMIT_NAMES.some((name) => limitFault(name, texts()[name]))) return focusWrong(form);
    setBusy(true);
    try {
      const limits = changesOf(props.org.limits, texts());
      if (Object.keys(limits).length > 0) await api.orgs.setLimits.mutate({ org: props.org.id, limits });
      toast(`Limits of ${props.org.name} are set.`);
      props.onSet();
      props.onClose();
    } catch (error) {
      setRefusal(explain(error));
      focusWrong(form);
    }
    setBusy(false);
  };

  return (
    <Layer label={`Limits of ${props.org.name}`} heading class="max-w-xl" onClose={props.onClose}>
      <form class="flex min-h-0 flex-col" onSubmit={submit} noValidate>
        <div class="space-y-4 overflow-y-auto px-5 pt-1 pb-4">
          <p class="text-ink-2">
            Empty is the standard value. A lower limit takes nothing away: it only lets nothing further in.
          </p>
          <Show when={refusal() && Object.keys(refusal()?.fields ?? {}).length === 0}>
            <Notice level="critical" alert>
              {refusal()?.words}
            </Notice>
          </Show>
          <div class="grid gap-x-5 gap-y-4 sm:grid-cols-2">
            <For each={LIMIT_NAMES}>
              {(name) => (
                <Field
                  label={LIMIT_WORDS[name].label}
                  value={texts()[name]}
                  maxLength={9}
                  autocomplete="off"
                  onInput={(text) => setTexts({ ...texts(), [name]: text })}
                  error={
                    (tried() ? limitFault(name, texts()[name]) : undefined) ??
                    refusal()?.fields[`limits.${name}`]
                  }
                  help={`Standard ${figure(LIMIT_WORDS[name].standard)}, at most ${figure(LIMIT_WORDS[name].ceiling)}.`}
                />
              )}
            </For>
          </div>
        </div>
        <div class="flex justify-end gap-2 border-t border-line px-5 py-3">
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button type="submit" look="primary" busy={busy()}>
            Set limits
          </Button>
        </div>
      </form>
    </Layer>
  );
}

function figure(value: number): string {
  return value.toLocaleString("en-US");
}
