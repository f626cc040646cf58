import { createMemo, createResource, createSignal, Show, Suspense } from "solid-js";
import type { AuditEntry, AuditList, AuditListInput } from "../../../server/contract/audit.ts";
import { api } from "../../api/client.ts";
import { type AuditWords, extension } from "../../state/extension.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Segments } from "../../ui/segments.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers, operates } from "../settings/links.ts";
import { AuditFilter, NOTHING_CHOSEN, questionOf } from "./filter.tsx";
import { createAuditPages } from "./pages.ts";
import { AuditRows } from "./rows.tsx";
import { BASIC_WORDS, namesIn } from "./words.ts";

type Place = "here" | "server";

const ASK: Record<Place, (input: AuditListInput) => Promise<AuditList>> = {
  here: (input) => api.audit.list.query(input),
  server: (input) => api.system.audit.query(input),
};

export function AuditPage() {
  const [wanted, setWanted] = createSignal<Place>();
  const place = () => wanted() ?? (administers() || !operates() ? "here" : "server");
  // Words for what only some servers do arrive with what these servers offer.
  const [further] = createResource(extension, ({ auditWords }) => auditWords());
  const words = () => ({ ...BASIC_WORDS, ...further.latest });
  return (
    <SettingsFrame title="Audit" lead="Who changed what, and when. Nothing here can be changed or deleted.">
      <Show when={operates()}>
        <div class="mt-5 flex">
          <Segments
            label="Whose changes"
            value={place()}
            onChoose={setWanted}
            options={[
              { value: "here", label: "Monitoring" },
              { value: "server", label: "Server" },
            ]}
          />
        </div>
      </Show>
      <Suspense>
        <Show when={place()} keyed>
          {(shown) => <AuditOf place={shown} words={words()} />}
        </Show>
      </Suspense>
    </SettingsFrame>
  );
}

function AuditOf(props: { place: Place; words: AuditWords }) {
  const [chosen, setChosen] = createSignal(NOTHING_CHOSEN);
  const question = createMemo(() => questionOf(chosen()));
  const pages = createAuditPages(question, ASK[props.place]);
  // Choices stay when the filter has made their entries disappear.
  const seen = createMemo<AuditEntry[]>((before) => {
    const known = new Set(before.map(({ seq }) => seq));
    return [...before, ...(pages.entries() ?? []).filter(({ seq }) => !known.has(seq))];
  }, []);
  const isFiltered = () => Object.keys(question()).length > 0;
  return (
    <div class="mt-5 space-y-4">
      <Show when={seen().length > 0}>
        <AuditFilter chosen={chosen()} onChoose={setChosen} words={props.words} seen={seen()} />
      </Show>
      <Show when={pages.refusal()}>{(refused) => <Notice>{refused().words}</Notice>}</Show>
      <Show
        when={pages.entries()}
        fallback={
          <Show when={!pages.refusal()}>
            <div class="skeleton h-40 w-full" />
          </Show>
        }
      >
        {(entries) => (
          <Show when={entries().length > 0} fallback={<NoEntries filtered={isFiltered()} />}>
            <AuditRows entries={entries()} names={namesIn(seen())} words={props.words} />
            <Show when={pages.hasMore()}>
              <Button busy={pages.pending()} onClick={pages.more}>
                Load more
              </Button>
            </Show>
          </Show>
        )}
      </Show>
    </div>
  );
}

function NoEntries(props: { filtered: boolean }) {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">{props.filtered ? "Nothing matches" : "Nothing has been changed yet"}</p>
      <p class="mt-1 text-ink-2">
        {props.filtered
          ? "Choose a longer time, or anybody."
          : "Every change of rights and settings is written down here as it happens: a token that is created or revoked, for example, with who did it and from when on it counted."}
      </p>
    </div>
  );
}
