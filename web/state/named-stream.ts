import { EventSource } from "eventsource";
import type { EndReason } from "../../server/contract/live.ts";
import type { Refusal } from "../api/errors.ts";
import { placeHeaders } from "../api/place-headers.ts";
import { API_URL } from "../api/url.ts";

type FetchOf = NonNullable<ConstructorParameters<typeof EventSource>[1]>["fetch"];

/** What a refused question says about the stream beside it. */
const END_FOR: Partial<Record<Refusal["reason"], EndReason>> = {
  access_denied: "access_changed",
  org_suspended: "org_suspended",
  feature_disabled: "feature_disabled",
  license_required: "feature_disabled",
};

/** A stream that says with every request which place its events are wanted from. */
export function streamNaming(slug: string) {
  const headers = placeHeaders(slug);
  const fetchNaming: FetchOf = (url, init) =>
    fetch(url, { ...init, headers: { ...init.headers, ...headers } });
  return {
    headers,
    endFor: (reason: Refusal["reason"]) => END_FOR[reason],
    // In a worker it knows no page that a short address could be relative to.
    stream: { url: location.origin + API_URL, EventSource, eventSourceOptions: { fetch: fetchNaming } },
  };
}
