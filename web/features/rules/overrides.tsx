import { createSignal, For, Show } from "solid-js";
import type { RuleInfo, RuleOverride } from "../../../server/contract/alerts.ts";
import { Button } from "../../ui/button.tsx";
import { keepFocus } from "../../ui/keep-focus.ts";
import { toast } from "../../ui/toast.tsx";
import { administers } from "../settings/links.ts";
import { AllOffForm } from "./all-off-form.tsx";
import type { Book } from "./book.ts";
import { ALL_RULES, isSamePlace, withoutOverride } from "./change.ts";
import { nameOfResource } from "./names.ts";
import { OverrideForm } from "./override-form.tsx";
import { createSaving } from "./saving.tsx";
import { changeWords, scopeOfOverride } from "./words.ts";

/** For whom a rule is different, and how. */
export function Overrides(props: { book: Book; rule: RuleInfo }) {
  const [making, setMaking] = createSignal<RuleOverride | "new">();
  const list = () =>
    (props.book.list()?.settings.overrides ?? []).filter(({ rule }) => rule === props.rule.name);
  const isMaking = (override: RuleOverride) => {
    const made = making();
    return typeof made === "object" && isSamePlace(made, override);
  };
  const close = () => setMaking(undefined);
  return (
    <section ref={keepFocus} aria-label="Different for">
      <Show when={list().length > 0}>
        <h2 class="font-semibold">Different for</h2>
        <ul class="mt-1 divide-y divide-line">
          <For each={list()}>
            {(override) => (
              <li class="py-1.5">
                <Show
                  when={isMaking(override)}
                  fallback={
                    <OverrideLine
                      book={props.book}
                      rule={props.rule}
                      override={override}
                      onEdit={() => {
                        props.book.begin();
                        setMaking(override);
                      }}
                    />
                  }
                >
                  <OverrideForm book={props.book} rule={props.rule} override={override} onClose={close} />
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={administers()}>
        <Show
          when={making() === "new"}
          fallback={
            <Button
              class="mt-2"
              onClick={() => {
                props.book.begin();
                setMaking("new");
              }}
            >
              Different for…
            </Button>
          }
        >
          <div class="mt-2">
            <OverrideForm book={props.book} rule={props.rule} onClose={close} />
          </div>
        </Show>
      </Show>
    </section>
  );
}

function OverrideLine(props: {
  book: Book;
  rule: RuleInfo | undefined;
  override: RuleOverride;
  onEdit?: () => void;
}) {
  const saving = createSaving(props.book);
  const scope = () => scopeOfOverride(props.override.scope, nameOfResource);
  const remove = async () => {
    const { override } = props;
    props.book.begin();
    if (!(await saving.run((settings) => withoutOverride(settings, override))))
      toast(saving.refusal()?.words ?? "");
  };
  return (
    <div class="flex flex-wrap items-baseline gap-x-4 gap-y-1">
      <div class="min-w-0 flex-1 basis-56">
        <span class="font-medium">{scope()}</span>: {changeWords(props.rule ?? {}, props.override.change)}
        <Show when={props.override.note}>
          {(note) => <p class="text-sm break-words whitespace-pre-line text-ink-2">{note()}</p>}
        </Show>
      </div>
      <Show when={administers()}>
        <span class="-mx-2 flex gap-1">
          <Show when={props.onEdit}>
            {(edit) => (
              <Button look="quiet" aria-label={`Change it for ${scope()}`} onClick={() => edit()()}>
                Change
              </Button>
            )}
          </Show>
          <Button
            look="quiet"
            busy={saving.busy()}
            aria-label={`Take it back for ${scope()}`}
            onClick={() => void remove()}
          >
            Take back
          </Button>
        </span>
      </Show>
    </div>
  );
}

/** What is said of every rule at once, mostly that it is off. */
export function OverridesOfAll(props: { book: Book }) {
  const [making, setMaking] = createSignal(false);
  const list = () => (props.book.list()?.settings.overrides ?? []).filter(({ rule }) => rule === ALL_RULES);
  return (
    <Show when={list().length > 0 || administers()}>
      <section ref={keepFocus} class="mt-8" aria-label="Every rule, different for">
        <h2 class="font-semibold">Every rule, different for</h2>
        <Show
          when={list().length > 0}
          fallback={<p class="mt-1 text-ink-2">Nothing so far. What may be in any state can be left out.</p>}
        >
          <ul class="mt-2 divide-y divide-line border-y border-line">
            <For each={list()}>
              {(override) => (
                <li class="py-1.5">
                  <OverrideLine book={props.book} rule={undefined} override={override} />
                </li>
              )}
            </For>
          </ul>
        </Show>
        <Show when={administers()}>
          <Show
            when={making()}
            fallback={
              <Button
                class="mt-3"
                onClick={() => {
                  props.book.begin();
                  setMaking(true);
                }}
              >
                All off for…
              </Button>
            }
          >
            <div class="mt-3">
              <AllOffForm book={props.book} onClose={() => setMaking(false)} />
            </div>
          </Show>
        </Show>
      </section>
    </Show>
  );
}
