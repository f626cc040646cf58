import { Index, Show } from "solid-js";
import { ROUTE_LIMITS } from "../../../server/contract/route-limits.ts";
import type { QuietTime } from "../../../server/contract/routes.ts";
import { Button } from "../../ui/button.tsx";
import { Select } from "../../ui/select.tsx";
import { ownTimeZone } from "../../ui/time-zones.ts";
import { WeeklyTime } from "../../ui/weekly-time.tsx";
import { WEEK } from "../../ui/weekly-words.ts";
import { faultsBelow } from "./draft.ts";

const BREAKING: { value: QuietTime["breaksThrough"]; label: string }[] = [
  { value: "critical", label: "What is critical is told all the same" },
  { value: "nothing", label: "Nothing is told" },
];

/** Times in which what happens waits for their end. */
export function QuietTimes(props: {
  value: readonly QuietTime[];
  onChange: (times: QuietTime[]) => void;
  /** Of the whole, and of each by its place: "0.days". */
  error: string | undefined;
  errors: Readonly<Record<string, string>>;
}) {
  const add = () =>
    props.onChange([
      ...props.value,
      { days: [...WEEK], from: "22:00", to: "07:00", timeZone: ownTimeZone(), breaksThrough: "critical" },
    ]);
  return (
    <fieldset>
      <legend class="font-medium">Quiet times</legend>
      <p class="mb-3 text-sm text-ink-2">
        What happens meanwhile waits for their end, and is told if it is still so.
      </p>
      <Index each={props.value}>
        {(time, at) => (
          <div class="mb-4 space-y-4 border-l-2 border-line pl-4">
            <WeeklyTime
              value={time()}
              onChange={(next) => props.onChange(props.value.map((one, nth) => (nth === at ? next : one)))}
              errors={faultsBelow(props.errors, String(at))}
            />
            <Select
              label="Meanwhile"
              options={BREAKING}
              value={time().breaksThrough}
              onChoose={(breaksThrough) =>
                props.onChange(props.value.map((one, nth) => (nth === at ? { ...one, breaksThrough } : one)))
              }
            />
            <Button
              look="quiet"
              class="-ml-2 text-sm"
              onClick={() => props.onChange(props.value.filter((_, nth) => nth !== at))}
            >
              Remove this quiet time
            </Button>
          </div>
        )}
      </Index>
      <Show when={props.value.length < ROUTE_LIMITS.quietTimes}>
        <Button onClick={add}>Add a quiet time</Button>
      </Show>
      <p class="mt-1.5 text-sm text-bad empty:hidden">{props.error ?? ""}</p>
    </fieldset>
  );
}
