import { createSignal, Show } from "solid-js";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { refreshMe } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { goTo, homeOf } from "./moving.ts";
import { slugFault, slugFrom } from "./slug.ts";

export function CreatePage() {
  const [name, setName] = createSignal("");
  const [typedSlug, setTypedSlug] = createSignal<string>();
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  // Follows the name until someone has chosen another one.
  const slug = () => typedSlug() ?? slugFrom(name());
  const wrongName = () => (tried() && !name().trim() ? "Give it a name." : refusal()?.fields["name"]);
  const wrongSlug = () => {
    if (refusal()?.reason === "already_exists") return "Another organization has this address.";
    return (tried() ? slugFault(slug()) : undefined) ?? refusal()?.fields["slug"];
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (!name().trim() || slugFault(slug())) return focusWrong(form);
    setBusy(true);
    try {
      const { org } = await api.orgs.create.mutate({ name: name().trim(), slug: slug() });
      await refreshMe();
      goTo(homeOf(org.slug));
      toast(`${org.name} is there.`);
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      focusWrong(form);
    }
  };

  return (
    <div class="max-w-sm">
      <h1 class="text-xl font-semibold tracking-tight">Create an organization</h1>
      <p class="mt-0.5 text-ink-2">
        It has its own machines, people and history; nobody else sees any of it. You become its owner.
      </p>
      <form class="mt-6 space-y-4" onSubmit={submit} noValidate>
        <Show when={generalWords(refusal())}>
          {(words) => (
            <Notice level="critical" alert>
              {words()}
            </Notice>
          )}
        </Show>
        <Field
          label="Name"
          autofocus
          autocomplete="organization"
          maxLength={80}
          value={name()}
          onInput={setName}
          error={wrongName()}
        />
        <Field
          label="Address"
          autocomplete="off"
          maxLength={40}
          value={slug()}
          onInput={(typed) => {
            setTypedSlug(typed || undefined);
            setRefusal(undefined);
          }}
          error={wrongSlug()}
          help={`${location.host}/o/${slug() || "…"}/`}
        />
        <Button type="submit" look="primary" busy={busy()}>
          Create organization
        </Button>
      </form>
    </div>
  );
}

function generalWords(refusal: Refusal | undefined): string | undefined {
  if (!refusal || refusal.reason === "already_exists" || Object.keys(refusal.fields).length > 0)
    return undefined;
  if (refusal.reason === "role_required") {
    return "On this server only people who operate it create organizations. Ask one of them.";
  }
  return refusal.words;
}
