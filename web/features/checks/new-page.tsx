import { useNavigate, useSearchParams } from "@solidjs/router";
import { Show } from "solid-js";
import type { CheckType, Source } from "../../../server/contract/sources.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { administers } from "../settings/links.ts";
import { FORMS } from "../sources/forms/forms.ts";
import { typesFor } from "../sources/list.ts";
import { SourceForm } from "../sources/source-form.tsx";
import { CheckPicker } from "./check-picker.tsx";
import { CheckFrame } from "./frame.tsx";

export function NewCheckPage() {
  const [query] = useSearchParams();
  const type = () => typesFor("checks").find((each) => each === query["type"]) as CheckType | undefined;
  return (
    <Show
      when={administers()}
      fallback={
        <CheckFrame title="New check">
          <Notice>Checks are set up by admins. Ask one of them to add it.</Notice>
        </CheckFrame>
      }
    >
      <Show
        when={type()}
        keyed
        fallback={
          <CheckFrame title="New check" lead="What do you want to check?">
            <CheckPicker />
          </CheckFrame>
        }
      >
        {(chosen) => <NewCheck type={chosen} />}
      </Show>
    </Show>
  );
}

function NewCheck(props: { type: CheckType }) {
  const navigate = useNavigate();
  const agents = createAnswer(
    () => true,
    () => api.agents.list.query(),
  );
  const saved = ({ id, name }: Source) => {
    toast(`${name} is checked from now on.`);
    // Its address is what one needs next.
    navigate(props.type === "heartbeat" ? `/checks/${id}` : "/checks");
  };
  return (
    <CheckFrame
      title={FORMS[props.type].label}
      lead={FORMS[props.type].words}
      back={{ href: "/checks/new", label: "New check" }}
    >
      <SourceForm type={props.type} agents={agents.value()?.agents ?? []} onSaved={saved} />
    </CheckFrame>
  );
}
