import { A } from "@solidjs/router";
import { TroubleFrame } from "./trouble-frame.tsx";

export function NotFoundPage() {
  return (
    <TroubleFrame title="There is no page here">
      <p class="text-ink-2">The address may be mistyped, or what it showed is gone.</p>
      <p class="mt-5">
        <A href="/" class="font-medium text-accent hover:underline">
          Go to the overview
        </A>
      </p>
    </TroubleFrame>
  );
}
