import { createSignal, For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { NewToken as Made, Scope } from "../../../server/contract/tokens.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { extension, type TokenReach } from "../../state/extension.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { moment } from "../../ui/format.ts";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { endOf, LIFETIMES, type Lifetime } from "./lifetime.ts";
import { MadeToken } from "./made-token.tsx";
import { isIncluded, SCOPES, toggled, withoutIncluded } from "./scopes.ts";

/** What a token is to be able to do; then its secret, once. */
export function NewToken(props: { onMade: () => void; onClose: () => void }) {
  const [name, setName] = createSignal("");
  const [scopes, setScopes] = createSignal<Scope[]>(["read"]);
  const [lifetime, setLifetime] = createSignal<Lifetime>("90");
  const [reach, setReach] = createSignal<TokenReach>({ input: {}, headers: [] });
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const [made, setMade] = createSignal<Made>();
  const end = () => endOf(lifetime(), serverNow());
  const nameFault = () => {
    if (tried() && !name().trim()) return "Give it a name: what will use it, for example “backup script”.";
    return refusal()?.fields["name"];
  };
  const scopeFault = () => (tried() && scopes().length === 0 ? "Choose at least one." : undefined);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (nameFault() || scopeFault()) return focusWrong(form);
    setBusy(true);
    const expiresAt = end();
    try {
      const token = await api.tokens.create.mutate({
        name: name().trim(),
        scopes: withoutIncluded(scopes()),
        ...(expiresAt !== undefined && { expiresAt }),
        ...reach().input,
      });
      setMade(token);
      props.onMade();
    } catch (error) {
      setRefusal(explain(error));
      focusWrong(form);
    }
    setBusy(false);
  };

  const form = () => (
    <form class="flex min-h-0 flex-col" onSubmit={submit} noValidate>
      <div class="space-y-4 overflow-y-auto px-5 pt-2 pb-4">
        <Show when={refusal() && !refusal()?.fields["name"]}>
          <Notice level="critical" alert>
            {refusal()?.words}
          </Notice>
        </Show>
        <Field
          label="Name"
          value={name()}
          onInput={setName}
          maxLength={80}
          autocomplete="off"
          autofocus
          error={nameFault()}
          help="What will use it."
        />
        <fieldset aria-invalid={scopeFault() ? "true" : undefined}>
          <legend class="mb-1.5 font-medium">It may</legend>
          <For each={SCOPES}>
            {({ scope, words }) => (
              <label class="flex gap-2.5 py-1">
                <input
                  type="checkbox"
                  class="mt-[3px] size-3.5 shrink-0 accent-accent"
                  checked={scopes().includes(scope) || isIncluded(scopes(), scope)}
                  disabled={isIncluded(scopes(), scope)}
                  onChange={() => setScopes(toggled(scopes(), scope))}
                />
                <span>
                  <span class="font-medium">{scope}</span> <span class="text-ink-2">{words}</span>
                </span>
              </label>
            )}
          </For>
          <p class="mt-1 text-sm text-bad empty:hidden">{scopeFault() ?? ""}</p>
        </fieldset>
        <Show when={extension()}>
          {(further) => <Dynamic component={further().TokenReachPicker} onChoose={setReach} />}
        </Show>
        <Select
          label="It is good for"
          options={LIFETIMES}
          value={lifetime()}
          onChoose={setLifetime}
          help={endWords(end())}
        />
      </div>
      <div class="flex justify-end gap-2 border-t border-line px-5 py-3">
        <Button look="quiet" onClick={() => props.onClose()}>
          Cancel
        </Button>
        <Button type="submit" look="primary" busy={busy()}>
          Create token
        </Button>
      </div>
    </form>
  );

  return (
    <Layer label={made() ? "Token created" : "New token"} heading class="max-w-lg" onClose={props.onClose}>
      <Show when={made()} fallback={form()}>
        {(token) => (
          <MadeToken
            token={token().token}
            scopes={scopes()}
            headers={reach().headers}
            onClose={props.onClose}
          />
        )}
      </Show>
    </Layer>
  );
}

function endWords(end: number | undefined): string {
  return end === undefined ? "Revoke it when nothing uses it any more." : `Until ${moment(end)}.`;
}
