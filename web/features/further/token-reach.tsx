import { createSignal, For, onMount, Show } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import type { TokenInfo } from "../../../server/contract/tokens.ts";
import { place } from "../../api/org-context.ts";
import type { TokenReachPickerProps } from "../../state/extension.ts";
import { me } from "../../state/session.ts";

/** The organizations a token is bound to, where there is more than the one it is shown in. */
export function TokenReach(props: { token: TokenInfo }) {
  return (
    <Show when={props.token.orgs?.length}>
      <span> · for {props.token.orgs?.map(({ name }) => name).join(", ")}</span>
    </Show>
  );
}

/** Which of the organizations one administers a new token is for. */
export function TokenReachPicker(props: TokenReachPickerProps) {
  const here = () => place().slug ?? "default";
  const [chosen, setChosen] = createSignal<string[]>([here()]);
  const choices = () => (me()?.orgs ?? []).filter(isAdministered);
  const tell = (slugs: string[]) => {
    setChosen(slugs);
    const first = slugs[0];
    // A token for one organization means it; one for several has to be told.
    const headers = slugs.length > 1 && first ? [`x-pulse-org-id: ${first}`] : [];
    props.onChoose({ input: { orgs: slugs }, headers });
  };
  onMount(() => choices().length > 1 && tell(chosen()));
  const toggle = (slug: string) => {
    const rest = chosen().filter((each) => each !== slug);
    const next = rest.length === chosen().length ? [...rest, slug] : rest;
    if (next.length > 0) tell(next);
  };
  return (
    <Show when={choices().length > 1}>
      <fieldset>
        <legend class="mb-1.5 font-medium">In</legend>
        <div class="max-h-40 overflow-y-auto">
          <For each={choices()}>
            {(org) => (
              <label class="flex gap-2.5 py-1">
                <input
                  type="checkbox"
                  class="mt-[3px] size-3.5 shrink-0 accent-accent"
                  checked={chosen().includes(org.slug)}
                  disabled={chosen().length === 1 && chosen()[0] === org.slug}
                  onChange={() => toggle(org.slug)}
                />
                <span class="min-w-0 truncate">
                  {org.name} <span class="text-ink-2">{org.slug}</span>
                </span>
              </label>
            )}
          </For>
        </div>
        <p class="mt-1 text-sm text-ink-2">
          <Show when={chosen().length > 1} fallback="Only where you may administer.">
            Each call then says which one it is about, in the header x-pulse-org-id.
          </Show>
        </p>
      </fieldset>
    </Show>
  );
}

function isAdministered({ role, state }: Org): boolean {
  return state === "active" && (role === "admin" || role === "owner");
}
