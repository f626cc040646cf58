import { createSignal, Show } from "solid-js";
import type { NewPassword } from "../../../server/contract/people.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";
import { emailFault } from "../sign-in/new-account.ts";
import { Given } from "./hand-over.tsx";

export function NewPerson(props: { onAdded: () => void; onClose: () => void }) {
  const [email, setEmail] = createSignal("");
  const [name, setName] = createSignal("");
  const [operator, setOperator] = createSignal(false);
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const [given, setGiven] = createSignal<NewPassword>();
  const taken = () => refusal()?.reason === "already_exists";
  const emailWrong = () =>
    (tried() ? emailFault(email()) : undefined) ??
    refusal()?.fields["email"] ??
    (taken() ? refusal()?.words : undefined);
  const elsewhere = () => {
    const refused = refusal();
    return refused && !taken() && Object.keys(refused.fields).length === 0 ? refused.words : undefined;
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (emailFault(email())) return focusWrong(form);
    setBusy(true);
    const called = name().trim();
    try {
      const person = { email: email().trim(), operator: operator(), ...(called && { name: called }) };
      setGiven(await withFreshSession(() => api.system.createPerson.mutate(person)));
      props.onAdded();
    } catch (error) {
      setRefusal(explain(error));
      focusWrong(form);
    }
    setBusy(false);
  };

  const form = () => (
    <form class="space-y-4 overflow-y-auto px-5 pt-2 pb-5" onSubmit={submit} noValidate>
      <Show when={elsewhere()}>
        {(words) => (
          <Notice level="critical" alert>
            {words()}
          </Notice>
        )}
      </Show>
      <Field
        label="E-mail"
        type="email"
        autocomplete="off"
        autofocus
        value={email()}
        onInput={(value) => {
          setEmail(value);
          setRefusal(undefined);
        }}
        error={emailWrong()}
        help="What they sign in with. Nothing is sent to it."
      />
      <Field
        label="Name"
        optional
        autocomplete="off"
        maxLength={80}
        value={name()}
        onInput={setName}
        error={refusal()?.fields["name"]}
      />
      <label class="flex gap-2.5">
        <input
          type="checkbox"
          class="mt-[3px] size-3.5 shrink-0 accent-accent"
          checked={operator()}
          onChange={(event) => setOperator(event.currentTarget.checked)}
        />
        <span>
          <span class="font-medium">Operates this server</span>{" "}
          <span class="text-ink-2">May add people, reset passwords and see the server’s audit.</span>
        </span>
      </label>
      <p class="text-sm text-ink-2">Pulse makes a password, which you see once on the next screen.</p>
      <div class="flex justify-end gap-2">
        <Button look="quiet" onClick={() => props.onClose()}>
          Cancel
        </Button>
        <Button type="submit" look="primary" busy={busy()}>
          Add
        </Button>
      </div>
    </form>
  );

  return (
    <Layer
      label={given() ? `${given()?.person.name} can sign in now` : "Add a person"}
      heading
      onClose={props.onClose}
    >
      <Show when={given()} fallback={form()}>
        {(handed) => <Given given={handed()} onClose={props.onClose} />}
      </Show>
    </Layer>
  );
}
