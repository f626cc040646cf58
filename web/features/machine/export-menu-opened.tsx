import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, Show } from "solid-js";
import type { ExportFormat } from "../../../server/contract/export.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { toast } from "../../ui/toast.tsx";
import { type Exported, TRIGGER } from "./export-menu.tsx";

const FORMATS: { format: ExportFormat; label: string; for: string }[] = [
  { format: "csv", label: "CSV", for: "for spreadsheets" },
  { format: "openmetrics", label: "OpenMetrics", for: "for Prometheus" },
];

const ITEM =
  "flex h-8 items-center gap-2 rounded-sm px-2 text-ink outline-none data-[highlighted]:bg-hover cursor-default";

/** The menu itself; it is fetched when someone first reaches for it. */
export function ExportMenuOpened(props: Exported) {
  return (
    <DropdownMenu defaultOpen placement="bottom-start" gutter={6}>
      <DropdownMenu.Trigger class={TRIGGER}>Export</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content class="settle z-50 w-64 rounded-lg border border-line bg-raised p-1 shadow-[var(--shadow)] outline-none">
          <p class="px-2 pt-1.5 pb-2 text-sm text-ink-2">Every sample of the time shown</p>
          <For each={props.hasParts ? [false, true] : [false]}>
            {(parts) => (
              <>
                <Show when={parts}>
                  <DropdownMenu.Separator class="-mx-1 my-1 border-line" />
                  <p class="px-2 py-1.5 text-sm text-ink-2">With all its parts</p>
                </Show>
                <For each={FORMATS}>
                  {(choice) => (
                    <DropdownMenu.Item
                      class={ITEM}
                      onSelect={() => void download(props, choice.format, parts)}
                    >
                      <span class="flex-1">{choice.label}</span>
                      <span class="text-sm text-ink-3">{choice.for}</span>
                    </DropdownMenu.Item>
                  )}
                </For>
              </>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}

/** A link cannot say which organization it is about; a call can, and is told where the link may go. */
async function download(exported: Exported, format: ExportFormat, parts: boolean): Promise<void> {
  try {
    const { path } = await api.history.exportTicket.mutate({
      resourceId: exported.resourceId,
      parts,
      metrics: [],
      from: Math.max(0, Math.floor(exported.from)),
      to: Math.ceil(exported.to),
      format,
      step: "raw",
    });
    const link = document.createElement("a");
    link.href = path;
    link.download = "";
    link.click();
  } catch (error) {
    toast(`Nothing was exported. ${explain(error).words}`);
  }
}
