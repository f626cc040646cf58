import { loadSession } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { FrontDoor } from "../sign-in/front-door.tsx";

/** The very first question got no answer; it is asked again by itself. */
export function UnreachablePage() {
  return (
    <FrontDoor title="The server does not answer">
      <div role="status">
        <p class="text-ink-2">
          Check that Pulse runs on <span class="break-all text-ink">{location.host}</span> and that this
          device can reach it. This page tries again every few seconds and opens by itself.
        </p>
      </div>
      <Button class="mt-5" onClick={() => void loadSession()}>
        Try now
      </Button>
    </FrontDoor>
  );
}
