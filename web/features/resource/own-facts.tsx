import { A } from "@solidjs/router";
import { createSignal, For, lazy, Show, Suspense } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { Button } from "../../ui/button.tsx";
import { edits } from "../settings/links.ts";
import { tagsOf } from "./tags.ts";

const OwnEditor = lazy(async () => ({ default: (await import("./own-editor.tsx")).OwnEditor }));
const Merges = lazy(async () => ({ default: (await import("./merges.tsx")).Merges }));

/** What people say about a resource, and the way to say it. */
export function OwnFacts(props: { resource: Resource }) {
  let opener: HTMLButtonElement | undefined;
  const [editing, setEditing] = createSignal(false);
  // What others show here is theirs to describe.
  const mayEdit = () => edits() && !props.resource.sharedFrom;
  const own = () => props.resource.own;
  const close = () => {
    setEditing(false);
    queueMicrotask(() => opener?.focus());
  };
  return (
    <div class="mt-3 space-y-2">
      <Show when={!editing()}>
        <div class="flex flex-wrap items-center gap-x-4 gap-y-1.5">
          <Show when={tagsOf(props.resource).length > 0}>
            <ul aria-label="Tags" class="flex flex-wrap gap-1">
              <For each={tagsOf(props.resource)}>
                {(tag) => (
                  <li>
                    <A
                      href={`/resources?tag=${encodeURIComponent(tag)}`}
                      class="flex min-h-6 items-center rounded-sm bg-hover px-1.5 text-sm text-ink-2 hover:text-ink"
                    >
                      {tag}
                    </A>
                  </li>
                )}
              </For>
            </ul>
          </Show>
          <Show when={own()?.link}>
            {(link) => (
              <a
                href={link()}
                target="_blank"
                rel="noopener noreferrer"
                class="inline-flex min-h-6 max-w-80 items-center font-medium text-accent hover:underline"
              >
                <span class="truncate">{withoutScheme(link())}</span>
              </a>
            )}
          </Show>
          <Show when={own()?.expectedOff}>
            <span class="text-sm text-ink-2">Off now and then, as expected</span>
          </Show>
          <Show when={mayEdit()}>
            <Button ref={opener} look="quiet" class="-ml-2 h-7! text-sm" onClick={() => setEditing(true)}>
              {own() ? "Edit" : "Add a name, notes, tags"}
            </Button>
          </Show>
        </div>
        <Show when={own()?.notes}>
          {(notes) => (
            <p class="max-w-prose [overflow-wrap:anywhere] whitespace-pre-wrap text-ink-2">{notes()}</p>
          )}
        </Show>
      </Show>
      <Suspense>
        <Show when={editing()}>
          <OwnEditor resource={props.resource} onClose={close} />
        </Show>
        <Show when={props.resource.sources.length > 1}>
          <Merges resource={props.resource} maySeparate={mayEdit()} />
        </Show>
      </Suspense>
    </div>
  );
}

function withoutScheme(link: string): string {
  return link.replace(/^https?:\/\//i, "").replace(/\/$/, "");
}
