import { For, Match, Show, Switch } from "solid-js";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Select } from "../../ui/select.tsx";
import { TimeZoneField } from "../../ui/time-zone-field.tsx";
import { TimeSpan, WeeklyTime } from "../../ui/weekly-time.tsx";
import { DAY_NAMES, WEEK } from "../../ui/weekly-words.ts";
import { PRESETS, type WhenDraft, type WhenFaults } from "./draft.ts";

interface WhenFieldsProps {
  draft: WhenDraft;
  onChange: (draft: WhenDraft) => void;
  faults: WhenFaults;
}

const TYPES = [
  { value: "once", label: "Once" },
  { value: "weekly", label: "Every week" },
  { value: "monthly", label: "Every month" },
] as const;
const BY = [
  { value: "weekday", label: "On a weekday" },
  { value: "day", label: "On a day" },
] as const;
const NTH = [
  { value: "1", label: "first" },
  { value: "2", label: "second" },
  { value: "3", label: "third" },
  { value: "4", label: "fourth" },
  { value: "last", label: "last" },
];
const WEEKDAYS = WEEK.map((day) => ({ value: String(day), label: DAY_NAMES[day] ?? "" }));
const DAYS = [
  ...Array.from({ length: 31 }, (_, index) => ({ value: String(index + 1), label: String(index + 1) })),
  { value: "last", label: "last" },
];
/** The last day every month has. */
const IN_EVERY_MONTH = 28;

/** When it is quiet. */
export function WhenFields(props: WhenFieldsProps) {
  const change = (part: Partial<WhenDraft>) => props.onChange({ ...props.draft, ...part });
  return (
    <fieldset class="space-y-4">
      <legend class="mb-1.5 text-base font-semibold">When</legend>
      <div class="flex">
        <Segments
          label="How often"
          options={TYPES}
          value={props.draft.type}
          onChoose={(type) => change({ type })}
        />
      </div>
      <Switch>
        <Match when={props.draft.type === "once"}>
          <Once {...props} onPart={change} />
        </Match>
        <Match when={props.draft.type === "weekly"}>
          <WeeklyTime value={props.draft} onChange={props.onChange} errors={props.faults} />
        </Match>
        <Match when={true}>
          <Monthly {...props} onPart={change} />
        </Match>
      </Switch>
      <Show when={props.draft.type !== "once"}>
        <div class="grid max-w-sm grid-cols-2 gap-x-4">
          <Field
            label="First day"
            type="date"
            optional
            value={props.draft.firstDay}
            onInput={(firstDay) => change({ firstDay })}
            error={props.faults.firstDay}
          />
          <Field
            label="Last day"
            type="date"
            optional
            value={props.draft.lastDay}
            onInput={(lastDay) => change({ lastDay })}
            error={props.faults.lastDay}
          />
        </div>
      </Show>
    </fieldset>
  );
}

type Part = WhenFieldsProps & { onPart: (part: Partial<WhenDraft>) => void };

function Once(props: Part) {
  return (
    <>
      <div class="-mx-2 flex flex-wrap gap-1">
        <For each={PRESETS}>
          {({ label, times }) => (
            <Button look="quiet" onClick={() => props.onPart(times(now()))}>
              {label}
            </Button>
          )}
        </For>
      </div>
      <div class="grid max-w-lg gap-x-4 gap-y-4 sm:grid-cols-2">
        <Field
          label="From"
          type="datetime-local"
          value={props.draft.begins}
          onInput={(begins) => props.onPart({ begins })}
          error={props.faults.begins}
        />
        <Field
          label="To"
          type="datetime-local"
          value={props.draft.ends}
          onInput={(ends) => props.onPart({ ends })}
          error={props.faults.ends}
        />
      </div>
    </>
  );
}

function Monthly(props: Part) {
  const isInEvery = () => props.draft.day === "last" || Number(props.draft.day) <= IN_EVERY_MONTH;
  return (
    <>
      <div class="flex">
        <Segments
          label="On what"
          options={BY}
          value={props.draft.by}
          onChoose={(by) => props.onPart({ by })}
        />
      </div>
      <Show
        when={props.draft.by === "weekday"}
        fallback={
          <div class="max-w-44">
            <Select
              label="Day of the month"
              options={DAYS}
              value={props.draft.day}
              onChoose={(day) => props.onPart({ day })}
              help={isInEvery() ? undefined : "A month that has no such day is left out."}
            />
          </div>
        }
      >
        <div class="grid max-w-sm grid-cols-2 gap-x-4">
          <Select
            label="Which"
            options={NTH}
            value={props.draft.nth}
            onChoose={(nth) => props.onPart({ nth })}
          />
          <Select
            label="Weekday"
            options={WEEKDAYS}
            value={String(props.draft.weekday)}
            onChoose={(weekday) => props.onPart({ weekday: Number(weekday) })}
          />
        </div>
      </Show>
      <TimeSpan
        from={props.draft.from}
        to={props.draft.to}
        onChange={props.onPart}
        errors={{ from: props.faults.from, to: props.faults.to }}
      />
      <TimeZoneField
        value={props.draft.timeZone}
        onChange={(timeZone) => props.onPart({ timeZone })}
        error={props.faults.timeZone}
      />
    </>
  );
}
