import type { NewPassword } from "../../../server/contract/people.ts";
import { Button } from "../../ui/button.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { Layer } from "../../ui/layer.tsx";

/** The only time a generated password is on the screen. */
export function HandOver(props: { given: NewPassword; onClose: () => void }) {
  return (
    <Layer label={`Password of ${props.given.person.name}`} heading onClose={props.onClose}>
      <Given given={props.given} onClose={props.onClose} />
    </Layer>
  );
}

export function Given(props: { given: NewPassword; onClose: () => void }) {
  return (
    <div class="space-y-4 overflow-y-auto px-5 pt-1 pb-5">
      <p class="text-ink-2">
        Hand it over on a way that only {props.given.person.email} reads. Pulse cannot show it again; it can
        be changed in the settings after signing in.
      </p>
      <Copyable label="Password" text={props.given.password} />
      <div class="flex justify-end">
        <Button look="primary" onClick={() => props.onClose()}>
          Done
        </Button>
      </div>
    </div>
  );
}
