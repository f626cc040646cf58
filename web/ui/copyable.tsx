import { createSignal } from "solid-js";
import { Button } from "./button.tsx";
import { copyText } from "./copy.ts";

interface CopyableProps {
  label: string;
  text: string;
  /** Keeps its lines: a command, for example. */
  block?: boolean;
  /** Long: scrolls in itself. */
  tall?: boolean;
  help?: string;
}

/** A text to be taken somewhere else: a secret that is shown once, a command, a link. */
export function Copyable(props: CopyableProps) {
  let box: HTMLElement | undefined;
  const [said, setSaid] = createSignal("Copy");
  const copy = async () => {
    if (await copyText(props.text)) setSaid("Copied");
    else if (box) {
      getSelection()?.selectAllChildren(box);
      setSaid("Selected");
    }
    setTimeout(() => setSaid("Copy"), 3_000);
  };
  return (
    <div>
      <div class="mb-1.5 flex items-end justify-between gap-4">
        <span class="font-medium">{props.label}</span>
        <Button
          class="h-7! text-sm"
          aria-label={`Copy ${props.label.toLowerCase()}`}
          onClick={() => void copy()}
        >
          {said()}
        </Button>
        <span class="sr-only" role="status">
          {said() === "Copy" ? "" : said()}
        </span>
      </div>
      <code
        ref={box}
        class="block rounded-md border border-line bg-page px-3 py-2 font-mono text-sm break-all select-all"
        classList={{
          "whitespace-pre-wrap": props.block ?? false,
          "max-h-64 overflow-y-auto": props.tall ?? false,
        }}
        tabindex={props.tall ? 0 : undefined}
      >
        {props.text}
      </code>
      <p class="mt-1.5 text-sm text-ink-2 empty:hidden">{props.help ?? ""}</p>
    </div>
  );
}
