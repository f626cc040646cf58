import { EditPage } from "../forms/settings-pages.tsx";
import { PauseButton, RemoveSource } from "./deeds.tsx";
import { FORMS } from "./forms/forms.ts";
import { createSourceList } from "./list.ts";
import { SourceForm } from "./source-form.tsx";

export function EditSourcePage() {
  const list = createSourceList();
  return (
    <EditPage
      what="source"
      list={{ href: "/settings/sources", label: "Sources" }}
      kinds={FORMS}
      things={list.value()?.sources}
      refusal={undefined}
      adminsOnly="Sources are changed by admins."
      action={(source) => <PauseButton look="plain" source={source} onDone={() => void list.ask()} />}
      form={(source, saved, removed) => (
        <SourceForm type={source.type} source={source} onSaved={saved}>
          <RemoveSource source={source} onDone={removed}>
            It is not asked any more; what it brought is forgotten with time.
          </RemoveSource>
        </SourceForm>
      )}
    />
  );
}
