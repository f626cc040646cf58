import { useNavigate, useSearchParams } from "@solidjs/router";
import { type JSX, Show } from "solid-js";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { FORMS } from "./forms/forms.ts";
import { typesFor } from "./list.ts";
import { SetupScript } from "./setup-script.tsx";
import { SourceForm } from "./source-form.tsx";
import { TypePicker } from "./type-picker.tsx";

const SOURCES = { href: "/settings/sources", label: "Sources" };

export function NewSourcePage() {
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const type = () => typesFor("sources").find((each) => each === query["type"]);
  return (
    <Show when={type()} keyed fallback={<Choice />}>
      {(chosen) => (
        <SettingsFrame
          title={FORMS[chosen].label}
          lead={FORMS[chosen].words}
          back={{ href: "/settings/sources/new", label: "New source" }}
        >
          <Guarded>
            <div class="space-y-4">
              {chosen === "proxmox-ve" || chosen === "proxmox-backup" ? <SetupScript type={chosen} /> : null}
              <SourceForm
                type={chosen}
                onSaved={({ name }) => {
                  toast(`${name} is asked from now on.`);
                  navigate("/settings/sources");
                }}
              />
            </div>
          </Guarded>
        </SettingsFrame>
      )}
    </Show>
  );
}

function Choice() {
  return (
    <SettingsFrame title="New source" lead="What is it?" back={SOURCES}>
      <Guarded>
        <TypePicker types={typesFor("sources")} label="Types of sources" to="/settings/sources/new" />
      </Guarded>
    </SettingsFrame>
  );
}

function Guarded(props: { children: JSX.Element }) {
  return (
    <div class="mt-6">
      <Show
        when={administers()}
        fallback={<Notice>Sources are set up by admins. Ask one of them to add it.</Notice>}
      >
        {props.children}
      </Show>
    </div>
  );
}
