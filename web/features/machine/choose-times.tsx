import { createSignal } from "solid-js";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Layer } from "../../ui/layer.tsx";
import { type Bounds, LONGEST_MS } from "./window.ts";

interface ChooseTimesProps {
  shown: Bounds;
  onChoose: (bounds: Bounds) => void;
  onClose: () => void;
}

/** From when to when, in the zone of whoever looks. */
export function ChooseTimes(props: ChooseTimesProps) {
  const [from, setFrom] = createSignal(written(props.shown.from));
  const [to, setTo] = createSignal(written(props.shown.to));
  const [wrong, setWrong] = createSignal<{ from?: string; to?: string }>({});
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const bounds = { from: Date.parse(from()), to: Date.parse(to()) };
    const found = faultOf(bounds);
    setWrong(found);
    if (found.from || found.to) {
      event.currentTarget.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    props.onChoose(bounds);
    props.onClose();
  };
  return (
    <Layer label="From when to when" heading onClose={props.onClose} class="max-w-sm">
      <form noValidate class="flex flex-col gap-4 px-5 pt-2 pb-5" onSubmit={submit}>
        <Field
          label="From"
          type="datetime-local"
          autofocus
          value={from()}
          onInput={setFrom}
          error={wrong().from}
        />
        <Field
          label="To"
          type="datetime-local"
          value={to()}
          onInput={setTo}
          error={wrong().to}
          help={`Times of this device: ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`}
        />
        <div class="flex justify-end gap-2">
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button look="primary" type="submit">
            Show
          </Button>
        </div>
      </form>
    </Layer>
  );
}

function faultOf({ from, to }: Bounds): { from?: string; to?: string } {
  if (Number.isNaN(from)) return { from: "Say a day and a time." };
  if (Number.isNaN(to)) return { to: "Say a day and a time." };
  if (from >= serverNow()) return { from: "This is in the future." };
  if (to <= from) return { to: "Must be later than the first." };
  if (to - from > LONGEST_MS) return { from: "At most 800 days can be shown at once." };
  return {};
}

/** As the field wants it: local, without a zone. */
function written(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
