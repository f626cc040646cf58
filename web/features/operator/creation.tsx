import { createSignal } from "solid-js";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Segments } from "../../ui/segments.tsx";
import { toast } from "../../ui/toast.tsx";

/** Who may make new organizations. */
export function Creation(props: { open: boolean; onChanged: () => void }) {
  const [wanted, setWanted] = createSignal<boolean>();
  const open = () => wanted() ?? props.open;
  const choose = async (next: boolean) => {
    setWanted(next);
    try {
      await api.orgs.setCreation.mutate({ open: next });
      props.onChanged();
    } catch (error) {
      setWanted(undefined);
      toast(explain(error).words);
    }
  };
  return (
    <section class="mt-9">
      <h2 class="font-semibold">Who may create organizations</h2>
      <p class="mt-1 mb-3 text-ink-2">Whoever creates one owns it.</p>
      <div class="flex">
        <Segments
          label="Who may create organizations"
          value={open() ? "everyone" : "operators"}
          onChoose={(value) => void choose(value === "everyone")}
          options={[
            { value: "operators", label: "Operators only" },
            { value: "everyone", label: "Everybody signed in" },
          ]}
        />
      </div>
    </section>
  );
}
