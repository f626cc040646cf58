import { Button } from "../../ui/button.tsx";
import { TroubleFrame } from "./trouble-frame.tsx";

/** Shown where a page failed to draw itself. The cause is for whoever reports it. */
export function BrokenPage(props: { error: unknown; reset: () => void }) {
  const cause = () => (props.error instanceof Error ? props.error.message : String(props.error));
  return (
    <TroubleFrame title="This page could not be drawn">
      <p class="text-ink-2" role="alert">
        The fault is in the page, not in your machines; they are watched as before. Load it again: after an
        update of the server that is all it needs.
      </p>
      <p class="mt-3 font-mono text-xs break-words text-ink-3">{cause()}</p>
      <div class="mt-5 flex gap-2">
        <Button look="primary" onClick={() => location.reload()}>
          Load again
        </Button>
        <Button onClick={() => props.reset()}>Try without loading</Button>
      </div>
    </TroubleFrame>
  );
}
