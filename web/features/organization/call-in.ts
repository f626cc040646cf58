import { createTRPCClient, httpLink } from "@trpc/client";
import type { AppRouter } from "../../../server/api/router.ts";
import { placeHeaders } from "../../api/place-headers.ts";
import { API_URL } from "../../api/url.ts";

/** For the one call about an organization that the tab does not stand in: a deleted one cannot be entered. */
export function callIn(slug: string) {
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: API_URL, headers: placeHeaders(slug) })] });
}
