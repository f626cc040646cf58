import { DayPicker } from "./day-picker.tsx";
import { Field } from "./field.tsx";
import { TimeZoneField } from "./time-zone-field.tsx";
import { endsNextDay, type WeeklyTimes } from "./weekly-words.ts";

interface WeeklyTimeProps<Value extends WeeklyTimes> {
  value: Value;
  onChange: (value: Value) => void;
  /** What is wrong, by the field. */
  errors?: Partial<Record<keyof WeeklyTimes, string | undefined>>;
}

/** Some days of the week, between two times of a time zone. What else the value holds stays as it is. */
export function WeeklyTime<Value extends WeeklyTimes>(props: WeeklyTimeProps<Value>) {
  const change = (part: Partial<WeeklyTimes>) => props.onChange({ ...props.value, ...part });
  return (
    <div class="space-y-4">
      <DayPicker
        label="On"
        days={props.value.days}
        onChange={(days) => change({ days })}
        error={props.errors?.days}
      />
      <TimeSpan
        from={props.value.from}
        to={props.value.to}
        onChange={change}
        errors={{ from: props.errors?.from, to: props.errors?.to }}
      />
      <TimeZoneField
        value={props.value.timeZone}
        onChange={(timeZone) => change({ timeZone })}
        error={props.errors?.timeZone}
      />
    </div>
  );
}

interface TimeSpanProps {
  from: string;
  to: string;
  onChange: (part: { from?: string; to?: string }) => void;
  errors?: { from?: string | undefined; to?: string | undefined };
}

/** Between two times of a day, or over midnight. */
export function TimeSpan(props: TimeSpanProps) {
  const isNextDay = () => props.from !== "" && props.to !== "" && endsNextDay(props);
  return (
    <div class="grid max-w-sm grid-cols-2 gap-x-4">
      <Field
        label="From"
        type="time"
        value={props.from}
        onInput={(from) => props.onChange({ from })}
        error={props.errors?.from}
      />
      <Field
        label="To"
        type="time"
        value={props.to}
        onInput={(to) => props.onChange({ to })}
        help={isNextDay() ? "On the next day." : ""}
        error={props.errors?.to}
      />
    </div>
  );
}
