import { createSignal, For, Show } from "solid-js";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { moment } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { endOf, LIFETIMES, type Lifetime } from "./lifetime.ts";
import type { Made } from "./page.tsx";

const CHOICES = [
  {
    universal: false,
    label: "One machine",
    words: "The line is good for one machine, once, within a week.",
  },
  {
    universal: true,
    label: "Any number of machines",
    words: "The same line for each of them: for an image, a playbook, a whole rack.",
  },
] as const;

/** How many, and until when. */
export function AddForm(props: { onMade: (made: Made) => void }) {
  const [universal, setUniversal] = createSignal(false);
  const [name, setName] = createSignal("");
  const [lifetime, setLifetime] = createSignal<Lifetime>("24");
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (busy()) return;
    setBusy(true);
    setRefusal(undefined);
    const madeAt = serverNow();
    try {
      const enrolled = await api.agents.enroll.mutate({
        ...(name().trim() && { name: name().trim() }),
        ...(universal() && { universal: true, expiresAt: Math.round(endOf(lifetime(), madeAt)) }),
      });
      props.onMade({ ...enrolled, universal: universal(), madeAt });
    } catch (error) {
      setRefusal(explain(error));
      focusWrong(form);
    }
    setBusy(false);
  };

  return (
    <form class="mt-6 space-y-5" onSubmit={submit} noValidate>
      <Show when={refusal() && !refusal()?.fields["name"]}>
        <Notice level="critical" alert>
          {refusal()?.words}
        </Notice>
      </Show>
      <fieldset class="grid gap-3 sm:grid-cols-2">
        <legend class="mb-1.5 font-medium">How many</legend>
        <For each={CHOICES}>
          {(choice) => (
            <label class="flex cursor-pointer gap-2.5 rounded-lg border border-line bg-surface px-3.5 py-3 hover:border-line-strong has-checked:border-accent has-checked:bg-accent-soft">
              <input
                type="radio"
                name="how-many"
                class="mt-[3px] size-3.5 shrink-0 accent-accent"
                checked={universal() === choice.universal}
                onChange={() => setUniversal(choice.universal)}
              />
              <span>
                <span class="font-medium">{choice.label}</span>
                <span class="block text-sm text-ink-2">{choice.words}</span>
              </span>
            </label>
          )}
        </For>
      </fieldset>
      <Field
        label={universal() ? "Name of the token" : "Name"}
        value={name()}
        onInput={setName}
        optional
        maxLength={80}
        autocomplete="off"
        error={refusal()?.fields["name"]}
        help={
          universal()
            ? "For the list of open tokens, for example “rack 4”. Machines are called what they call themselves."
            : "What it is called until it reports; then it is called what it calls itself."
        }
      />
      <Show when={universal()}>
        <Select
          label="Machines can begin within"
          options={LIFETIMES}
          value={lifetime()}
          onChoose={setLifetime}
          help={`Until ${moment(endOf(lifetime(), serverNow()))}. Those that report by then go on for good.`}
        />
      </Show>
      <Button type="submit" look="primary" busy={busy()}>
        Show the line
      </Button>
    </form>
  );
}
