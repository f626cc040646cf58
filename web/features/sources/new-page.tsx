import { NewPage } from "../forms/settings-pages.tsx";
import { FORMS } from "./forms/forms.ts";
import { typesFor } from "./list.ts";
import { SetupScript } from "./setup-script.tsx";
import { SourceForm } from "./source-form.tsx";

export function NewSourcePage() {
  return (
    <NewPage
      title="New source"
      question="What is it?"
      list={{ href: "/settings/sources", label: "Sources" }}
      kinds={FORMS}
      types={typesFor("sources")}
      typesLabel="Types of sources"
      adminsOnly="Sources are set up by admins. Ask one of them to add it."
      form={(type, saved) => (
        <div class="space-y-4">
          {type === "proxmox-ve" || type === "proxmox-backup" ? <SetupScript type={type} /> : null}
          <SourceForm type={type} onSaved={({ name }) => saved(`${name} is asked from now on.`)} />
        </div>
      )}
    />
  );
}
