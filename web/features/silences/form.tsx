import { createMemo, createSignal, type JSX, Show } from "solid-js";
import type { Silence, SilenceScope } from "../../../server/contract/alerts.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { ownTimeZone } from "../../ui/time-zones.ts";
import { coveredBy } from "../scope/covers.ts";
import { ScopePicker } from "../scope/scope-picker.tsx";
import { coveredWords } from "../scope/words.ts";
import { newWhen, readWhen, type WhenFaults, whenDraftOf } from "./draft.ts";
import { WhenFields } from "./when-fields.tsx";
import { whenWords } from "./words.ts";

interface SilenceFormProps {
  /** The one to change; absent for a new one. */
  silence?: Silence | undefined;
  /** What a new one begins with. */
  name?: string;
  scope?: SilenceScope;
  onSaved: (silence: Silence) => void;
  /** Beside the button that saves. */
  children?: JSX.Element;
}

const NAME_MAX = 100;

export function SilenceForm(props: SilenceFormProps) {
  const { silence } = props;
  const [name, setName] = createSignal(silence?.name ?? props.name ?? "");
  const [scope, setScope] = createSignal<SilenceScope>(silence?.scope ?? props.scope ?? {});
  const [when, setWhen] = createSignal(
    silence ? whenDraftOf(silence.when, serverNow(), ownTimeZone()) : newWhen(serverNow(), ownTimeZone()),
  );
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  let form: HTMLFormElement | undefined;

  const read = createMemo(() => readWhen(when(), serverNow()));
  const nameFault = () => (name().trim() === "" ? "What it is for, like Patch day." : undefined);
  const told = (prefix: string) => within(refusal()?.fields ?? {}, prefix);
  const faults = (): WhenFaults => ({ ...toldOfWhen(told("when.")), ...(tried() ? read().faults : {}) });
  const covered = createMemo(() => coveredBy(scope()));
  const isEverything = () => Object.keys(scope()).length === 0;

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    setRefusal(undefined);
    const wanted = read().when;
    if (!wanted || nameFault()) return form && focusWrong(form);
    setBusy(true);
    try {
      const input = { name: name().trim(), scope: scope(), when: wanted };
      const saved = silence
        ? await api.alerts.updateSilence.mutate({ id: silence.id, ...input })
        : await api.alerts.createSilence.mutate(input);
      props.onSaved(saved.silence);
    } catch (error) {
      setRefusal(explain(error));
      queueMicrotask(() => form && focusWrong(form));
    }
    setBusy(false);
  };
  return (
    <form ref={form} class="max-w-xl space-y-7" onSubmit={save} noValidate>
      <Field
        label="Name"
        value={name()}
        onInput={setName}
        maxLength={NAME_MAX}
        autocomplete="off"
        autofocus={!silence && !props.name}
        error={(tried() ? nameFault() : undefined) ?? told("name")[""]}
      />
      <WhenFields draft={when()} onChange={setWhen} faults={faults()} />
      <fieldset>
        <legend class="mb-1.5 text-base font-semibold">Whom</legend>
        <p class="mb-4 text-ink-2">What fits all of this.</p>
        <ScopePicker value={scope()} onChange={setScope} errors={told("scope.")} />
        <div class="mt-4" role="status">
          <Show when={isEverything()} fallback={<p class="font-medium">{coveredWords(covered())}</p>}>
            <Notice level="warning">
              Nothing is named, so this covers everything: nobody is told of anything while it lasts.{" "}
              {coveredWords(covered())}
            </Notice>
          </Show>
        </div>
      </fieldset>
      <div role="status">
        <Show when={read().when}>
          {(wanted) => (
            <p>
              Quiet: <span class="font-medium">{whenWords(wanted(), ownTimeZone())}</span>. What goes wrong
              then is recorded, and nobody is told.
            </p>
          )}
        </Show>
      </div>
      <Show when={refusal()}>
        {(refused) => (
          <Notice level="critical" alert>
            {refused().words}
          </Notice>
        )}
      </Show>
      <div class="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button type="submit" look="primary" busy={busy()}>
          {silence ? "Save" : "Make the silence"}
        </Button>
        {props.children}
      </div>
    </form>
  );
}

/** What stands below a path, by the rest of it. */
function within(fields: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, words]) => [path.slice(prefix.length), words]),
  );
}

/** Once, both times have other names on the page. */
function toldOfWhen({ from, to, ...fields }: Record<string, string>): WhenFaults {
  const both = { ...(from && { from, begins: from }), ...(to && { to, ends: to }) };
  return { ...fields, ...both };
}
