import { A, useLocation } from "@solidjs/router";
import { TroubleFrame } from "./trouble-frame.tsx";

/** Where a server may have a page that another one does not have. */
const MAY_BE_MISSING = /^\/(?:settings|o)\//;

export function NotFoundPage() {
  const location = useLocation();
  return (
    <TroubleFrame title="There is no page here">
      <p class="text-ink-2">
        {MAY_BE_MISSING.test(location.pathname)
          ? "This feature is not available."
          : "The address may be mistyped, or what it showed is gone."}
      </p>
      <p class="mt-5">
        <A href="/" class="font-medium text-accent hover:underline">
          Go to the overview
        </A>
      </p>
    </TroubleFrame>
  );
}
