import type { AuditEntry } from "../../../server/contract/audit.ts";
import { type AuditWords, extension } from "../../state/extension.ts";
import { serverNow } from "../../state/live.ts";
import { Select } from "../../ui/select.tsx";
import type { AuditQuestion } from "./pages.ts";
import { actorWords } from "./rows.tsx";
import { deedWords, kindOf } from "./words.ts";

const DAY_MS = 86_400_000;
const SPANS = [
  { value: "", label: "Any time" },
  { value: "1", label: "Last 24 hours" },
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
];

export interface Chosen {
  action: string;
  actor: string;
  days: string;
}

export const NOTHING_CHOSEN: Chosen = { action: "", actor: "", days: "" };

export function questionOf({ action, actor, days }: Chosen): AuditQuestion {
  return {
    ...(action && { action }),
    ...(actor && { actor }),
    ...(days && { from: serverNow() - Number(days) * DAY_MS }),
  };
}

interface FilterProps {
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
  words: AuditWords;
  /** Everything seen so far: who acts here, and what is done here, is read from it. */
  seen: readonly AuditEntry[];
}

export function AuditFilter(props: FilterProps) {
  const kinds = () => {
    const all = [...new Set(props.seen.map(({ action }) => kindOf(action)))].sort();
    // Kinds this server does not speak of are no choice on it.
    return extension() ? all : all.filter((kind) => kind in props.words);
  };
  const actions = () => [
    { value: "", label: "Everything" },
    ...kinds().flatMap((kind) => {
      const label = props.words[kind] ?? kind;
      const deeds = [...new Set(props.seen.map(({ action }) => action))].filter(
        (action) => kindOf(action) === kind,
      );
      const one = deeds.map((action) => ({
        value: action,
        label: `– ${deedWords(props.words, action, false)}`,
      }));
      return [{ value: kind, label }, ...one];
    }),
  ];
  const actors = () => {
    const known = new Map(
      props.seen.flatMap(({ actor }) => (actor.id === undefined ? [] : [[actor.id, actorWords(actor)]])),
    );
    return [
      { value: "", label: "Anybody" },
      ...[...known].map(([value, label]) => ({ value, label })).sort((a, b) => (a.label < b.label ? -1 : 1)),
    ];
  };
  const choose = (change: Partial<Chosen>) => props.onChoose({ ...props.chosen, ...change });
  return (
    <div class="grid grid-cols-2 gap-2 max-sm:[&>:first-child]:col-span-2 sm:grid-cols-3 lg:max-w-2xl">
      <Select
        bare
        label="What was done"
        options={actions()}
        value={props.chosen.action}
        onChoose={(action) => choose({ action })}
      />
      <Select
        bare
        label="Who did it"
        options={actors()}
        value={props.chosen.actor}
        onChoose={(actor) => choose({ actor })}
      />
      <Select
        bare
        label="When"
        options={SPANS}
        value={props.chosen.days}
        onChoose={(days) => choose({ days })}
      />
    </div>
  );
}
