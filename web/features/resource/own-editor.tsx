import { useNavigate } from "@solidjs/router";
import { createSignal, createUniqueId, onMount, Show } from "solid-js";
import type { Resource, UpdateResourceInput } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { isMachine } from "../../state/inventory.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SameAs } from "./same-as.tsx";
import { listOfTags } from "./tags.ts";

/** The contract's limits, which are checked there. */
const NOTES_MAX = 10_000;
const LINK_MAX = 2_000;
const NAME_MAX = 200;

/** The same words where they are read, to be changed. */
export function OwnEditor(props: { resource: Resource; onClose: () => void }) {
  const navigate = useNavigate();
  let form: HTMLFormElement | undefined;
  const { own } = props.resource;
  const [name, setName] = createSignal(own?.name ?? "");
  const [tags, setTags] = createSignal(own?.tags?.join(", ") ?? "");
  const [link, setLink] = createSignal(own?.link ?? "");
  const [notes, setNotes] = createSignal(own?.notes ?? "");
  const [expectedOff, setExpectedOff] = createSignal(own?.expectedOff ?? false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const [asking, setAsking] = createSignal<"forget" | "same">();
  const wrong = (field: string) =>
    Object.entries(refusal()?.fields ?? {}).find(
      ([path]) => path === field || path.startsWith(`${field}.`),
    )?.[1];
  onMount(() => form?.querySelector("input")?.focus());

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    const wanted = listOfTags(tags());
    const change: UpdateResourceInput = {
      id: props.resource.id,
      name: name().trim() || null,
      tags: wanted.length > 0 ? wanted : null,
      link: withScheme(link()) || null,
      notes: notes().trim() || null,
      expectedOff: expectedOff(),
    };
    try {
      await api.resources.update.mutate(change);
      props.onClose();
    } catch (error) {
      setRefusal(explain(error));
      if (form) focusWrong(form);
    }
    setBusy(false);
  };

  return (
    <form
      ref={form}
      noValidate
      aria-label={`About ${props.resource.name}`}
      class="max-w-xl space-y-4 rounded-lg border border-line bg-surface p-4"
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || asking()) return;
        event.preventDefault();
        props.onClose();
      }}
    >
      <Field
        label="Name"
        optional
        value={name()}
        maxLength={NAME_MAX}
        help={
          own?.name ? "Empty gives back the name it reports." : `It reports itself as ${props.resource.name}.`
        }
        error={wrong("name")}
        onInput={setName}
      />
      <Field
        label="Tags"
        optional
        value={tags()}
        maxLength={1_000}
        help="Apart by commas: basement, prod"
        error={wrong("tags")}
        onInput={setTags}
      />
      <Field
        label="Web page"
        optional
        value={link()}
        maxLength={LINK_MAX}
        help="Its own pages, or what you wrote about it."
        error={wrong("link")}
        onInput={setLink}
      />
      <Notes value={notes()} error={wrong("notes")} onInput={setNotes} />
      <label class="flex items-start gap-2.5">
        <input
          type="checkbox"
          class="mt-1 size-3.5 accent-accent"
          checked={expectedOff()}
          onChange={(event) => setExpectedOff(event.currentTarget.checked)}
        />
        <span>
          Off now and then
          <span class="block text-sm text-ink-2">Its silence is no problem and is not told of.</span>
        </span>
      </label>
      <Show when={refusal() && Object.keys(refusal()?.fields ?? {}).length === 0}>
        <Notice level="critical" alert>
          {refusal()?.words}
        </Notice>
      </Show>
      <div class="flex flex-wrap items-center gap-2 border-t border-line pt-4">
        <Button look="danger" onClick={() => setAsking("forget")}>
          Forget…
        </Button>
        <Show when={isMachine(props.resource)}>
          <Button onClick={() => setAsking("same")}>Same as…</Button>
        </Show>
        <span class="ml-auto flex gap-2">
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button type="submit" look="primary" busy={busy()}>
            Save
          </Button>
        </span>
      </div>
      <Show when={asking() === "forget"}>
        <Confirm
          title={`Forget ${props.resource.name}?`}
          verb="Forget"
          typed={props.resource.name}
          act={async () => {
            await api.resources.forget.mutate({ id: props.resource.id });
            toast(`${props.resource.name} is forgotten.`);
            navigate("/resources");
          }}
          onClose={() => setAsking(undefined)}
        >
          <p>
            It goes with all its parts, its history and what was said about it. If something still reports it,
            it comes back as new.
          </p>
        </Confirm>
      </Show>
      <Show when={asking() === "same"}>
        <SameAs
          machine={props.resource}
          onClose={(merged) => {
            setAsking(undefined);
            if (merged) props.onClose();
          }}
        />
      </Show>
    </form>
  );
}

function Notes(props: { value: string; error: string | undefined; onInput: (text: string) => void }) {
  const id = createUniqueId();
  return (
    <div>
      <div class="mb-1.5 flex items-baseline justify-between">
        <label for={id} class="font-medium">
          Notes
        </label>
        <span class="text-sm text-ink-3">optional</span>
      </div>
      <textarea
        id={id}
        rows="4"
        maxLength={NOTES_MAX}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={props.error ? `${id}-below` : undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        class="w-full rounded-md border border-line-strong bg-surface px-3 py-2 text-[16px] outline-accent aria-invalid:border-bad-fill focus:outline-2 focus:-outline-offset-1 sm:text-base"
      >
        {props.value}
      </textarea>
      <p id={`${id}-below`} class="mt-1.5 text-sm text-bad empty:hidden">
        {props.error ?? ""}
      </p>
    </div>
  );
}

/** "nas.lan" is meant as an address as well. */
function withScheme(link: string): string {
  const text = link.trim();
  return text && !/^[a-z][a-z0-9+.-]*:/i.test(text) ? `https://${text}` : text;
}
