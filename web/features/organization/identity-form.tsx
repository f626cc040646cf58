import { createSignal, Show } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { refreshMe } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { goTo, homeOf } from "./moving.ts";
import { slugFault } from "./slug.ts";

export function IdentityForm(props: { org: Org }) {
  const [name, setName] = createSignal(props.org.name);
  const [slug, setSlug] = createSignal(props.org.slug);
  const [domain, setDomain] = createSignal(props.org.primaryDomain ?? "");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const changes = () => ({
    ...(name().trim() !== props.org.name && { name: name().trim() }),
    ...(slug() !== props.org.slug && { slug: slug() }),
    ...(domain().trim() !== (props.org.primaryDomain ?? "") && {
      primaryDomain: domain().trim().toLowerCase() || null,
    }),
  });
  const isChanged = () => Object.keys(changes()).length > 0;
  const taken = () => refusal()?.reason === "already_exists";
  const wrongName = () => (tried() && !name().trim() ? "Give it a name." : refusal()?.fields["name"]);
  const wrongSlug = () => {
    if (taken() && changes().slug) return "Another organization has this address.";
    return (tried() ? slugFault(slug()) : undefined) ?? refusal()?.fields["slug"];
  };
  const wrongDomain = () => {
    if (taken() && !changes().slug) return "Another organization has this domain.";
    return refusal()?.fields["primaryDomain"];
  };
  const general = () => {
    const refused = refusal();
    return refused && !taken() && Object.keys(refused.fields).length === 0 ? refused.words : undefined;
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (!name().trim() || slugFault(slug())) return focusWrong(form);
    if (!isChanged()) return;
    setBusy(true);
    try {
      const before = props.org.slug;
      const { org } = await api.orgs.update.mutate(changes());
      await refreshMe();
      setDomain(org.primaryDomain ?? "");
      if (org.slug !== before) goTo(`${homeOf(org.slug)}settings/organization`);
      toast("Saved.");
    } catch (error) {
      setRefusal(explain(error));
      focusWrong(form);
    }
    setBusy(false);
  };

  return (
    <form class="max-w-sm space-y-4" onSubmit={submit} noValidate>
      <Show when={general()}>
        {(words) => (
          <Notice level="critical" alert>
            {words()}
          </Notice>
        )}
      </Show>
      <Field
        label="Name"
        maxLength={80}
        autocomplete="off"
        value={name()}
        onInput={setName}
        error={wrongName()}
      />
      <Field
        label="Address"
        maxLength={40}
        autocomplete="off"
        value={slug()}
        onInput={setSlug}
        error={wrongSlug()}
        help={
          slug() === props.org.slug
            ? `${location.host}/o/${props.org.slug}/`
            : "Links to the address it has now stop working."
        }
      />
      <Field
        label="Primary domain"
        optional
        maxLength={253}
        autocomplete="off"
        value={domain()}
        onInput={setDomain}
        error={wrongDomain()}
        help="A host name of its own, like monitoring.example.org, that leads to this server."
      />
      <Button type="submit" busy={busy()} disabled={!isChanged()}>
        Save
      </Button>
    </form>
  );
}
