import { createSignal, Show } from "solid-js";
import type { NewInvitation } from "../../../server/contract/members.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { moment } from "../../ui/format.ts";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { mayWords } from "../invitation/words.ts";
import { type GivenRole, ROLE_OPTIONS } from "./names.ts";

/** Asks whom and as what; then shows the link, which cannot be shown a second time. */
export function Invite(props: { onInvited: () => void; onClose: () => void }) {
  const [made, setMade] = createSignal<{ invitation: NewInvitation; email: string }>();
  return (
    <Layer label={made() ? "Invitation" : "Invite somebody"} heading onClose={props.onClose}>
      <Show
        when={made()}
        fallback={
          <InviteForm
            onMade={(invitation, email) => {
              setMade({ invitation, email });
              props.onInvited();
            }}
            onClose={props.onClose}
          />
        }
      >
        {(done) => (
          <div class="space-y-4 overflow-y-auto px-5 pt-1 pb-5">
            <p class="text-ink-2" role="status">
              Send this link to <span class="break-all text-ink">{done().email}</span>. It is shown only now,
              works once and for this address only, until {moment(done().invitation.expiresAt)}. Whoever has
              an account here also finds the invitation after signing in.
            </p>
            <Copyable label="Link" text={done().invitation.link} />
            <div class="flex justify-end">
              <Button look="primary" onClick={() => props.onClose()}>
                Done
              </Button>
            </div>
          </div>
        )}
      </Show>
    </Layer>
  );
}

function InviteForm(props: { onMade: (made: NewInvitation, email: string) => void; onClose: () => void }) {
  const [email, setEmail] = createSignal("");
  const [role, setRole] = createSignal<GivenRole>("viewer");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const isEmail = () => /^[^\s@]+@[^\s@]+$/.test(email().trim());
  const wrongEmail = () => {
    if (refusal()?.reason === "already_exists" || refusal()?.reason === "conflict") return refusal()?.words;
    return tried() && !isEmail() ? "Must look like name@example.org." : refusal()?.fields["email"];
  };
  const general = () => (refusal() && !wrongEmail() ? refusal()?.words : undefined);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (!isEmail()) return focusWrong(form);
    setBusy(true);
    try {
      const to = email().trim();
      const { invitation } = await api.members.invite.mutate({ email: to, role: role() });
      props.onMade(invitation, to);
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      focusWrong(form);
    }
  };

  return (
    <form class="space-y-4 overflow-y-auto px-5 pt-1 pb-5" onSubmit={submit} noValidate>
      <Show when={general()}>
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
        onInput={setEmail}
        error={wrongEmail()}
      />
      <Select
        label="Role"
        options={ROLE_OPTIONS}
        value={role()}
        onChoose={setRole}
        help={`May ${mayWords(role())}.`}
      />
      <div class="flex justify-end gap-2">
        <Button look="quiet" onClick={() => props.onClose()}>
          Cancel
        </Button>
        <Button type="submit" look="primary" busy={busy()}>
          Make the link
        </Button>
      </div>
    </form>
  );
}
