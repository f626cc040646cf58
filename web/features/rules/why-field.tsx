import { ALERT_LIMITS } from "../../../server/contract/alert-limits.ts";
import { TextArea } from "../../ui/text-area.tsx";

/** What is kept with an override for whoever meets it later. */
export function WhyField(props: { value: string; onInput: (value: string) => void }) {
  return (
    <TextArea
      label="Why"
      optional
      value={props.value}
      onInput={props.onInput}
      maxLength={ALERT_LIMITS.noteLength}
      help="For whoever wonders later."
    />
  );
}
