import { createSignal, Show } from "solid-js";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import { MachinePicker } from "./machine-picker.tsx";
import { type GivenRole, ROLE_OPTIONS } from "./names.ts";

const DAY_MS = 86_400_000;
const ENDS = [
  { value: "never", label: "Until it is withdrawn" },
  { value: "1", label: "In one day" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "365", label: "In one year" },
] as const;
type End = (typeof ENDS)[number]["value"];

export function NewShare(props: { onShared: () => void; onClose: () => void }) {
  const [machine, setMachine] = createSignal<string>();
  const [target, setTarget] = createSignal("");
  const [role, setRole] = createSignal<GivenRole>("viewer");
  const [end, setEnd] = createSignal<End>("never");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const wrongMachine = () => (tried() && !machine() ? "Choose a machine." : refusal()?.fields["resourceId"]);
  const wrongTarget = () => {
    if (tried() && !target().trim()) return "Enter the address of the other organization.";
    if (refusal()?.fields["targetOrg"]) return refusal()?.fields["targetOrg"];
    return refusal()?.reason === "not_found" ? "No organization has this address." : undefined;
  };
  const general = () => (refusal() && !wrongTarget() && !wrongMachine() ? refusal()?.words : undefined);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    const resourceId = machine() as ResourceId | undefined;
    if (!resourceId || !target().trim()) return focusWrong(form);
    setBusy(true);
    try {
      const { share } = await api.shares.create.mutate({
        resourceId,
        targetOrg: target().trim().toLowerCase(),
        role: role(),
        ...(end() !== "never" && { expiresAt: serverNow() + Number(end()) * DAY_MS }),
      });
      toast(
        share.state === "accepted"
          ? `${share.org.name} sees ${share.resource.name}.`
          : `An admin of ${share.org.name} has to accept it.`,
      );
      props.onShared();
      props.onClose();
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      focusWrong(form);
    }
  };

  return (
    <Layer label="Share a machine" heading onClose={props.onClose}>
      <form class="space-y-4 overflow-y-auto px-5 pt-1 pb-5" onSubmit={submit} noValidate>
        <Show when={general()}>
          {(words) => (
            <Notice level="critical" alert>
              {words()}
            </Notice>
          )}
        </Show>
        <MachinePicker value={machine()} onChoose={setMachine} error={wrongMachine()} />
        <Field
          label="With"
          autocomplete="off"
          maxLength={40}
          value={target()}
          onInput={setTarget}
          error={wrongTarget()}
          help="The address of the other organization, as it stands after /o/ in its pages."
        />
        <Select
          label="For members from"
          options={ROLE_OPTIONS}
          value={role()}
          onChoose={setRole}
          help="Those with this role or a higher one see it, and may do what this role may."
        />
        <Select label="Ends" options={ENDS} value={end()} onChoose={setEnd} />
        <div class="flex justify-end gap-2">
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button type="submit" look="primary" busy={busy()}>
            Share
          </Button>
        </div>
      </form>
    </Layer>
  );
}
